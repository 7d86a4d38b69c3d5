"""Which file is begun next: the first whose proof fits into memory beside those in work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from k2to3.limits import Limits, read_limits
from k2to3.migration.find import Pair
from k2to3.migration.resume import source_identity
from k2to3.options.records import ProofOptions
from k2to3.proof.bench import RUN
from k2to3.proof.memory import MEMORY_FACTOR, available_bytes


@dataclass(frozen=True)
class Budget:
    """Bytes that all files in work may take together, None where nobody knows; `level` of the proof of most files."""

    memory: int | None
    level: str

    def need(self, pair: Pair) -> int:
        """What a proof takes, by the size of the file; without one, arrays pass through in small pieces."""
        if pair.given.get("verify", self.level) not in RUN:
            return 0
        found = source_identity(pair)
        return 0 if found is None else MEMORY_FACTOR * found[0]


def budget(options: dict[str, Any]) -> Budget:
    """By the options of a batch: the limit on memory, else what is free as it begins."""
    limits: Limits = read_limits(options.get("limits") or ())
    level = options.get("verify") or ProofOptions().level
    return Budget(limits.memory or available_bytes(), level)


class Waiting:
    """Files that were not begun. One that is too large for any company waits until it can be alone."""

    def __init__(self, pairs: Sequence[Pair], budget: Budget) -> None:
        self._pairs, self._large, self._budget = deque(pairs), deque[tuple[Pair, int]](), budget

    def __bool__(self) -> bool:
        return bool(self._pairs or self._large)

    def next(self, running: Iterable[Pair]) -> Pair | None:
        """The one to begin, taken out; None where none fits beside those that are running."""
        taken, memory = [self._budget.need(pair) for pair in running], self._budget.memory
        for number, (pair, need) in enumerate(self._large):
            if self._fits(need, taken, memory):
                del self._large[number]
                return pair
        while self._pairs:
            pair = self._pairs.popleft()
            need = self._budget.need(pair)
            if self._fits(need, taken, memory):
                return pair
            self._large.append((pair, need))
        return None

    @staticmethod
    def _fits(need: int, taken: Sequence[int], memory: int | None) -> bool:
        return not taken or memory is None or need == 0 or sum(taken) + need <= memory
