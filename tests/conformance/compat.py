"""The same archives in every Keras 3 and on every backend.

    python tests/conformance/compat.py fixtures [more folders of .h5 + .npz]
        --keras DIR …       folders made by `pip install --no-deps --target DIR keras==3.x`
        --python PY …       interpreters that have a Keras 3 of their own
        --backend NAME …    backends of the installed Keras (default tensorflow jax torch)
        --min-keras 3.3 --sample N --seed S, --filter TEXT, --out FILE.tsv, --show

A case is `name.h5` beside `name.npz` (`in0…`, `out0…`, as Keras 2 computed them), where
needed `name.arch.json` (architecture) and `name.json` (`tol`, `input_names`, `output_names`).
Each is converted once and opened by plain Keras with `safe_mode=True`. Prints one row for
each Keras: how many are equal, how many it should open and does not (`wrong`), and how many
the report says it is too old for. Exits 1 when any row has a `wrong` one, or when one that
the report calls too old opens after all and `--strict` is given.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from k2to3.api.convert import convert
from k2to3.errors import K2to3Error
from workers import TESTS, Target, worker

Json = dict[str, Any]
BACKENDS = ("tensorflow", "jax", "torch")
CLOSE = {"tensorflow": 1e-5, "jax": 1e-5, "torch": 1e-5}


@dataclass(frozen=True)
class Case:
    """A converted checkpoint and what to compare it with."""

    name: str
    job: Json
    minimum: str | None
    backends: Sequence[str]

    def expected(self, keras: str, backend: str) -> bool:
        """Whether the report says that this Keras runs it on this backend."""
        old = self.minimum is not None and version(keras) < version(self.minimum)
        return not old and backend in self.backends


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


def is_recorded(reference: Path) -> bool:
    """Whether it holds one set of inputs and outputs; some fixtures keep other records."""
    return reference.exists() and {"in0.npy", "out0.npy"} <= set(zipfile.ZipFile(reference).namelist())


def checkpoints(folders: Sequence[Path], wanted: str, sample: int | None, seed: int) -> list[Path]:
    found = sorted(
        path
        for folder in folders
        for path in folder.rglob("*.h5")
        if wanted in path.name and is_recorded(path.with_suffix(".npz"))
    )
    if sample is not None and sample < len(found):
        found = sorted(random.Random(seed).sample(found, sample))
    return found


def cases(paths: Sequence[Path], folder: Path, refused: Counter[str], min_keras: str | None) -> Iterator[Case]:
    """Convert each checkpoint; a refusal is counted and left out."""
    for index, path in enumerate(paths):
        extra = path.with_suffix(".json")
        details: Json = json.loads(extra.read_text()) if extra.exists() else {}
        if details.get("noref"):
            continue
        architecture = path.with_suffix(".arch.json")
        target = folder / f"{index}.keras"
        try:
            report = convert(
                path,
                target,
                verify="none",
                architecture=architecture if architecture.exists() else None,
                min_keras=min_keras,
            )
        except K2to3Error as error:
            refused[error.message[:60]] += 1
            continue
        except Exception as error:
            refused[f"BROKE: {type(error).__name__}: {error}"[:60]] += 1
            continue
        needs: Json = report.to_json().get("requires") or {}
        yield Case(
            path.stem,
            {
                "archive": str(target),
                "reference": str(path.with_suffix(".npz")),
                "tolerance": max(1e-5, float(details.get("tol") or 0)),
                "input_names": details.get("input_names"),
                "output_names": details.get("output_names"),
            },
            needs.get("keras"),
            needs.get("backends", BACKENDS),
        )


def run(target: Target, found: Sequence[Case], rows: list[tuple[str, ...]], show: bool) -> Counter[str]:
    """Every case in one Keras; counts `ok`, `too_old`, `better` (opens though it should not) and the failures."""
    counts: Counter[str] = Counter()
    with worker(TESTS / "conformance" / "keras_worker.py", target) as process:
        for case in found:
            answer = process.ask(case.job)
            keras = process.hello["keras"]
            ok = answer["status"] == "ok"
            if case.expected(keras, target.backend):
                label = "ok" if ok else answer["status"]
            else:
                label = "better" if ok else "excluded"
            counts[label] += 1
            rows.append((keras, target.backend, case.name, label, answer["status"], answer.get("detail", "")))
            if show and label not in ("ok", "excluded"):
                print(f"  {keras} {target.backend} {case.name}: {label} {answer.get('detail', '')}", flush=True)
        row = "  ".join(f"{label} {count}" for label, count in counts.items())
        print(f"{process.hello.get('keras', '?'):10} {target.backend:11} {row}", flush=True)
    return counts


FAILURES = ("broke", "load_error", "run_error", "differs", "crashed")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--keras", nargs="*", type=Path, default=[], metavar="DIR")
    parser.add_argument("--python", nargs="*", default=[], metavar="PY")
    parser.add_argument("--backend", nargs="*", choices=BACKENDS)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--filter", default="")
    parser.add_argument("--min-keras", help="as of `k2to3 convert`")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", action="store_true", help="print each failure")
    parser.add_argument("--strict", action="store_true", help="fail when the report is too pessimistic")
    options = parser.parse_args(argv)
    paths = checkpoints(options.folders, options.filter, options.sample, options.seed)
    old = options.keras or options.python
    backends = options.backend if options.backend is not None else ([] if old else BACKENDS)
    targets = [Target(backend) for backend in backends]
    targets += [Target(backend, path) for path in options.keras for backend in options.backend or ["tensorflow"]]
    targets += [Target("tensorflow", None, python) for python in options.python]
    return compare(paths, targets, options)


def compare(paths: Sequence[Path], targets: Sequence[Target], options: argparse.Namespace) -> int:
    rows: list[tuple[str, ...]] = []
    refused: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="k2to3.compat.") as folder:
        found = list(cases(paths, Path(folder), refused, options.min_keras))
        print(f"{len(paths)} checkpoints, {len(found)} archives, {sum(refused.values())} refused")
        for text, count in refused.most_common():
            print(f"  {count} {text}")
        total.update(broke=sum(count for text, count in refused.items() if text.startswith("BROKE")))
        for target in targets:
            total += run(target, found, rows, options.show)
    if options.out:
        options.out.write_text("\n".join("\t".join(row) for row in rows) + "\n")
    wrong = sum(total[label] for label in FAILURES)
    return 1 if wrong or (options.strict and total["better"]) else 0


if __name__ == "__main__":
    sys.exit(main())
