"""What a hunt found, as `survivors.txt` keeps it: a part's share, and each mutant that is left with a word on why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.session import Verdict

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "converter" / "k2to3"
KILLED = ("killed", "timeout")
REASONS = HERE / "reasons.txt"
SURVIVORS = HERE / "survivors.txt"
HEADING = re.compile(r"# (?P<part>[^:]+): .* of (?P<tried>\d+) tried")
LISTED = re.compile(r"(?:survived|not run) *(?P<path>\S+?):(?P<line>\d+) (?P<rest>.*)  \[.*\]")


@dataclass(frozen=True)
class Account:
    """How many mutants of a part there are and were tried, and who is left."""

    every: int
    tried: int
    left: tuple[Verdict, ...]

    @property
    def share(self) -> float:
        return 1 - len(self.left) / max(1, self.tried)

    def __str__(self) -> str:
        return f"{self.share:.1%} killed, {len(self.left)} left of {self.tried} tried of {self.every}"


def key(verdict: Verdict) -> str:
    mutant = verdict.mutant
    return f"{verdict.path.relative_to(PACKAGE)} {mutant.function}: {mutant.text}"


def line(verdict: Verdict) -> str:
    mutant = verdict.mutant
    place = f"{verdict.path.relative_to(PACKAGE)}:{mutant.lines[0]} {mutant.function}"
    return f"{verdict.status:9}{place}: {mutant.text}  [{verdict.by}]"


def left_before(part: str) -> tuple[int, dict[str, set[int]]]:
    """How many were tried the last time, and the keys of those that were left with the lines they stood in."""
    for block in _blocks():
        heading = HEADING.match(block)
        if heading and heading["part"] == part:
            left: dict[str, set[int]] = {}
            for found in LISTED.finditer(block):
                left.setdefault(f"{found['path']} {found['rest']}", set()).add(int(found["line"]))
            return int(heading["tried"]), left
    return 0, {}


def among(verdicts: Sequence[Verdict], left: dict[str, set[int]]) -> list[bool]:
    """Which were left; those of one key are told apart by their lines, as long as these are the same."""
    lines: dict[str, set[int]] = {}
    for verdict in verdicts:
        lines.setdefault(key(verdict), set()).add(verdict.mutant.lines[0])
    wanted = {name: lines.get(name, set()) & found or lines.get(name, set()) for name, found in left.items()}
    return [verdict.mutant.lines[0] in wanted.get(key(verdict), ()) for verdict in verdicts]


def _blocks() -> list[str]:
    return [f"# {block}" for block in SURVIVORS.read_text(encoding="utf-8").split("# ")[1:]]


def write(accounts: dict[str, Account], seed: int) -> None:
    """The parts that were looked at anew, and what the file says of the others."""
    why = _reasons()
    blocks = {match["part"]: block.strip() for block in _blocks() if (match := HEADING.match(block))}
    blocks |= {part: _block(part, account, seed, why) for part, account in accounts.items() if account.tried}
    SURVIVORS.write_text("\n\n".join(block for _, block in sorted(blocks.items())) + "\n", encoding="utf-8")


def _block(part: str, account: Account, seed: int, why: dict[str, str]) -> str:
    lines = [f"# {part}: {account}, seed {seed}"]
    for verdict in account.left:
        lines.append(line(verdict))
        lines += [f"    {why[key(verdict)]}"] if key(verdict) in why else []
    return "\n".join(lines)


def _reasons() -> dict[str, str]:
    """Why mutants are left, by key: a key and the line below it, indented."""
    found: dict[str, str] = {}
    last = ""
    for text in REASONS.read_text(encoding="utf-8").splitlines():
        if text.startswith("  "):
            found[last] = text.strip()
        elif text and not text.startswith("#"):
            last = text
    return found
