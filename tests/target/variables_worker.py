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
    """(layer name, position in the layer, digest of the value) of every variable."""
    for layer in model._flatten_layers():
        own = [v for v in layer._trainable_variables + layer._non_trainable_variables if "seed_generator" not in v.path]
        for index, variable in enumerate(own):
            value = np.ascontiguousarray(variable.numpy())
            yield [layer.name, index, list(value.shape), hashlib.sha256(value.tobytes()).hexdigest()]


if __name__ == "__main__":
    main()
