"""Kinds of values: what a key of a config may hold, and how to say so."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from k2to3.dataclass import dataclass

LARGEST = 2**31 - 1
MAX_RANK = 32


@dataclass(frozen=True)
class Wrong:
    """A value that its key may not hold; `key` leads to it from where the check began."""

    value: Any
    allowed: str
    key: str = ""

    def inside(self, key: str) -> Wrong:
        return replace(self, key=f"{key}.{self.key}" if self.key else key)


Kind = Callable[[Any], Wrong | None]


def shown(value: Any) -> str:
    """A value in an error text: short, however deep or long it is."""
    return reprlib.repr(value)


def kind(allowed: str, holds: Callable[[Any], bool]) -> Kind:
    return lambda value: None if holds(value) else Wrong(value, allowed)


def is_whole(value: Any) -> bool:
    """Whole numbers; some files have them as floats."""
    return type(value) is int or (type(value) is float and value.is_integer())


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def plain(value: Any) -> Any:
    """Keras 2.2 wrapped NumPy scalars as `{"type": "ndarray", "value": ...}`."""
    if isinstance(value, dict) and value.get("type") == "ndarray":
        return value.get("value")
    return value


def whole(low: int = -LARGEST, high: int = LARGEST) -> Kind:
    top = f" to {high}" if high < LARGEST else " or more"
    text = "a whole number" if low == -LARGEST else f"a whole number, {low}{top}"
    return kind(text, lambda value: is_whole(value) and low <= value <= high)


def integer(low: int = -LARGEST, high: int = LARGEST) -> Kind:
    """A whole number that Keras never took as a float: extents, axes, indices."""
    return both(whole(low, high), kind("an integer", lambda value: type(value) is int))


def both(first: Kind, second: Kind) -> Kind:
    return lambda value: first(value) or second(value)


def real(low: float = -math.inf, high: float = math.inf, *, finite: bool = True) -> Kind:
    text = "a finite number" if finite else "a number"
    if low > -math.inf:
        text += f", {low:g} or more" if high == math.inf else f", {low:g} to {high:g}"

    def holds(value: Any) -> bool:
        value = plain(value)
        if not is_number(value) or (finite and not _finite(value)):
            return False
        return bool(low <= value <= high) or (not finite and value != value)

    return kind(text, holds)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def one_of(*values: Any) -> Kind:
    text = "one of " + ", ".join("null" if value is None else repr(value) for value in values)
    return kind(text, lambda value: any(type(value) is type(known) and value == known for known in values))


def either(*kinds: Kind) -> Kind:
    """What one of several kinds allows; the last one explains what is wrong inside of it."""

    def check(value: Any) -> Wrong | None:
        found = [each(value) for each in kinds]
        if None in found:
            return None
        deeper = next((wrong for wrong in found if wrong is not None and wrong.key), None)
        return deeper or Wrong(value, " or ".join(wrong.allowed for wrong in found if wrong is not None))

    return check


def sequence(item: Kind, *lengths: int, longest: int = MAX_RANK) -> Kind:
    """A list whose items are of one kind; of any length up to `longest`, or of one of `lengths`."""
    number = f"{' or '.join(map(str, lengths))} times " if lengths else "of "

    def check(value: Any) -> Wrong | None:
        if not isinstance(value, list) or (lengths and len(value) not in lengths) or len(value) > longest:
            return Wrong(value, f"a list {number}{_says(item)}")
        return next((wrong.inside(str(index)) for index, each in enumerate(value) if (wrong := item(each))), None)

    return check


def _says(item: Kind) -> str:
    wrong = item(object())
    return wrong.allowed if wrong else "anything"


NOTHING = one_of(None)
FLAG = kind("true or false", lambda value: isinstance(value, bool) or (is_number(value) and value in (0, 1)))
TEXT = kind("a text", lambda value: isinstance(value, str))
OBJECT = kind("an object", lambda value: isinstance(value, dict))
LIST = kind("a list", lambda value: isinstance(value, list))
COUNT = whole(1)
SIZE = whole(0)
EXTENT = integer(1)
MARGIN = integer(0)
AXIS = integer(-MAX_RANK, MAX_RANK - 1)
ANY_AXES = either(AXIS, sequence(AXIS))
AXES = both(ANY_AXES, kind("at least one axis", lambda value: value != []))
RATE = real(0, 1)
NUMBER = real()
MAX_SAMPLE = 1 << 28
"""Numbers in one sample: a gigabyte of float32."""
SHAPE = both(
    sequence(either(NOTHING, EXTENT)),
    kind("a shape of a sample that fits into memory", lambda value: math.prod(n or 1 for n in value) <= MAX_SAMPLE),
)


def optional(*kinds: Kind) -> Kind:
    return either(NOTHING, *kinds)


def extents(rank: int, item: Kind = EXTENT) -> Kind:
    """One number for all spatial axes, or a list of one for each."""
    return either(item, sequence(item, rank))


def margins(rank: int) -> Kind:
    """One number, one for each axis, or a pair for each axis; in one dimension a pair is all there is."""
    pair = sequence(MARGIN, 2)
    if rank == 1:
        return either(MARGIN, pair)
    return either(MARGIN, sequence(either(MARGIN, pair), rank))
