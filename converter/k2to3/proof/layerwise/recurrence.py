"""Inside the worker: a recurrent layer that amplifies rounding.

Over many steps a right layer and its like may end anywhere, so the claim is taken apart: every single step from the
judge's own state, and the layer as a whole on the longest beginning and end that are too short for rounding to grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from k2to3.proof.differences import difference
from k2to3.proof.judges import Judged, Specified
from k2to3.proof.layerwise.steps import worst_step
from k2to3.proof.layerwise.walk import Made, as_array, mask_of, masked
from k2to3.proof.memory import check_memory

SHORTEST = 2


def proved_by_steps(made: Made, call: Judged, judge: Specified, tolerance: float) -> tuple[float, float] | str:
    """The largest error of a single step and the scale of its values, or what stands against it."""
    found = worst_step(made.node.operation, judge.steps(call), tolerance)
    if found is None:
        return ""
    error, scale = found
    if error > tolerance * scale:
        return f"a single step differs by {error:.3g}"
    parts = list(_parts(made, call, judge, tolerance))
    if not parts:
        return ""
    for part in parts:
        problem = _difference(made, call, judge, part, tolerance)
        if problem:
            return problem
    return found


def _parts(made: Made, call: Judged, judge: Specified, tolerance: float) -> Iterator[slice]:
    """The longest beginning and end in which rounding stays small."""
    length = made.args[0].shape[1] if made.args and len(getattr(made.args[0], "shape", ())) > 1 else 0
    for end in (False, True):
        size = length // 2
        while size >= SHORTEST:
            part = slice(length - size, length) if end else slice(0, size)
            if _steady(call, judge, part, tolerance):
                yield part
                break
            size //= 2


def _steady(call: Judged, judge: Specified, part: slice, tolerance: float) -> bool:
    pairs = zip(judge.call(call, part), judge.moved_call(call, part), strict=True)
    gaps = [difference(want, have) for want, have in pairs]
    return all(not problem and 4 * gap <= tolerance * scale for gap, scale, problem in gaps)


def _difference(made: Made, call: Judged, judge: Specified, part: slice, tolerance: float) -> str:
    try:
        outputs = keras.tree.flatten(_short_call(made, part))
    except TimeoutError:
        raise
    except Exception as error:
        check_memory(error)
        return ""
    for want, have in zip(judge.call(call, part), outputs, strict=True):
        gap, scale, problem = difference(want, as_array(have))
        if problem or gap > tolerance * scale:
            return problem or f"on steps {part.start} to {part.stop} alone it differs by {gap:.3g}"
    return ""


def _short_call(made: Made, part: slice) -> Any:
    """The same call on some of the time steps, with their part of the mask."""
    first = made.args[0]
    short, mask = first[:, part], mask_of(first)
    if mask is not None:
        masked(short, mask[:, part])
    kwargs = dict(made.kwargs)
    if kwargs.get("mask") is not None:
        kwargs["mask"] = kwargs["mask"][:, part]
    return made.node.operation(short, *made.args[1:], **kwargs)
