"""The command line of the training table.

    python -m tests.conformance.training FOLDER [--only WORD] [--backend jax] [--write docs/training.md]

FOLDER holds one folder per Keras, each written by `fixtures/authoring/training.py` there.
Prints one row per checkpoint: its status, the largest relative errors of losses, weights and
optimizer state after one and ten steps, and where they are not equal, why, with the numbers
of the control that shows it. Exits with 1 when a row is neither equal nor explained.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests.conformance.training.row import BAD, Row
from tests.conformance.training.table import page


def rows(arguments: argparse.Namespace) -> Iterator[Row]:
    from tests.conformance.training.run import continue_training

    done = _done(arguments.rows)
    with tempfile.TemporaryDirectory() as name:
        for source in sorted(arguments.folder.glob("*/*.h5")):
            if arguments.only not in str(source) or not source.with_suffix(".npz").exists():
                continue
            row = done.get((source.parent.name, source.stem))
            if row is None:
                row = continue_training(source, Path(name), arguments.min_keras)
                if arguments.rows:
                    with arguments.rows.open("a") as file:
                        file.write(json.dumps(asdict(row)) + "\n")
            yield row


def _done(path: Path | None) -> dict[tuple[str, str], Row]:
    if path is None or not path.exists():
        return {}
    found = [Row(**json.loads(line)) for line in path.read_text().splitlines()]
    return {(row.keras, row.case): row for row in found}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="checkpoints whose path holds this")
    parser.add_argument("--min-keras", help="as of `k2to3 convert`; Nadam is compared with 3.10 in any case")
    parser.add_argument("--backend", default="tensorflow", choices=("tensorflow", "jax", "torch"))
    parser.add_argument("--rows", type=Path, help="rows are kept here, and those that are here are not run again")
    parser.add_argument("--write", type=Path, help="the page whose table is replaced")
    arguments = parser.parse_args()
    os.environ.update(KERAS_BACKEND=arguments.backend, CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
    found = []
    for row in rows(arguments):
        print(row, flush=True)
        found.append(row)
    counts = Counter(row.status for row in found)
    print("  ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    if arguments.write:
        arguments.write.write_text(page(arguments.write.read_text("utf-8"), found, arguments.folder), "utf-8")
    return 1 if any(counts[status] for status in BAD) else 0
