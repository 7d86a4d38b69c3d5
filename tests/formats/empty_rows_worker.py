"""What tf-keras and the archives compute for a row without a step, between two that have some, as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

import k2to3
import keras
import numpy as np
import tensorflow as tf
import tf_keras

LENGTHS = (3, 0, 2)


def rows(shape: tuple[int | None, ...]) -> Any:
    generator = np.random.default_rng(0)
    tokens = generator.integers(0, 3, sum(LENGTHS)).astype("float32")
    vectors = generator.standard_normal((sum(LENGTHS), *(extent or 1 for extent in shape[2:]))).astype("float32")
    return tf.RaggedTensor.from_row_lengths(tokens if len(shape) == 2 else vectors, LENGTHS)


def told(found: Any) -> Any:
    return found.to_list() if hasattr(found, "to_list") else np.asarray(found).tolist()


def main() -> None:
    found = {}
    for source in map(Path, sys.argv[2:]):
        target = Path(sys.argv[1], f"{source.stem}.keras")
        k2to3.convert(source, target, verify="none")
        new = keras.saving.load_model(target, compile=False)
        given = [rows(tuple(tensor.shape)) for tensor in new.inputs]
        given = given if len(given) > 1 else given[0]
        old = tf_keras.models.load_model(source, compile=False)
        found[source.stem] = [told(old(given)), told(new(given))]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
