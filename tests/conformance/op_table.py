"""The table of TensorFlow functions: authored by Keras 2, converted, compared on every backend.

    python tests/conformance/op_table.py [--authors NAME=PYTHON ...] [--backends tensorflow jax torch]
                                         [--only PATTERN] [--keep FOLDER] [--failures]

An archive that equals another author's byte for byte, from the same inputs and outputs, is
not run again. By default tf-keras of this environment is the author. An author given as NAME=PYTHON is an
interpreter with a Keras 2 of its own. Exit code 1 when something differs or fails to load.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
AUTHOR = HERE.parent.parent / "fixtures" / "authoring" / "op_cases.py"
TOLERANCE = 2e-5


def author(python: str, folder: Path, only: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, str(AUTHOR), str(folder), *(["--only", only] if only else [])]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def convert_all(folder: Path, only: str | None) -> dict[str, str]:
    """Convert every checkpoint; the message where one was refused."""
    import k2to3

    refused = {}
    for path in sorted(folder.glob("*.h5")):
        if only and not re.search(only, path.stem):
            continue
        path.with_suffix(".keras").unlink(missing_ok=True)
        try:
            noise = path.stem.startswith("noise_")
            target = path.with_suffix(".keras")
            k2to3.convert(path, target, verify="weights", overwrite=True, accept_noise_off=noise)
        except k2to3.K2to3Error as error:
            refused[path.stem] = f"refused: {error}"
        except Exception as error:  # a bug, to be shown in the table
            refused[path.stem] = f"crash: {type(error).__name__}: {error}"
    return refused


def check(folder: Path, backend: str, only: str | None) -> dict[str, str]:
    """Load and run every archive of a folder in a process of its own."""
    code = [sys.executable, str(HERE / "op_table.py"), "--check", str(folder), "--backends", backend]
    code += ["--only", only] if only else []
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(code, check=True, env=environment, stderr=subprocess.DEVNULL)
    return dict(json.loads((folder / f"{backend}.json").read_text()))


def check_here(folder: Path, backend: str, only: str | None) -> None:
    paths = [path for path in sorted(folder.glob("*.keras")) if not only or re.search(only, path.stem)]
    results = {path.stem: known_verdict(path, backend) or compare(path) for path in paths}
    (folder / f"{backend}.json").write_text(json.dumps(results))


def known_verdict(path: Path, backend: str) -> str:
    """`equal` where another author's model became the same archive and had the same values, and was equal."""
    for other in sorted(path.parent.parent.glob(f"*/{path.name}")):
        verdicts = other.parent / f"{backend}.json"
        if other.parent == path.parent or not verdicts.exists() or other.read_bytes() != path.read_bytes():
            continue
        found = json.loads(verdicts.read_text()).get(path.stem)
        if found == "equal" and same_values(other.with_suffix(".npz"), path.with_suffix(".npz")):
            return "equal"
    return ""


def same_values(one: Path, other: Path) -> bool:
    import numpy as np

    first, second = np.load(one), np.load(other)
    return sorted(first.files) == sorted(second.files) and all(
        first[name].dtype == second[name].dtype
        and first[name].shape == second[name].shape
        and np.allclose(first[name], second[name], rtol=0, atol=1e-6, equal_nan=True)
        for name in first.files
    )


def compare(path: Path) -> str:
    import keras
    import numpy as np

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # anything a loader throws is a failure
        return f"load: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    stored = np.load(path.with_suffix(".npz"))
    for batch in sorted({name.split("_")[0] for name in stored.files}):
        given = [stored[name] for name in sorted(stored.files) if name.startswith(f"{batch}_in")]
        fed = given if len(given) > 1 else given[0]
        try:
            # Compiled once; the other batch sizes run op by op, which takes a tenth of the time.
            found = model.predict(fed, verbose=0, batch_size=len(given[0])) if batch == "b4" else model(fed)
        except Exception as error:  # anything the model throws is a failure
            return f"run: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        found = found if isinstance(found, (list, tuple)) else [found]
        wanted = [stored[name] for name in sorted(stored.files) if name.startswith(f"{batch}_out")]
        for have, want in zip(found, wanted, strict=True):
            problem = difference(keras.ops.convert_to_numpy(have), want)
            if problem:
                return f"{batch}: {problem}"
    return "equal"


def difference(have: object, want: object) -> str:
    import numpy as np

    assert isinstance(have, np.ndarray) and isinstance(want, np.ndarray)
    if have.shape != want.shape:
        return f"shape {have.shape} instead of {want.shape}"
    if have.dtype.kind != want.dtype.kind:
        return f"dtype {have.dtype} instead of {want.dtype}"
    if have.dtype.kind != "f":
        return "" if np.array_equal(have, want) else "other integers"
    same = (have == want) | (np.isnan(have) & np.isnan(want))
    error = np.where(same, 0, np.abs(have.astype("float64") - want.astype("float64")))
    scale = max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0)))
    limit = TOLERANCE if want.dtype != np.float16 else 2e-3
    return "" if np.all(error <= limit * scale) else f"differs by {np.nanmax(error):.3g}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--authors", nargs="*", default=[f"tf-keras={sys.executable}"])
    parser.add_argument("--backends", nargs="*", default=["tensorflow", "jax", "torch"])
    parser.add_argument("--only")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--failures", action="store_true", help="print only what is not equal")
    parser.add_argument("--again", action="store_true", help="do not author what --keep holds")
    parser.add_argument("--check", type=Path)
    options = parser.parse_args()
    if options.check:
        check_here(options.check, options.backends[0], options.only)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        base = options.keep or Path(temporary)
        return run(options.authors, options.backends, options.only, base, options.failures, options.again)


def run(
    authors: list[str], backends: list[str], only: str | None, base: Path, failures: bool, again: bool = False
) -> int:
    bad = 0
    for entry in authors:
        name, _, python = entry.partition("=")
        folder = base / name
        if not again:
            author(python, folder, only)
        refused = convert_all(folder, only)
        results = {backend: check(folder, backend, only) for backend in backends}
        rows = {path.stem: [results[b].get(path.stem, "-") for b in backends] for path in sorted(folder.glob("*.h5"))}
        rows = {row: found for row, found in rows.items() if not only or re.search(only, row)}
        counts: Counter[str] = Counter()
        for row, found in rows.items():
            verdict = refused.get(row) or ("equal" if set(found) == {"equal"} else " | ".join(found))
            counts[verdict.split(":")[0] if verdict != "equal" else "equal"] += 1
            if not failures or verdict != "equal":
                print(f"{name}\t{row}\t{verdict}")
        total = len(rows)
        print(f"{name}: {total} models, {counts['equal']} equal on {', '.join(backends)}, {counts['refused']} refused")
        bad += total - counts["equal"] - counts["refused"]
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
