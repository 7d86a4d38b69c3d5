"""Numbers and lists in sentences."""

from __future__ import annotations

from collections.abc import Iterable


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "layer"), counted(2000, "layer"), counted(2, "copy", "copies")
    ('1 layer', '2,000 layers', '2 copies')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def shortened(names: Iterable[str], most: int = 3) -> str:
    """The first of a list, each once, and how many more there are.

    >>> shortened(["a", "b", "a", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - most:,} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
