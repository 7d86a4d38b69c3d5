"""A process that opens archives with plain Keras 3 and compares outputs; knows nothing of k2to3.

Reads one job (JSON) a line: `archive`, `reference` (npz with `in0…`, `out0…`), `tolerance`,
`input_names`. Prints one line of JSON: `status` is `ok`, `load_error`, `run_error` or `differs`.
The Keras that `import keras` finds and `KERAS_BACKEND` decide what is tested.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

import numpy as np

Json = dict[str, Any]


def main() -> None:
    warnings.filterwarnings("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import keras

    keras.utils.disable_interactive_logging()
    answers.write(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend()}) + "\n")
    for line in sys.stdin:
        answers.write(json.dumps(check(json.loads(line))) + "\n")
        keras.backend.clear_session()


def check(job: Json) -> Json:
    """One archive against its recorded outputs."""
    import keras

    try:
        model = keras.saving.load_model(job["archive"], compile=False, safe_mode=True)
    except Exception as error:
        return failure("load_error", error)
    with np.load(job["reference"], allow_pickle=False) as stored:
        inputs = [stored[f"in{i}"] for i in range(sum(key.startswith("in") for key in stored.files))]
        wanted = [stored[f"out{i}"] for i in range(sum(key.startswith("out") for key in stored.files))]
    try:
        outputs = predict(model, inputs, job.get("input_names") or [], job.get("output_names") or [])
    except Exception as error:
        return failure("run_error", error)
    return compared(wanted, outputs, job["tolerance"])


def failure(status: str, error: Exception) -> Json:
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    return {"status": status, "detail": f"{type(error).__name__}: {' / '.join(lines)[:600]}"}


def predict(model: Any, inputs: list[Any], names: list[str], output_names: list[str]) -> list[Any]:
    """All outputs as arrays; eagerly, because compiling costs more than it tells."""
    feed = arranged(model, [given(value) for value in inputs], names)
    batch = max(1, len(inputs[0]))
    try:
        model.run_eagerly = True
        found = model.predict(feed, batch_size=batch, verbose=0)
    except Exception:
        # TensorFlow on a CPU runs some channels_first layers only when compiled.
        model.run_eagerly, model.predict_function = False, None
        found = model.predict(feed, batch_size=batch, verbose=0)
    if isinstance(found, dict):
        keys = output_names if set(output_names) == set(found) else sorted(found)
        return [np.asarray(found[key]) for key in keys]
    return [np.asarray(item) for item in flat(found)]


def flat(found: Any) -> list[Any]:
    if isinstance(found, (list, tuple)):
        return [leaf for item in found for leaf in flat(item)]
    return [found]


def given(value: Any) -> Any:
    if value.dtype.kind not in "USO":
        return value
    import keras

    if keras.config.backend() != "tensorflow":
        return value.astype(object)
    import tensorflow as tf

    return tf.constant(value.tolist())


def arranged(model: Any, inputs: list[Any], names: list[str]) -> Any:
    """The inputs as the model wants them: by name where the names are known."""
    structure = getattr(model, "_inputs_struct", None)
    by_name = dict(zip(names, inputs, strict=False))
    if isinstance(structure, dict):
        return {key: by_name[key] for key in structure}
    if len(inputs) == 1:
        return inputs[0]
    own = [tensor.name for tensor in model.inputs]
    return [by_name[name] for name in own] if set(own) == set(by_name) else list(inputs)


def compared(wanted: list[Any], outputs: list[Any], tolerance: float) -> Json:
    if len(wanted) != len(outputs):
        return {"status": "differs", "detail": f"{len(outputs)} outputs instead of {len(wanted)}"}
    worst = 0.0
    for want, have in zip(wanted, outputs, strict=True):
        error, problem = difference(want, have)
        if problem:
            return {"status": "differs", "detail": problem}
        worst = max(worst, error)
    status = "ok" if worst <= tolerance else "differs"
    return {"status": status, "error": worst, "detail": "" if status == "ok" else f"relative error {worst:.3g}"}


def difference(want: Any, have: Any) -> tuple[float, str]:
    """(error relative to the largest wanted value, problem)."""
    if want.shape != have.shape:
        return 0.0, f"shape {have.shape} instead of {want.shape}"
    if want.dtype.kind in "USO":
        same = [text(x) for x in want.ravel()] == [text(x) for x in have.ravel()]
        return 0.0, "" if same else "strings differ"
    a, b = want.astype("float64"), have.astype("float64")
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return 0.0, "NaN or infinite values differ"
    if not finite.any():
        return 0.0, ""
    return float(np.abs(a - b)[finite].max() / (np.abs(a[finite]).max() or 1.0)), ""


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
