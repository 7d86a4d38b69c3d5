"""Addition that no backend mistakes for a bias."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from k2to3.functions.dispatch import call
from op_helpers import evaluate, new_emitter

SHAPES = [(None, 4), (None, 1), (4,), (1,), (None, 1, 4), (None, 4, 1), (None, 4, 4), (None, 5, 4), (None, None, 4)]
SHAPES += [(1, 4), (4, 1), (4, 4), (None, 4, 5), (None, 4, 1, 1), (None, 1, 1, 4), (None, 4, 4, 4), (None, None, 1)]


def concrete(shape: tuple[int | None, ...], batch: int, other: int) -> tuple[int, ...]:
    extents = iter([batch, other])
    return tuple(next(extents) if n is None else n for n in shape)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SHAPES), st.sampled_from(SHAPES), st.sampled_from([1, 4, 5]), st.sampled_from([1, 4, 5]))
def test_add_is_add_whatever_the_batch(left, right, batch, other):
    arrays = [
        np.random.default_rng(i).integers(1, 1000, concrete(s, batch, other)) * 1.0 for i, s in enumerate((left, right))
    ]
    try:
        wanted = arrays[0] + arrays[1]
    except ValueError:
        return
    emitter = new_emitter()
    x, y = (emitter.graph.input(f"in{i}", shape, "float32") for i, shape in enumerate((left, right)))
    try:
        found = call(emitter, "operator.add", [x, y])
    except Exception as error:
        assert "broadcast" in str(error)
        return
    value = evaluate(found, {x: arrays[0], y: arrays[1]})
    assert value.shape == wanted.shape
    assert np.array_equal(value, wanted)
