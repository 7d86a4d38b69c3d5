"""A folder of third-party checkpoints, file by file: converted, proved, or refused with its cause.

    python tests/conformance/cases.py DIR --groups real,dl4j [--filter TEXT] [--proof] [--out FILE.tsv]

A case is `DIR/group/name.h5` with `name.npz` (`in0…`, `out0…`: recorded inputs and outputs),
`name.json` (`tol`, `input_names`, …) and, for weights-only files, `name.arch.json`. A file in
`tests/conformance/recorded/` of the same name takes the place of the outputs: recorded in a
genuine old Keras where today's tf-keras cannot be the judge. Every archive is opened by plain Keras 3
(`safe_mode=True`) and compared with the recorded outputs; `--proof` also runs the default proof
against tf-keras. `third_party/manifest.tsv` names sources, licences and sha256 of the `real`
files, `third_party/fetch.py` downloads them. Exits 1 if one is wrong, does not load, or broke.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter"), str(HERE.parent)]

import k2to3  # noqa: E402
from workers import Worker, worker  # noqa: E402

BAD = ("WRONG", "NO LOAD", "BROKE")


@dataclass(frozen=True)
class Row:
    """What became of one file."""

    group: str
    name: str
    status: str
    detail: str

    def __str__(self) -> str:
        return f"{self.group:8} {self.name:48} {self.status:12} {self.detail}"


def checkpoints(folder: Path, groups: Sequence[str], wanted: str) -> Iterator[tuple[str, Path]]:
    for group in groups:
        for path in sorted((folder / group).glob("*.h5")):
            if wanted in path.name:
                yield group, path


def run(group: str, path: Path, target: Path, keras: Worker, proof: bool) -> Row:
    """Convert one file and compare it."""
    architecture = path.with_suffix(".arch.json")
    try:
        report = k2to3.convert(
            path,
            target,
            architecture=architecture if architecture.exists() else None,
            verify="outputs" if proof else "weights",
        )
    except k2to3.NotEqual as error:
        return Row(group, path.stem, "WRONG", str(error))
    except k2to3.K2to3Error as error:
        error.file = None
        return Row(group, path.stem, "refused", f"{type(error).__name__}: {error}")
    except Exception as error:
        return Row(group, path.stem, "BROKE", f"{type(error).__name__}: {error}"[:200])
    return compared(group, path, target, keras, report)


def compared(group: str, path: Path, target: Path, keras: Worker, report: k2to3.Report) -> Row:
    recorded = HERE / "recorded" / f"{path.stem}.npz"
    reference = recorded if recorded.exists() else path.with_suffix(".npz")
    extra = path.with_suffix(".json")
    details: dict[str, Any] = json.loads(extra.read_text()) if extra.exists() else {}
    if not reference.exists() or (details.get("noref") and reference is not recorded):
        proved = report.status == "proved" and report.level == "outputs"
        return Row(group, path.stem, "proved" if proved else "converted", f"no recorded outputs; {report.level} proved")
    job = {
        "archive": str(target),
        "reference": str(reference),
        "tolerance": max(1e-5, float(details.get("tol") or 0)),
        "input_names": details.get("input_names"),
        "output_names": details.get("output_names"),
    }
    answer = keras.ask(job)
    if answer["status"] == "ok":
        source = "a genuine old Keras" if reference is recorded else details.get("source", "recorded outputs")
        return Row(group, path.stem, "equal", f"relative error {answer['error']:.1e}; reference: {source}"[:120])
    status = "WRONG" if answer["status"] == "differs" else "NO LOAD"
    return Row(group, path.stem, status, f"{answer['status']}: {answer.get('detail', '')}"[:200])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--groups", default="real,dl4j", help="folders below it, comma-separated")
    parser.add_argument("--filter", default="", help="only names that contain this")
    parser.add_argument("--proof", action="store_true", help="run the default proof as well")
    parser.add_argument("--out", type=Path, help="also write the table, tab-separated")
    options = parser.parse_args(argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder, worker(HERE / "keras_worker.py") as keras:
        for index, (group, path) in enumerate(checkpoints(options.folder, options.groups.split(","), options.filter)):
            target = Path(folder) / f"{index}.keras"
            rows.append(run(group, path, target, keras, options.proof))
            target.unlink(missing_ok=True)
            print(rows[-1], flush=True)
    counts = Counter((row.group, row.status) for row in rows)
    for (group, status), count in sorted(counts.items()):
        print(f"{group}: {status} {count}")
    if options.out:
        options.out.write_text("".join(f"{r.group}\t{r.name}\t{r.status}\t{r.detail}\n" for r in rows))
    return 1 if any(row.status in BAD for row in rows) or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
