"""Layers that make one tensor of several."""

from __future__ import annotations

from k2to3.errors import UnsupportedOption
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, drops, joins, kept
from k2to3.keras3.types import Shape, agreed, broadcast, fit


def merged(use: Use) -> list[Shape]:
    """Keras aligns inputs of different rank after the batch axis, not at the end."""
    rank = max(len(shape) for shape in use.shapes)
    return [broadcast([(s[0], *(1,) * (rank - len(s)), *s[1:]) for s in use.shapes])]


def concatenated(use: Use) -> list[Shape]:
    shapes = use.shapes
    if len({len(shape) for shape in shapes}) > 1:
        raise UnsupportedOption(f"joins inputs of shapes {', '.join(map(str, shapes))}", layer=use.layer.name)
    axis = use.config["axis"] % len(shapes[0])
    agreed(shapes, free=axis)
    extents = [shape[axis] for shape in shapes]
    others = [next((s[i] for s in shapes if s[i] is not None), None) for i in range(len(shapes[0]))]
    others[axis] = None if None in extents else sum(n for n in extents if n is not None)
    return [tuple(others)]


def dot(use: Use) -> list[Shape]:
    axes = use.config["axes"]
    first, second = (axes, axes) if isinstance(axes, int) else axes
    left, right = list(use.shapes[0]), list(use.shapes[1])
    if not fit(left.pop(first % len(left)), right.pop(second % len(right))):
        raise UnsupportedOption(f"axes {axes} of inputs of shapes {use.shapes}", layer=use.layer.name, key="axes")
    joined = left + right[1:]
    return [tuple(joined) if len(joined) > 1 else (joined[0], 1)]


PLAIN = LayerFacts(outputs=merged, dtype=kept, mask=joins)
APPLYING = LayerFacts(outputs=merged, dtype=kept, mask=joins, takes=Takes.APPLIES)

ROWS: Rows = {
    "Add": PLAIN,
    "Average": LayerFacts(outputs=merged, dtype=computed, mask=joins),
    "Concatenate": LayerFacts(outputs=concatenated, dtype=kept, mask=joins),
    "Dot": LayerFacts(outputs=dot, dtype=kept, mask=drops),
    "Maximum": APPLYING,
    "Minimum": APPLYING,
    "Multiply": APPLYING,
    "Subtract": PLAIN,
}
