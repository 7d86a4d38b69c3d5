"""Build every case in tf-keras, convert it, and compare it with plain Keras 3.

    KERAS_BACKEND=jax python -m tests.conformance.layers [--layer LSTM] [--all-lines]

Prints one line per case and a count per status; exits 1 unless all are as they should be.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.layers.table import Case

COUNT = 2
GOOD = ("same", "refused")


@dataclass(frozen=True)
class Result:
    case: Case
    status: str
    """`same`, `refused`, or what went wrong: `differs`, `wrongly refused`, `load error`, `not refused`, `no model`."""
    text: str = ""
    difference: float = 0.0


def run(case: Case, backend: str, folder: Path) -> Result:
    """Convert and compare one case on the backend that Keras 3 was imported with."""
    from k2to3 import K2to3Error, convert

    source, target = folder / "old.h5", folder / "new.keras"
    target.unlink(missing_ok=True)
    feeds: list[Any] = []
    wanted: list[Any] = []
    try:
        feeds, wanted = author(case, source)
    except Exception as error:
        return Result(case, "no model", _line(error))
    try:
        convert(source, target, verify="none")
    except K2to3Error as error:
        expected = case.refused is not None and case.refused in str(error)
        return Result(case, "refused" if expected else "wrongly refused", _line(error))
    except Exception:
        return Result(case, "crash", traceback.format_exc()[-600:].replace("\n", " | "))
    if case.refused is not None:
        return Result(case, "not refused")
    if backend not in case.backends:
        return Result(case, "skipped")
    try:
        got = load_and_run(target, feeds)
    except Exception as error:
        return Result(case, "load error", _line(error))
    return judge(case, wanted, got)


def author(case: Case, path: Path) -> tuple[list[Any], list[Any]]:
    """Build the model in tf-keras with random weights, save it, and compute its outputs."""
    import tensorflow as tf
    import tf_keras

    tf_keras.backend.clear_session()
    tf_keras.mixed_precision.set_global_policy(case.policy or "float32")
    try:
        inputs = [
            tf_keras.Input(feed.shape, batch_size=feed.batch, dtype=feed.dtype, name=f"in{i}")
            for i, feed in enumerate(case.feeds)
        ]
        model = tf_keras.Model(inputs, case.build(tf_keras, *inputs))
    finally:
        tf_keras.mixed_precision.set_global_policy("float32")
    generator = np.random.default_rng(3)
    randomise(model, generator)
    model.save(path, save_format="h5")
    feeds = [feed.draw(generator, COUNT) for feed in case.feeds]
    given = [tf.constant(f.tolist()) if f.dtype == object else tf.constant(f) for f in feeds]
    return feeds, flat(call(tf, model, given))


def call(tf: Any, model: Any, given: list[Any]) -> Any:
    arguments = given if len(given) > 1 else given[0]
    try:
        return model(arguments, training=False)
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
        # TensorFlow's CPU kernels are channels_last only; XLA's are not.
        return tf.function(lambda x: model(x, training=False), jit_compile=True)(arguments)


def randomise(model: Any, generator: np.random.Generator) -> None:
    """Random values for every weight that takes them, statistics positive."""
    # What `adapt` found also lives outside the weights.
    adapted = {id(w) for layer in model._flatten_layers() if hasattr(layer, "adapt") for w in layer.weights}
    for weight in model.weights:
        if not weight.dtype.is_floating or id(weight) in adapted or None in weight.shape:
            continue
        value = generator.uniform(-0.5, 0.5, tuple(weight.shape))
        name = weight.name.split("/")[-1]
        if any(word in name for word in ("variance", "stddev", "scale")):
            value = np.abs(value) + 0.5
        weight.assign(value)


def load_and_run(path: Path, feeds: list[Any]) -> list[Any]:
    import keras

    model = keras.saving.load_model(path, compile=False)
    if any(feed.dtype == object for feed in feeds):
        import tensorflow as tf

        given = [tf.constant(feed.tolist() if feed.dtype == object else feed) for feed in feeds]
    else:
        given = [keras.ops.convert_to_tensor(feed) for feed in feeds]
    return flat(model(given if len(given) > 1 else given[0], training=False))


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in flat(value[key])]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def dense(value: Any) -> Any:
    if hasattr(value, "dense_shape"):
        import tensorflow as tf

        value = tf.sparse.to_dense(value)
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    found = np.asarray(value)
    return found if found.dtype == object else found.astype(np.float64)


def judge(case: Case, wanted: list[Any], got: list[Any]) -> Result:
    if len(wanted) != len(got):
        return Result(case, "differs", f"{len(got)} outputs, not {len(wanted)}")
    worst = 0.0
    for left, right in zip(map(dense, wanted), map(dense, got), strict=True):
        if left.shape != right.shape:
            return Result(case, "differs", f"shape {right.shape}, not {left.shape}")
        if left.dtype == object:
            worst = max(worst, float(not (left == right).all()))
        elif left.size:
            same_nan = (np.isnan(left) == np.isnan(right)).all()
            gap = np.nanmax(np.abs(left - right)) if same_nan else np.inf
            worst = max(worst, float(gap / max(np.nanmax(np.abs(left)), 1e-3)))
    return Result(case, "same" if worst <= case.tolerance else "differs", f"{worst:.1e}", worst)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:400]


def all_cases() -> list[Case]:
    return [case for cases in families().values() for case in cases]


def families() -> dict[str, list[Case]]:
    """The cases by the module that has them."""
    from tests.conformance.layers import (
        attention,
        core,
        preprocessing,
        recurrent,
        spatial,
        structure,
        unrolled,
        wrapped,
    )

    modules = (core, spatial, recurrent, unrolled, wrapped, attention, preprocessing, structure)
    return {module.__name__.rpartition(".")[2]: list(module.TABLE) for module in modules}


def quiet() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    # tf-keras's SpectralNormalization asks TensorFlow for `tf.keras`.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", help="only cases of this layer")
    parser.add_argument("--case", help="only the case of this id")
    parser.add_argument("--first", action="store_true", help="only the first case of each layer")
    parser.add_argument("--bad", action="store_true", help="print only what is not as it should be")
    options = parser.parse_args(arguments)
    quiet()
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    cases = [c for c in all_cases() if options.layer in (None, c.layer) and options.case in (None, c.id)]
    if options.first:
        cases = list({case.layer: case for case in reversed(cases)}.values())[::-1]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            result = run(case, backend, Path(folder))
            counts[result.status] += 1
            if not options.bad or result.status not in (*GOOD, "skipped"):
                print(f"{result.status:16}{case.id:52}{result.text}", flush=True)
    print(f"{backend}: " + ", ".join(f"{count} {status}" for status, count in counts.most_common()))
    return 0 if set(counts) <= {*GOOD, "skipped"} else 1


if __name__ == "__main__":
    sys.exit(main())
