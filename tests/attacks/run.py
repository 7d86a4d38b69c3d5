"""Running attacks through the driven process, with an honest archive, a canary and clean folders about them."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workers import Worker

from attacks.attack import VERBS, Attack, Made

CANARY = "canary"
TRAIL = "PWNED"
IN_OPEN = 0x20


@dataclass(frozen=True)
class Outcome:
    """What one command did with one attack."""

    attack: str
    verb: str
    code: Any
    wanted: set[int]
    seconds: float
    memory: int
    text: str
    problems: list[str] = field(default_factory=list)


class Canary:
    """A file that nobody has a reason to open; the kernel tells who does, whatever process it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text("secret")
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK)
        if self._descriptor < 0 or libc.inotify_add_watch(self._descriptor, os.fsencode(path), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def opened(self) -> int:
        """How often since the last question."""
        try:
            found = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return 0
        return len(found) // struct.calcsize("iIII")


@dataclass
class Range:
    """Where attacks are made and run."""

    folder: Path
    worker: Worker
    canary: Canary
    honest: Path

    def verbs(self, attack: Attack, verbs: Sequence[str] = VERBS, level: str = "none") -> list[Outcome]:
        """The attack, made once, through the commands."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            place = Path(name) / "attack"
            place.mkdir()
            made = attack.make(place)
            return [self._one(attack, made, verb, place, level) for verb in verbs]

    def _one(self, attack: Attack, made: Made, verb: str, place: Path, level: str) -> Outcome:
        before = _listing(place)
        target = made.target or self.honest
        new = place / "new.keras"
        argv = {
            "convert": ["convert", str(made.source), str(new), "--verify", level],
            "inspect": ["inspect", str(made.source)],
            "verify": ["verify", str(made.source), str(target), "--verify", "weights" if level == "none" else level],
            "diff": ["diff", str(made.source), str(target)],
        }[verb]
        # Only a proof has a reference.
        options = () if verb in ("inspect", "diff") and "--reference" in made.options else made.options
        found = self.ask([*argv, *options], place)
        wanted = attack.codes(verb)
        if level != "none" and 0 in wanted and verb in ("convert", "verify"):
            # The worker of the proof may have to be stopped, or may not get to the end of it.
            wanted |= {7, 8}
        problems = [*found["recorded"]]
        if found["code"] not in wanted:
            problems.append(f"exit code {found['code']}, not {wanted}: {found['err'][-600:]}")
        elif verb == "convert" and (found["code"] not in (0, 8)) != found["err"].startswith("k2to3: "):
            problems.append(f"exit code {found['code']} with the message {found['err']}")
        if new.exists() != (verb == "convert" and found["code"] in (0, 8)):
            problems.append("an archive was written" if new.exists() else "no archive was written")
        elif new.exists():
            text = config_of(new)
            problems += [f"the archive holds {trace}" for trace in attack.traces if trace in text]
        new.unlink(missing_ok=True)
        if (left := _listing(place)) != before:
            problems.append(f"left behind: {sorted(left ^ before)}")
        if self.canary.opened():
            problems.append("the canary was opened")
        return Outcome(
            attack.name, verb, found["code"], wanted, found["seconds"], found["memory"], found["err"], problems
        )

    def ask(self, argv: list[str], place: Path) -> dict[str, Any]:
        """One command; `recorded` is what the hook saw, and what it left in the folder for temporary files."""
        temporary = self.folder / "tmp"
        job = {"argv": argv, "log": str(self.folder / "log"), "allowed": [str(place), str(temporary), str(self.honest)]}
        found = self.worker.ask(job)
        if "status" in found:
            return {"code": found["status"], "err": found["detail"], "seconds": 0.0, "memory": 0, "recorded": []}
        found["recorded"] += [f"left in TMPDIR: {item.name}" for item in temporary.iterdir()]
        return found


def config_of(archive: Path) -> str:
    """The architecture that was written."""
    with zipfile.ZipFile(archive) as found:
        return found.read("config.json").decode()


def _listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@contextmanager
def shooting_range(folder: Path) -> Iterator[Range]:
    """A driven process with a folder for temporary files of its own, a canary and an honest archive."""
    import k2to3
    from conftest import small_model, write_checkpoint

    (folder / "tmp").mkdir()
    honest = folder / "honest.keras"
    k2to3.convert(write_checkpoint(folder / "honest.h5", *small_model()), honest, verify="none", compile=False)
    worker = Driven(Path(__file__).with_name("driver.py"), temporary=folder / "tmp")
    try:
        yield Range(folder, worker, Canary(folder / CANARY), honest)
    finally:
        worker.stop()


@dataclass
class Driven(Worker):
    """The driven process, with temporary files in a folder that is looked into afterwards."""

    temporary: Path = Path()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(self.script)],
            env={**os.environ, "TMPDIR": str(self.temporary)},
            cwd=self.temporary.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            text=True,
        )
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError("the driven process does not start")
        self._process = process
        return process
