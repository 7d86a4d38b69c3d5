"""Accepted mutants held against tf-keras, in one process that imports the frameworks once.

python -m tests.fuzz.judge FOLDER [--number N]: the folder is one that `python -m tests.fuzz --accepted N` wrote.
A mutant that Keras 2 itself cannot open is counted apart: it should have been refused, unless what it stumbles
over makes no difference to what the archive computes (see `HARMLESS`). Where neither runs on the sample, both
Kerases refuse the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import h5py
import k2to3
import numpy as np
from k2to3.errors import K2to3Error

from .execute import Hang, time_limit

# Keys of which Keras 2 takes less than we do, and that change no output.
HARMLESS = re.compile(
    r"_initializer"  # The weights in the file overwrite what it makes; one that is not known is left out.
    r"|Unknown initializer|initializer identifier"
    r"|Improper config format for .*'class_name': '(Orthogonal|GlorotUniform|RandomUniform|Zeros|Ones|Identity)'"
    r"|\.trainable of .* shape"  # Keras 2 goes by the order of weights, which this changes; we by their names.
    r"|unknown TensorShape|config\.batch_input_shape of"  # The weights tell it, and the report says so.
    r"|Expected `trainable` argument to be a boolean"  # 0 and 1 say the same.
    r"|_regularizer|_constraint"  # Of training alone.
)
TOLERANCE, HALF = 1e-4, 2e-2
BATCH = 2
SECONDS = 60.0
"""For one mutant; Keras 2 goes round for ever in some that it does not understand."""
Json = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.judge", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=3_600)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    begun = time.monotonic()
    for path in sorted(given.folder.glob("accepted-*.json")):
        if time.monotonic() - begun > given.seconds or counts["equal"] >= given.number:
            break
        try:
            with time_limit(SECONDS):
                verdict, detail = judge(json.loads(path.read_text()))
        except Hang:
            verdict, detail = "no end", ""
        counts[verdict] += 1
        if verdict in ("DIFFERS", "UNOPENED", "keras2 refuses", "keras2 does not run"):
            print(f"{verdict} {path.name}: {detail}"[:600], flush=True)
    print(dict(counts), f"in {time.monotonic() - begun:.0f} s")
    return 1 if counts["DIFFERS"] or counts["UNOPENED"] else 0


def judge(mutant: Json) -> tuple[str, str]:
    """equal, DIFFERS, UNOPENED, keras2 refuses or does not run, or why nothing can be said."""
    if not comparable(mutant["seed"]):
        return "seed not comparable", ""
    where = ".".join(map(str, mutant["path"])) + f" of {Path(mutant['seed']).name}"
    with tempfile.TemporaryDirectory(prefix="k2to3.judge.") as folder:
        source, target = Path(folder) / "mutant.h5", Path(folder) / "mutant.keras"
        shutil.copyfile(mutant["seed"], source)
        with h5py.File(source, "r+") as file:
            if "model_config" not in file.attrs:
                return "no architecture", ""
            del file.attrs["model_config"]
            file.attrs["model_config"] = json.dumps(mutant["model_config"])
        try:
            k2to3.convert(source, target, verify="none")
        except K2to3Error as error:
            return "refused", str(error)
        return _compared(source, target, where)


@cache
def comparable(seed: str) -> bool:
    """Whether tf-keras is right about the seed itself; it is not about every old file."""
    if not seed.endswith(".h5") or ".weights." in seed:
        return False
    with tempfile.TemporaryDirectory(prefix="k2to3.judge.") as folder:
        try:
            k2to3.convert(seed, Path(folder) / "seed.keras", verify="none")
        except K2to3Error:
            return False
        return _compared(Path(seed), Path(folder) / "seed.keras", "")[0] == "equal"


def _compared(source: Path, target: Path, where: str) -> tuple[str, str]:
    import keras
    import tf_keras

    keras.backend.clear_session()
    tf_keras.backend.clear_session()
    try:
        new = keras.saving.load_model(target, compile=False, safe_mode=True)
    except Exception as error:
        return "UNOPENED", f"{where}: {_last(error)}"
    try:
        old = tf_keras.models.load_model(source, compile=False)
        # Keras 2 goes by the order of layers, which a mutant's graph changes and its weights do not: by their names.
        old.load_weights(source, by_name=True)
    except Exception as error:
        return "keras2 refuses" if not HARMLESS.search(f"{where} {error}") else "harmless", f"{where}: {_last(error)}"
    try:
        batch = next((tensor.shape[0] for tensor in old.inputs if tensor.shape[0]), BATCH)
        feed = [sample(tensor, batch) for tensor in old.inputs]
    except TypeError:
        return "no sample", ""
    want, have = _outputs(old, feed), _outputs(new, feed)
    if isinstance(want, Exception):
        neither = isinstance(have, Exception)
        return "neither runs" if neither else "keras2 does not run", f"{where}: {_last(want)}"
    if isinstance(have, Exception):
        return "DIFFERS", f"{where}: does not run: {_last(have)}"
    half = "float16" in str(new.get_config())
    problem = difference(want, have, HALF if half else TOLERANCE)
    if problem is not None and ".trainable of" in where:
        # Inside of a nested model Keras 2 goes by the order of weights, which this key changes; a file that it wrote
        # has that order.
        return "by order", ""
    return ("equal", "") if problem is None else ("DIFFERS", f"{where}: {problem}")


def _outputs(model: Any, feed: list[Any]) -> list[Any] | Exception:
    try:
        return leaves(model(feed if len(feed) > 1 else feed[0], training=False))
    except Exception as error:
        return error


def difference(want: list[Any], have: list[Any], tolerance: float) -> str | None:
    if len(want) != len(have):
        return f"{len(have)} outputs instead of {len(want)}"
    for index, (old, new) in enumerate(zip(want, have, strict=True)):
        if old.shape != new.shape:
            return f"output {index} has shape {new.shape} instead of {old.shape}"
        if old.dtype.kind not in "fc":
            if not np.array_equal(old, new):
                return f"output {index} is another"
            continue
        old, new = old.astype("float64"), new.astype("float64")
        largest = float(np.max(np.abs(old), initial=0, where=np.isfinite(old)))
        if not np.allclose(old, new, rtol=0, atol=tolerance * max(largest, 1e-6), equal_nan=True):
            return f"output {index} differs by {float(np.nanmax(np.abs(old - new))):.3g} of {largest:.3g}"
    return None


def leaves(value: Any) -> list[Any]:
    def walk(item: Any) -> Iterator[Any]:
        if isinstance(item, dict):
            for key in item:
                yield from walk(item[key])
        elif isinstance(item, (list, tuple)):
            for each in item:
                yield from walk(each)
        else:
            yield np.asarray(item)

    return list(walk(value))


def sample(tensor: Any, batch: int) -> Any:
    generator = np.random.default_rng(7)
    shape = [batch if n is None and i == 0 else 8 if n is None else n for i, n in enumerate(tensor.shape)]
    dtype = np.dtype(tensor.dtype.as_numpy_dtype)
    if dtype.kind in "iu":
        return generator.integers(0, 3, shape).astype(dtype)
    if dtype.kind == "b":
        return generator.integers(0, 2, shape).astype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"inputs of {dtype}")
    return generator.standard_normal(shape).astype(dtype)


def _last(error: Exception) -> str:
    lines = [line for line in traceback.format_exception_only(type(error), error)[-1].split("\n") if line.strip()]
    return " ".join(lines)[:400]


if __name__ == "__main__":
    raise SystemExit(main())
