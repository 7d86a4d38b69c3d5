"""The specification of Keras 2 in NumPy, judged by what genuine Kerases recorded.

    python tests/conformance/specification.py DIR [--groups genuine,dl4j] [--filter TEXT] [--dtype float64] [--out TSV]

A case is `DIR/group/name.h5` with `name.npz` (`in0…`, `out0…`), `name.json` (`tol`, `noref`, …) and, for
weights-only files, `name.arch.json`. A file in `tests/conformance/recorded/` of the same name takes the place of
the outputs: recorded in a genuine old Keras where today's tf-keras cannot be the judge. Prints by group and by
generation how many are equal, differ, or are not specified, and why. Exits 1 if one differs or breaks.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter"), str(HERE.parent)]

from k2to3.errors import K2to3Error, NotSpecified  # noqa: E402
from k2to3.proof.keras2.reading import read_model  # noqa: E402
from k2to3.proof.keras2.specification import Specification  # noqa: E402
from k2to3.sources.read import read_checkpoint  # noqa: E402

STATUSES = ("equal", "differs", "explained", "not specified", "unreadable", "broke", "no reference")
# References that are not what the author's Keras computes.
EXPLAINED = {
    "k122_theano__k1_conv_misc": "recorded where Theano compiled no C: its fallback convolution drops the dilation",
}


@dataclass(frozen=True)
class Row:
    """What became of one case."""

    group: str
    name: str
    status: str
    detail: str
    seconds: float

    @property
    def generation(self) -> str:
        return self.name.split("__")[0] if self.group == "genuine" else self.group


def difference(wanted: Any, found: Any) -> float:
    """Largest difference relative to the largest wanted value; infinite where they cannot be compared."""
    a, b = np.asarray(wanted), np.asarray(found)
    if a.shape != b.shape:
        return float("inf")
    if a.dtype.kind in "USO" or b.dtype.kind in "USO":
        return 0.0 if [_text(x) for x in a.ravel()] == [_text(x) for x in b.ravel()] else float("inf")
    a, b = a.astype(np.float64), b.astype(np.float64)
    known = np.isfinite(a)
    if (np.isnan(a) != np.isnan(b)).any() or not np.array_equal(a[np.isinf(a)], b[np.isinf(a)]):
        return float("inf")
    if not np.isfinite(b[known]).all():
        return float("inf")
    if not known.any():
        return 0.0
    return float(np.abs(a - b)[known].max() / (np.abs(a[known]).max() or 1.0))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def run(base: Path, dtype: str) -> tuple[str, str]:
    """Compute one case and compare it."""
    note = base.parent / f"{base.name}.json"
    case = json.loads(note.read_text()) if note.exists() else {}
    reference = base.parent / f"{base.name}.npz"
    recorded = HERE / "recorded" / f"{base.name}.npz"
    if recorded.exists():
        reference = recorded
    elif case.get("noref") or not reference.exists():
        return "no reference", str(case.get("noref"))
    architecture = base.parent / f"{base.name}.arch.json"
    try:
        checkpoint = read_checkpoint(base.parent / f"{base.name}.h5", architecture if architecture.exists() else None)
        with checkpoint:
            model = read_model(checkpoint.model_config, checkpoint.writer)
            specification = Specification(model, checkpoint.writer, checkpoint.weights, checkpoint.by_path)
        with np.load(reference, allow_pickle=False) as arrays:
            inputs = [arrays[f"in{n}"] for n in range(sum(k.startswith("in") for k in arrays.files))]
            wanted = [arrays[f"out{n}"] for n in range(sum(k.startswith("out") for k in arrays.files))]
        found = specification.predict(_in_order(inputs, case, specification.inputs), dtype)
    except NotSpecified as error:
        return "not specified", str(error)
    except K2to3Error as error:
        return "unreadable", str(error)
    except Exception as error:
        return "broke", f"{type(error).__name__}: {error}"
    if len(found) != len(wanted):
        return "differs", f"{len(found)} outputs for {len(wanted)}"
    worst = max((difference(a, b) for a, b in zip(wanted, found, strict=True)), default=0.0)
    equal = worst <= max(float(case.get("tol") or 1e-5), 1e-5)
    if not equal and base.name in EXPLAINED:
        return "explained", EXPLAINED[base.name]
    return ("equal" if equal else "differs"), f"{worst:.3g}"


def _in_order(inputs: list[Any], case: dict[str, Any], names: list[str]) -> list[Any]:
    """By name where the case names its inputs as the model does."""
    given = [*(case.get("dict_inputs") or []), *(case.get("input_names") or [])][: len(inputs)]
    if len(set(given)) == len(inputs) and set(given) == set(names):
        by_name = dict(zip(given, inputs, strict=True))
        return [by_name[name] for name in names]
    return inputs


def cases(folder: Path, groups: Sequence[str], wanted: str) -> Iterator[tuple[str, Path]]:
    for group in groups:
        for path in sorted((folder / group).glob("*.h5")):
            if re.search(wanted, path.name):
                yield group, path.parent / path.name[:-3]


def table(title: str, rows: Iterable[Row], key: str) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[getattr(row, key)][row.status] += 1
    total: Counter[str] = Counter()
    for counts in found.values():
        total.update(counts)
    print(f"\n{title:24}" + "".join(f"{s:>15}" for s in STATUSES) + f"{'covered %':>11}{'equal %':>9}")
    for name, counts in [*sorted(found.items()), ("total", total)]:
        covered = counts["equal"] + counts["differs"] + counts["explained"]
        judged = sum(counts.values()) - counts["no reference"]
        shares = f"{100 * covered / max(judged, 1):11.1f}{100 * counts['equal'] / max(covered, 1):9.2f}"
        print(f"{name:24}" + "".join(f"{counts[s]:15}" for s in STATUSES) + shares)


def reasons(rows: Iterable[Row]) -> None:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.status in ("not specified", "unreadable", "broke"):
            found[re.sub(r"^.*?layer '[^']*': ", "", row.detail)[:110]].append(row)
    print("\nnot covered, by reason")
    for reason, which in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"{len(which):5}  {reason}    e.g. {which[0].group}/{which[0].name}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--groups", default="genuine")
    parser.add_argument("--filter", default="", help="regular expression on the file name")
    parser.add_argument("--dtype", default="float64")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = []
    for group, base in cases(options.folder, options.groups.split(","), options.filter):
        begin = time.perf_counter()
        status, detail = run(base, options.dtype)
        rows.append(Row(group, base.name, status, detail, time.perf_counter() - begin))
        if status in ("differs", "broke"):
            print(f"{status:10} {group}/{base.name}  {detail}", flush=True)
    table("group", rows, "group")
    if "genuine" in options.groups:
        table("generation", [row for row in rows if row.group == "genuine"], "generation")
    reasons(rows)
    if options.out:
        lines = ["\t".join((r.group, r.name, r.status, f"{r.seconds:.2f}", r.detail)) for r in rows]
        options.out.write_text("\n".join(lines) + "\n")
    return 1 if any(row.status in ("differs", "broke") for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
