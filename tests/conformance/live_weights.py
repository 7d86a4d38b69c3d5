"""`k2to3.load_weights` on genuine files: a live Keras 3 model, emptied and filled again, computes what was recorded.

    python tests/conformance/live_weights.py [FOLDER ...] [--filter TEXT]

Every `NAME.h5` with a `NAME.npz` beside it (fixtures, by default): the model is rebuilt from our own archive, every
variable is overwritten, the weights are loaded out of the old file, and its outputs are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter"), str(HERE)]

import h5py  # noqa: E402
import k2to3  # noqa: E402
import keras  # noqa: E402
import keras_worker  # noqa: E402
import numpy as np  # noqa: E402


def check(path: Path, folder: Path) -> tuple[str, str]:
    """Status and what there is to say."""
    beside = path.with_suffix(".arch.json")
    given = {"architecture": beside} if beside.exists() else {}
    archive = folder / "m.keras"
    try:
        k2to3.convert(path, archive, verify="none", overwrite=True, **given)
        model = keras.saving.load_model(archive, compile=False)
    except Exception as error:
        return "no model", str(error)[-200:]
    for variable in model.variables:
        if "seed" not in variable.path:
            variable.assign(np.full(variable.shape, 0.25))
    with h5py.File(path) as file:
        alone = "model_weights" not in file
    try:
        found = k2to3.load_weights(model, path, **({"defaults_said": True} if alone else {}))
    except k2to3.K2to3Error as error:
        return "refused", str(error)[-300:]
    with np.load(path.with_suffix(".npz")) as stored:
        inputs = [stored[f"in{i}"] for i in range(sum(key.startswith("in") for key in stored.files))]
        wanted = [stored[f"out{i}"] for i in range(sum(key.startswith("out") for key in stored.files))]
    try:
        outputs = keras_worker.predict(model, inputs, [], [])
    except Exception as error:
        return "run error", str(error)[-200:]
    answer = keras_worker.compared(wanted, outputs, 1e-5)
    return answer["status"], f"{found.variables} variables {answer.get('detail', '')}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path, default=[HERE.parents[1] / "fixtures"])
    parser.add_argument("--filter", default="")
    given = parser.parse_args()
    keras.utils.disable_interactive_logging()
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for path in (path for folder in given.folders for path in sorted(folder.glob("*.h5"))):
            if given.filter not in path.stem or not path.with_suffix(".npz").exists():
                continue
            status, detail = check(path, Path(name))
            counted[status] += 1
            print(f"{status:10} {path.stem:44} {detail}", flush=True)
            keras.backend.clear_session()
    print(json.dumps(counted))
    return 0 if set(counted) <= {"ok"} else 1


if __name__ == "__main__":
    sys.exit(main())
