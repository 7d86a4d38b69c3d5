"""What an attack is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

VERBS = ("convert", "inspect", "verify", "diff")
HARMLESS = "refused or left out"
"""One of our errors, or an archive in which nothing of the attack is left."""
CODES = {
    "": 0,
    "NotKeras2": 9,
    "BadConfig": 1,
    "UnsupportedLayer": 1,
    "UnsupportedOption": 1,
    "WeightMismatch": 1,
    "Refused": 1,
    "UsageError": 2,
    "Damaged": 4,
    "NothingToDo": 3,
    "UnsafeFile": 4,
    "NotEqual": 5,
    "FileError": 6,
    "ProofFailed": 7,
}
"""Exit codes, written down a second time: a change of one in the code must be meant."""


@dataclass(frozen=True)
class Made:
    """The files of an attack: what is converted, what is verified against (None: an honest archive)."""

    source: Path
    target: Path | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attack:
    """One hostile input.

    Attributes:
        name: says what it is.
        stands_for: the advisory, pull request or finding that it repeats.
        make: writes the files into an empty folder.
        error: the class that `convert` raises, or several between `|`; empty where the file converts right.
        traces: texts that no archive may hold.
        verbs: exit codes of other commands, where they are not that of `convert`.
        seconds: processor time that planning may take.
    """

    name: str
    stands_for: str
    make: Callable[[Path], Made]
    error: str = "UnsafeFile"
    verbs: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 2.0
    traces: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> str:
        """The module that makes it."""
        code = getattr(self.make, "__code__", None)
        inner = [cell.cell_contents for cell in getattr(self.make, "__closure__", None) or ()]
        named = [item.__module__ for item in [self.make, *inner] if hasattr(item, "__module__")]
        return ",".join(named) if code else ""

    def codes(self, verb: str) -> set[int]:
        """The exit codes that are right."""
        if verb in self.verbs:
            return {self.verbs[verb]}
        if self.error == HARMLESS:
            # `diff` ends with 5 for two readable files that differ; `verify` for an archive of another model.
            return {0, 1, 4, 9} | ({5} if verb in ("diff", "verify") else set())
        found = {CODES[name] for name in self.error.split("|")}
        # Wherever a file is only compared, it need not be the honest archive's.
        return found | ({5} if found == {0} and verb in ("diff", "verify") else set())


def from_checkpoint(change: Callable[[Path], None]) -> Callable[[Path], Made]:
    """An attack that changes an honest checkpoint in place."""
    from conftest import small_model, write_checkpoint

    def make(folder: Path) -> Made:
        path = write_checkpoint(folder / "old.h5", *small_model())
        change(path)
        return Made(path)

    return make
