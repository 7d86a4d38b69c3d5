"""Subscripts against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from k2to3.errors import UnsupportedOption
from k2to3.functions.dispatch import call
from op_helpers import evaluate, new_emitter

BOUND = st.one_of(st.none(), st.integers(-7, 7))
STEP = st.one_of(st.none(), st.sampled_from([1, 2, 3, -1, -2]))
ITEM = st.one_of(st.integers(-5, 4), st.builds(slice, BOUND, BOUND, STEP), st.just(None), st.just(Ellipsis))


@settings(max_examples=400, deadline=None)
@given(st.lists(ITEM, min_size=1, max_size=4), st.booleans())
def test_subscripts_are_numpys(spec, dynamic):
    data = np.arange(5 * 5 * 5).reshape(5, 5, 5)
    if spec.count(Ellipsis) > 1 or sum(item is not None and item is not Ellipsis for item in spec) > 3:
        return
    emitter = new_emitter()
    x = emitter.graph.input("x", (None, None, 5) if dynamic else (5, 5, 5), "float32")
    wanted = data[tuple(spec)]
    try:
        found = call(emitter, "operator.getitem", [x, tuple(spec)])
    except UnsupportedOption:
        assert dynamic
        return
    value = evaluate(found, {x: data})
    assert np.array_equal(value, wanted)
    assert len(found.shape) == wanted.ndim
    assert all(n is None or n == m for n, m in zip(found.shape, wanted.shape, strict=True))


@pytest.mark.parametrize("step", [-1, -2])
def test_no_negative_step_is_written(step):
    emitter = new_emitter()
    x = emitter.graph.input("x", (None, 5), "float32")
    found = call(emitter, "operator.getitem", [x, (slice(None), slice(None, None, step))])
    keys = [n.args[1] for n in emitter.graph.nodes if n.operation.class_name == "GetItem"]
    assert all((item.step or 1) > 0 for key in keys for item in key)
    assert found.shape == (None, len(range(0, 5, -step)))
