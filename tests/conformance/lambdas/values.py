"""Every Lambda of the corpus: tf-keras runs the function itself, Keras 3 what became of it.

usage: python -m tests.conformance.lambdas.values [name ...]   (prints one line per Lambda)
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import math

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from k2to3 import K2to3Error, convert
from k2to3.proof.differences import difference

from tests.conformance.lambdas.corpus import Entry, entries


def function(entry: Entry) -> Any:
    """The Python function that the author meant; the sources are our own."""
    names = {"K": tf_keras.backend, "tf": tf, "np": np, "math": math, "keras": tf_keras}
    sys.modules["keras_for_lambdas"] = tf_keras
    source = entry.source.replace("from keras import", "from keras_for_lambdas import")
    if source.startswith("def"):
        exec(source, names)
        return names[source.split("(")[0].removeprefix("def ").strip()]
    return eval(source, names)


def samples(entry: Entry, batch: int) -> list[Any]:
    generator = np.random.default_rng(7)
    return [
        generator.integers(0, 5, (batch, *shape)).astype("int32")
        if dtype == "int32"
        else generator.standard_normal((batch, *shape)).astype("float32")
        for shape, dtype in entry.shapes
    ]


def run(entry: Entry, folder: Path) -> str:
    """`equal`, `refused: …` or what differs."""
    inputs = [tf_keras.Input(shape, dtype=dtype) for shape, dtype in entry.shapes]
    given = inputs[0] if len(inputs) == 1 else inputs
    try:
        found = tf_keras.layers.Lambda(function(entry), name="lam")(given)
        model = tf_keras.Model(inputs, found)
        model.save(folder / "old.h5")
    except Exception as error:
        return f"tf-keras cannot: {str(error).splitlines()[0][:100]}"
    try:
        convert(folder / "old.h5", folder / "new.keras", verify="none", overwrite=True)
    except K2to3Error as error:
        return f"refused: {error.message.splitlines()[0]}"
    new = keras.saving.load_model(folder / "new.keras", safe_mode=True)
    for batch in (3, 1):
        values = samples(entry, batch)
        fed = values[0] if len(values) == 1 else values
        want, have = (tf_keras_outputs(m, fed) for m in (model, new))
        if len(want) != len(have):
            return f"WRONG: {len(have)} outputs"
        for a, b in zip(want, have, strict=True):
            gap, scale, problem = difference(a, b)
            if problem or gap > 2e-5 * scale:
                return f"WRONG: {problem or gap}"
    return "equal"


def tf_keras_outputs(model: Any, fed: Any) -> list[Any]:
    found = model.predict(fed, verbose=0)
    return [np.asarray(item) for item in (found if isinstance(found, (list, tuple)) else [found])]


def main(names: list[str]) -> int:
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for entry in entries():
            if names and entry.name not in names:
                continue
            tf_keras.backend.clear_session()
            result = run(entry, Path(folder))
            counts[result.split(":")[0]] += 1
            if result != "equal":
                print(f"{entry.name}: {result}", flush=True)
    print(dict(counts))
    return int(counts["WRONG"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
