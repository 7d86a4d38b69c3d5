"""A zoo as maintainers have it, through one batch, and every outcome looked at.

python tests/conformance/zoo.py [CORPUS] [--files 2000] [--verify outputs] [--jobs 2] [--largest 20MB]

CORPUS is a folder of real checkpoints (default: fixtures/). One file in twenty is damaged, one in a hundred hostile;
some are there twice, some differ by their ending alone, some have names of other alphabets or names too long to be
written; the rest is generated. A generated file has to be proved, each of the others to end with its cause, none
may be lost, and nobody's fault may be taken for a file's.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "faults")]

import k2to3  # noqa: E402
from fault_helpers import checkpoint_of  # noqa: E402
from k2to3.archive.sizes import parse_size  # noqa: E402
from k2to3.migration.find import find_checkpoints  # noqa: E402

ALPHABETS = ("モデル", "modèle", "модель", "a b", "-dash", "ß")
WRITTEN = {"proved", "converted"}
REFUSED = {"refused", "unsafe file", "nothing to do", "file error"}
ALLOWED = {
    "generated": {"proved"},
    "twice": {"proved"},
    "clash": {"proved"},
    "alphabet": {"proved"},
    "too long": {"file error"},
    "hostile": {"unsafe file", "refused", "file error"},
    "damaged": WRITTEN | REFUSED,
    "real": WRITTEN | REFUSED | {"usage"},
}
"""Of each kind. A changed byte of a weight is no damage that anybody could see; `usage` says that weights alone need
an architecture. A failed proof or a fault of our own is never right."""


@dataclass(frozen=True)
class Made:
    """The kind of every file, by its path."""

    kinds: dict[Path, str]

    def add(self, path: Path, kind: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.kinds[path] = kind
        return path


def linked_out(path: Path) -> None:
    with h5py.File(checkpoint_of(path), "r+") as file:
        file["model_weights/more"] = h5py.ExternalLink("/etc/passwd", "/")


def stored_out(path: Path) -> None:
    with h5py.File(checkpoint_of(path), "r+") as file:
        file.create_dataset("model_weights/more", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def bomb(path: Path) -> None:
    with h5py.File(checkpoint_of(path), "r+") as file:
        file.create_dataset("model_weights/more", (1 << 40,), "u1", chunks=(1 << 20,), compression="gzip")


def pipe(path: Path) -> None:
    os.mkfifo(path)


HOSTILE: tuple[Callable[[Path], None], ...] = (linked_out, stored_out, bomb, pipe)


def damaged(source: Path, target: Path, chance: random.Random) -> None:
    """Cut off, or a few bytes changed."""
    data = bytearray(source.read_bytes())
    if chance.random() < 0.5:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(4):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    target.write_bytes(data)


def zoo(folder: Path, real: list[Path], count: int, chance: random.Random) -> Made:
    """`count` files below `folder`."""
    made = Made({})
    for number in range(max(1, count // 100)):
        HOSTILE[number % len(HOSTILE)](made.add(folder / "hostile" / f"h{number}.h5", "hostile"))
    for number in range(count // 20):
        source = chance.choice(real) if real else checkpoint_of(folder.parent / "seed.h5")
        damaged(source, made.add(folder / "damaged" / f"{number}{source.suffix}", "damaged"), chance)
    for number, source in enumerate(real):
        if len(made.kinds) < count * 3 // 4:
            _copied(source, made.add(folder / "real" / f"{number:04}" / source.name, "real"))
    special = max(1, count // 100)
    for number in range(special):
        once = checkpoint_of(made.add(folder / "deep" / f"{number}" / "model.h5", "twice"), 3 + number)
        shutil.copy(once, made.add(folder / "copies" / f"{number}.h5", "twice"))
        for suffix in (".h5", ".hdf5"):
            checkpoint_of(made.add(folder / "clash" / f"{number}{suffix}", "clash"), 4 + number)
        checkpoint_of(made.add(folder / "names" / f"{chance.choice(ALPHABETS)} {number}.h5", "alphabet"), 5 + number)
    checkpoint_of(folder / "names" / "x.h5").rename(made.add(folder / "names" / ("n" * 252 + ".h5"), "too long"))
    while len(made.kinds) < count:
        number = len(made.kinds)
        checkpoint_of(made.add(folder / "generated" / f"{number % 50}" / f"{number}.h5", "generated"), 1 + number % 97)
    return made


def _copied(source: Path, target: Path) -> None:
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


def faults(made: Made, reports: list[k2to3.Report]) -> Iterator[str]:
    """What should not be."""
    found = {Path(report.source): report for report in reports}
    yield from (f"lost: {path}" for path in made.kinds.keys() - found.keys())
    yield from (f"from nowhere: {path}" for path in found.keys() - made.kinds.keys())
    for path, kind in made.kinds.items():
        report = found.get(path)
        if report is None:
            continue
        if report.status not in ALLOWED[kind]:
            yield f"{kind} {path.name}: {report.status}: {report.error and report.error['message']}"
        there = os.path.lexists(report.target or "")
        if there != (report.status in WRITTEN):
            yield f"{kind} {path.name}: {report.status}, and its target is {'there' if there else 'not there'}"
        if report.error is not None and not report.error["message"]:
            yield f"{kind} {path.name}: no cause"


def table(made: Made, reports: list[k2to3.Report]) -> list[str]:
    """Kinds against outcomes."""
    counts = Counter((made.kinds[Path(report.source)], report.status) for report in reports)
    statuses = sorted({status for _, status in counts})
    lines = [f"| kind | {' | '.join(statuses)} |", "|---|" + "---|" * len(statuses)]
    for kind in ALLOWED:
        lines.append(f"| {kind} | {' | '.join(str(counts[kind, status] or '') for status in statuses)} |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=ROOT / "fixtures")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--verify", default=None)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--largest", default="20MB", help="real files above this are left out")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, largest = random.Random(asked.seed), parse_size(asked.largest)
    real = [path for path in find_checkpoints(asked.corpus) if path.is_file() and path.stat().st_size <= largest]
    chance.shuffle(real)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = zoo(folder / "zoo", real, asked.files, chance)
        begun = time.monotonic()
        reports = k2to3.batch(
            folder / "zoo", folder / "out", verify=asked.verify, jobs=asked.jobs, keep_suffix=True, memory="8GB"
        )
        wall, usage = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        wrong = list(faults(made, reports))
    seconds = usage.ru_utime + usage.ru_stime
    print("\n".join(table(made, reports)))
    print(
        f"\n{len(reports)} files, level {asked.verify or 'outputs'}, {asked.jobs} jobs: {wall:.0f} s, "
        f"{seconds / len(reports):.2f} processor seconds a file, largest process {usage.ru_maxrss / 1024:.0f} MB"
    )
    print("\n".join([f"{len(wrong)} faults", *wrong]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
