"""Loads every archive of a folder and compares it with its function as Keras 3 itself runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import ops

folder, table = Path(sys.argv[1]), Path(sys.argv[2])
found = {}
for index, text in enumerate(line for line in table.read_text().splitlines() if not line.startswith("#")):
    function = eval(text, {"ops": ops})  # the tests' own table
    model = keras.saving.load_model(folder / f"{index}.keras", safe_mode=True)
    x = np.random.default_rng(index).uniform(-2, 2, (4, 4, 4)).astype("float32")
    want, have = (keras.ops.convert_to_numpy(v) for v in (function(ops.convert_to_tensor(x)), model(x)))
    close = want.shape == have.shape and want.dtype == have.dtype and np.allclose(want, have, rtol=2e-5, atol=2e-5)
    found[text] = (
        "equal" if close else f"{have.shape} {np.max(np.abs(have - want)) if want.shape == have.shape else ''}"
    )
print(json.dumps(found))
