"""A stream of small numbers that a random model is made of; zeros after its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Reads decisions from bytes; fewer and smaller bytes make a smaller model."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def number(self, bound: int) -> int:
        """A number below `bound`."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1] % bound

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(len(options))]

    def rarely(self, share: int = 4) -> bool:
        """True once in `share`; never at the end of the stream."""
        return self.number(share) == share - 1
