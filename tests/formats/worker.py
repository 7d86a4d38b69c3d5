"""Load many archives in plain Keras 3, and their sources in tf-keras, in one process.

Reads `[{archive, npz, job?, weights?}]` as JSON and prints one line: an error or "" for each.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np


def check(item: dict[str, Any]) -> str:
    import keras
    from k2to3.proof.oracle import load_oracle
    from k2to3.proof.running import predict

    with np.load(item["npz"]) as stored:
        inputs = [stored[name] for name in stored.files if name.startswith("in")]
        wanted = [stored[name] for name in stored.files if name.startswith("out")]
    models = {"Keras 3": keras.saving.load_model(item["archive"], compile=False, safe_mode=True)}
    if "job" in item:
        models["tf-keras"] = load_oracle(item["job"], {})[0]
    if item.get("weights"):
        fresh = keras.saving.load_model(item["archive"], compile=False)
        fresh.set_weights([np.zeros_like(value) for value in fresh.get_weights()])
        fresh.load_weights(item["weights"])
        for want, have in zip(models["Keras 3"].weights, fresh.weights, strict=True):
            if want.numpy().tobytes() != have.numpy().tobytes():
                return f"{want.path} differs after load_weights"
    for name, model in models.items():
        for index, (want, have) in enumerate(zip(wanted, predict(model, inputs), strict=True)):
            gap = float(np.abs(want - have).max())
            if want.shape != have.shape or not gap <= 1e-5 * float(np.abs(want).max()):
                return f"{name}, output {index}: differs by {gap:.2g}"
    return ""


def main() -> None:
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = []
    for item in json.load(sys.stdin):
        try:
            found.append(check(item))
        except Exception as error:  # every item gets its own answer
            found.append(f"{type(error).__name__}: {error}"[:500])
    answer.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
