"""Opens archives with plain Keras 3 and says which values each layer got, by layer name."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np


def main() -> None:
    warnings.filterwarnings("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import keras

    answers.write(json.dumps({"keras": keras.__version__}) + "\n")
    for line in sys.stdin:
        job = json.loads(line)
        try:
            model = keras.saving.load_model(job["archive"], compile=False, safe_mode=True)
            found: Any = {"variables": sorted(variables(model))}
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"[-1000:]}
        answers.write(json.dumps(found) + "\n")
        keras.backend.clear_session()


def variables(model: Any) -> Iterator[list[Any]]:
    """(layer name, digests of its values) for the layers of every model in the model."""
    import keras

    models = [model, *(layer for layer in model._flatten_layers() if isinstance(layer, keras.Model))]
    for owner in dict.fromkeys(models):
        for layer in owner.layers:
            found = sorted(digest(variable) for variable in own_variables(layer))
            if found and not isinstance(layer, keras.Model):
                yield [layer.name, found]


def own_variables(layer: Any) -> Iterator[Any]:
    """Those of a layer and of its cells and wrapped layers, but not of models inside."""
    import keras

    if isinstance(layer, keras.Model):
        return
    yield from (v for v in layer._trainable_variables + layer._non_trainable_variables if "seed" not in v.path)
    for inner in layer._layers:
        yield from own_variables(inner)


def digest(variable: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(variable.numpy()).tobytes()).hexdigest()


if __name__ == "__main__":
    main()
