"""A comparison for people."""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.comparison.compare import Difference
from k2to3.comparison.record import Comparison
from k2to3.counting import counted
from k2to3.printable import printable


def lines(found: Comparison, *, everything: bool = False) -> Iterator[str]:
    """Differences, what is on one side only, and a summary."""
    return (printable(line) for line in _lines(found, everything))


def _lines(found: Comparison, everything: bool) -> Iterator[str]:
    for item in found.tensors:
        if everything or not item.equal:
            yield f"{item.name}: {_text(item)}"
    for label, names in ((found.a, found.only_in_a), (found.b, found.only_in_b)):
        yield from (f"{name}: only in {label}" for name in names)
    equal = sum(item.equal for item in found.tensors)
    bits = sum(item.bit_equal for item in found.tensors)
    yield (
        f"{counted(len(found.tensors), 'tensor')} in both, {equal:,} equal ({bits:,} bit for bit); "
        f"{len(found.only_in_a):,} only in {found.a}, {len(found.only_in_b):,} only in {found.b}"
    )
    yield "equal" if found.equal else "not equal"


def _text(item: Difference) -> str:
    if item.bit_equal:
        return "equal bit for bit"
    parts = []
    if item.a["shape"] != item.b["shape"]:
        parts.append(f"shape {item.a['shape']} against {item.b['shape']}")
    elif item.max_abs is None:
        parts.append("NaN or infinite values in different places")
    else:
        parts.append(f"differs by at most {item.max_abs:.6g}")
    if item.a["dtype"] != item.b["dtype"]:
        parts.append(f"{item.a['dtype']} against {item.b['dtype']}")
    return ", ".join(parts)
