"""`kill -9` of anything at random moments of a batch, each followed by a run again: what comes out is the same tree.

python tests/faults/kills.py [--kills 100] [--files 24] [--verify none] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from fault_helpers import alive, checkpoint_of, children, hidden, run, start, wait_for

UNITS = 20_000
"""Of every third file, which takes a while to write."""


@dataclass
class Found:
    """What was killed how often, and how often a tree was whole after that."""

    killed: Counter[str] = field(default_factory=Counter)
    trees: int = 0
    left: int = 0
    """Temporary folders of the dead that a later run had to clear."""


class Zoo:
    """Small checkpoints, one that is none, and what becomes of them where nobody disturbs."""

    def __init__(self, folder: Path, files: int, level: str) -> None:
        self.sources, self.out, self._level, self.files = folder / "zoo", folder / "out", level, files
        for number in range(files):
            place = self.sources / f"d{number % 3}"
            place.mkdir(parents=True, exist_ok=True)
            checkpoint_of(place / f"m{number}.h5", UNITS + number if number % 3 == 0 else 3 + number)
        (self.sources / "bad.h5").write_bytes(b"no checkpoint")
        assert run(*self.command()).returncode == 9
        self.undisturbed = self.tree()
        assert len(self.undisturbed) == files
        self.clear()

    def command(self) -> list[object]:
        return ["batch", self.sources, "--out", self.out, "--verify", self._level, "--jobs", "2"]

    def tree(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.out)): path.read_bytes() for path in self.targets()}

    def targets(self) -> list[Path]:
        return sorted(self.out.rglob("*.keras")) if self.out.exists() else []

    def clear(self) -> None:
        shutil.rmtree(self.out)

    def rows(self) -> dict[str, int]:
        """Files by state, of a ledger that SQLite finds sound."""
        with closing(sqlite3.connect(self.out / "k2to3.sqlite")) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
            return dict(connection.execute("select state, count(*) from files group by state"))


def kills(folder: Path, count: int, files: int, level: str, seed: int) -> Found:
    """Kill `count` times; whenever a run got to its end, the tree has to be the undisturbed one."""
    zoo, chance, found = Zoo(folder, files, level), random.Random(seed), Found()
    while found.killed.total() < count:
        killed = _killed(zoo, chance)
        if killed is not None:
            found.killed[killed] += 1
            found.left += len(hidden(zoo.out))
        if killed is None or chance.random() < 0.25:
            _whole(zoo, found)
    _whole(zoo, found)
    return found


def _killed(zoo: Zoo, chance: random.Random) -> str | None:
    """One run in which something was killed; None where it ended before."""
    missing = zoo.files - len(zoo.targets())
    process = start(*zoo.command())
    enough = zoo.files - missing + chance.randrange(missing) if missing else 0
    wait_for(lambda: len(zoo.targets()) >= enough or process.poll() is not None, 300)
    time.sleep(chance.random() * 0.1)
    below = children(process.pid)
    victim = process.pid if not below or chance.random() < 0.3 else chance.choice(below)
    died = False
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            died = True
    process.communicate(timeout=300)
    wait_for(lambda: not any(alive(pid) for pid in below), 60)
    return None if not died else "supervisor" if victim == process.pid else "worker"


def _whole(zoo: Zoo, found: Found) -> None:
    done = run(*zoo.command())
    assert done.returncode == 9, (done.stdout, done.stderr)
    assert zoo.tree() == zoo.undisturbed and not hidden(zoo.out), (sorted(zoo.tree()), hidden(zoo.out), done.stdout)
    assert zoo.rows() == {"done": zoo.files, "failed": 1}
    found.trees += 1
    zoo.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--verify", default="none")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = kills(Path(name), asked.kills, asked.files, asked.verify, asked.seed)
    told = ", ".join(f"{count} {what}s" for what, count in sorted(found.killed.items()))
    print(f"killed {told}; {found.left} temporary folders of the dead; {found.trees} trees, all identical")


if __name__ == "__main__":
    main()
