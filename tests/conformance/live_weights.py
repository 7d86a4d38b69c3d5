"""`k2to3.load_weights` on genuine files: a live Keras 3 model, emptied and filled again, computes what was recorded.

    python tests/conformance/live_weights.py [FOLDER ...] [--filter TEXT] [--sample N] [--wrong]

Every `NAME.h5` with a `NAME.npz` beside it (fixtures, by default): the model is rebuilt from our own archive, every
variable is overwritten, the weights are loaded out of the old file, and its outputs are compared. With `--wrong`, each
model is also built with one thing changed (an activation, a padding, an epsilon, a size, a layer less), once for each
thing, and has to be refused.
"""

from __future__ import annotations

import argparse
import json
import os
import random
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
from wrong_models import changed_configs  # noqa: E402


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
    described = path.with_suffix(".json")
    tolerance = json.loads(described.read_text())["tol"] if described.exists() else 1e-5
    answer = keras_worker.compared(wanted, outputs, tolerance)
    return answer["status"], f"{found.variables} variables {answer.get('detail', '')}"


def wrong(path: Path, folder: Path) -> tuple[str, str]:
    """How many models with one thing changed were refused; the first that was filled all the same."""
    with h5py.File(path) as file:
        if "model_weights" not in file:
            return "alone", "weights alone do not say what a model computes"
    refused = 0
    for name, config in changed_configs(folder / "m.keras"):
        try:
            model = keras.saving.deserialize_keras_object(config, safe_mode=False)
            assert model.built
        except Exception:
            continue
        try:
            k2to3.load_weights(model, path)
        except k2to3.K2to3Error:
            refused += 1
        else:
            return "filled", name
    return "refused", f"{refused} wrong models"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path, default=[HERE.parents[1] / "fixtures"])
    parser.add_argument("--filter", default="")
    parser.add_argument("--sample", type=int, help="so many files of each folder, the same ones every time")
    parser.add_argument("--wrong", action="store_true")
    given = parser.parse_args()
    keras.utils.disable_interactive_logging()
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for path in (path for folder in given.folders for path in chosen(folder, given.filter, given.sample)):
            for judged in (check, wrong) if given.wrong else (check,):
                status, detail = judged(path, Path(name))
                if judged is check or status != "alone":
                    counted[f"{judged.__name__}: {status}"] += 1
                    print(f"{judged.__name__:5} {status:10} {path.stem:44} {detail}", flush=True)
                keras.backend.clear_session()
                if status == "no model":
                    break
    print(json.dumps(counted))
    return 0 if set(counted) <= {"check: ok", "check: no model", "wrong: refused"} else 1


def chosen(folder: Path, text: str, sample: int | None) -> list[Path]:
    """The files with recorded outputs; of a sample, each kind of model before any a second time."""
    found = [path for path in sorted(folder.glob("*.h5")) if text in path.stem and path.with_suffix(".npz").exists()]
    if sample is None:
        return found
    random.Random(14).shuffle(found)
    seen: Counter[str] = Counter()
    turns = []
    for path in found:
        kind = path.stem.rpartition("__")[2]
        turns.append((seen[kind], path))
        seen[kind] += 1
    return [path for _, path in sorted(turns, key=lambda turn: turn[0])][:sample]


if __name__ == "__main__":
    sys.exit(main())
