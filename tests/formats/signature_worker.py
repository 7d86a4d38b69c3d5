"""What TensorFlow itself computes with SavedModels, and plain Keras 3 with what became of them, in one process.

Reads `[{folder, archive, npz}]` as JSON and prints one line: an error or "" for each.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import numpy as np


def check(item: dict[str, Any]) -> str:
    import keras
    import tensorflow as tf

    with np.load(item["npz"]) as stored:
        inputs = [stored[name] for name in stored.files if name.startswith("in")]
        wanted = [stored[name] for name in stored.files if name.startswith("out")]
    loaded = tf.saved_model.load(item["folder"])
    signature = loaded.signatures["serving_default"]
    (given,) = signature.structured_input_signature[1].items()
    found = [value.numpy() for _, value in sorted(signature(**{given[0]: feed(given[1].dtype, inputs[0])}).items())]
    model = keras.saving.load_model(item["archive"], compile=False, safe_mode=True)
    again = model(keras.ops.convert_to_tensor(feed(given[1].dtype, inputs[0])))
    for name, values in (("the signature", found), ("Keras 3", [np.asarray(again)])):
        for want, have in zip(wanted, values, strict=True):
            gap = float(np.abs(want - have).max())
            if want.shape != have.shape or not gap <= 1e-5 * max(1.0, float(np.abs(want).max())):
                return f"{name} differs by {gap:.2g}"
    return ""


def feed(dtype: Any, value: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.constant(value.astype(object) if dtype == tf.string else value, dtype=dtype)


def main() -> None:
    found = []
    for item in json.loads(sys.stdin.read()):
        try:
            found.append(check(item))
        except Exception as error:
            found.append(re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:300])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
