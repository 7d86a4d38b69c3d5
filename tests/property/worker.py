"""Builds random models in tf-keras, saves them, and compares with what Keras 3 makes of them.

Jobs: `{"build": hex, "path": h5}` builds, saves and predicts; `{"compare": archive}`
opens the archive with plain Keras 3 and compares with the model built last.
"""

from __future__ import annotations

import json
import os
import random
import sys
import warnings
from typing import Any

import numpy as np

Json = dict[str, Any]
BATCH = 3


class Session:
    """The model built last, and what it computes."""

    def __init__(self) -> None:
        self.model: Any = None
        self.feed: list[Any] = []
        self.outputs: list[Any] = []

    def build(self, job: Json) -> Json:
        import tf_keras
        from builder import Builder
        from choices import Choices

        tf_keras.backend.clear_session()
        self.model = Builder(tf_keras, Choices(bytes.fromhex(job["build"]))).model()
        randomise(self.model)
        self.feed = [sample(tensor) for tensor in self.model.inputs]
        self.outputs = run(self.model, self.feed)
        self.model.save(job["path"])
        return {"status": "built", "classes": sorted({type(layer).__name__ for layer in self.model._flatten_layers()})}

    def compare(self, job: Json) -> Json:
        import keras

        keras.backend.clear_session()
        try:
            model = keras.saving.load_model(job["compare"], compile=False, safe_mode=True)
            outputs = run(model, self.feed)
        except Exception as error:
            return {"status": "load_error", "detail": f"{type(error).__name__}: {error}"[-1500:]}
        if len(outputs) != len(self.outputs):
            return {"status": "differs", "detail": f"{len(outputs)} outputs instead of {len(self.outputs)}"}
        noise: list[float] | None = None
        for index, (want, have) in enumerate(zip(self.outputs, outputs, strict=True)):
            error, problem = difference(want, have)
            if not problem and error > 1e-5 and noise is None:
                noise = self._noise()
            if problem or (error > 1e-5 and noise is not None and error > min(4 * noise[index], 1e-3)):
                return {"status": "differs", "detail": f"output {index}: {problem or f'relative error {error:.3g}'}"}
        return {"status": "ok"}

    def _noise(self) -> list[float]:
        """How much Keras 2's own outputs move when float inputs move by one part in 2^22."""
        nudged = [value * np.float32(1 + 2**-22) if value.dtype.kind == "f" else value for value in self.feed]
        return [difference(a, b)[0] for a, b in zip(self.outputs, run(self.model, nudged), strict=True)]


def run(model: Any, feed: list[Any]) -> list[Any]:
    found = model(feed if len(feed) > 1 else feed[0], training=False)
    return [np.asarray(item) for item in (found if isinstance(found, (list, tuple)) else [found])]


def randomise(model: Any) -> None:
    """Weights that leave nothing symmetrical; variances stay positive."""
    generator = np.random.default_rng(0)
    values = []
    for weight in model.weights:
        value = generator.normal(0, 0.6, weight.shape)
        values.append(np.abs(value) + 0.5 if "variance" in weight.name else value)
    model.set_weights(values)


def sample(tensor: Any) -> Any:
    generator = np.random.default_rng(1)
    shape = [BATCH, *[n or 6 for n in tensor.shape[1:]]]
    if len(shape) == 2 and (tensor.dtype.name == "int32" or shape[1] == 6):
        ids = generator.integers(1, 7, shape)
        # Padding behind, between and in front.
        ids[0, 4:] = ids[1, 2] = ids[2, 0] = 0
        return ids.astype(tensor.dtype.name)
    if len(shape) == 3 and tensor.dtype.name == "int32":
        ids = generator.integers(1, 7, shape)
        ids[0, :, 3:] = ids[1, 2] = ids[2, 0, 1] = 0
        return ids.astype("int32")
    values = generator.standard_normal(shape).astype("float32")
    if len(shape) == 3:
        values[0, 3:], values[1, 1] = 0.0, 0.5
    return values


def difference(want: Any, have: Any) -> tuple[float, str]:
    if want.shape != have.shape:
        return 0.0, f"shape {have.shape} instead of {want.shape}"
    finite = np.isfinite(want)
    if not np.array_equal(finite, np.isfinite(have)):
        return 0.0, "NaN or infinite values differ"
    if not finite.any():
        return 0.0, ""
    gap = np.abs(want.astype("float64") - have)[finite].max()
    return float(gap / (np.abs(want[finite]).max() or 1.0)), ""


def main() -> None:
    warnings.filterwarnings("ignore")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import tensorflow as tf
    import tf_keras

    tf.config.threading.set_intra_op_parallelism_threads(1)
    answers.write(json.dumps({"tf_keras": tf_keras.__version__}) + "\n")
    session = Session()
    for line in sys.stdin:
        random.seed(0)
        job = json.loads(line)
        try:
            found = session.build(job) if "build" in job else session.compare(job)
        except Exception as error:
            found = {"status": "not_keras2", "detail": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
