"""Expressions against NumPy, and their claims about themselves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from k2to3.weights import Concat, Constant, Flip, Multiply, Reshape, Slice, Sum, Take, Transpose
from k2to3.weights.bfloat16 import to_bfloat16, to_float32

arrays = (
    st.integers(1, 4)
    .flatmap(lambda rank: st.tuples(*[st.integers(1, 4)] * rank))
    .map(lambda shape: np.arange(np.prod(shape), dtype=np.float32).reshape(shape))
)


def same(expression, expected):
    value = expression.evaluate()
    assert value.shape == expression.shape == expected.shape and str(value.dtype) == expression.dtype
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(
        np.concatenate([np.atleast_1d(r) for r in expression.rows()]), np.atleast_1d(expected)
    )


@given(arrays, st.randoms())
def test_moving_elements_is_exact(array, random):
    axes = list(range(array.ndim))
    random.shuffle(axes)
    source = Constant(array)
    same(Transpose(source, tuple(axes)), array.transpose(axes))
    same(Reshape(source, (array.size,)), array.reshape(-1))
    same(Flip(source, tuple(axes[:1])), np.flip(array, axes[0]))
    same(Slice(source, axes[0], 0, 1), array.take([0], axes[0]))
    same(Concat((source, source), axes[0]), np.concatenate([array, array], axes[0]))
    assert Transpose(source, tuple(axes)).exact


@given(arrays)
def test_arithmetic_is_rounded_once(array):
    scaled = Multiply(Constant(array), np.float64(1.2), "1.2")
    same(scaled, (array.astype(np.float64) * 1.2).astype(np.float32))
    same(Sum((Constant(array), Constant(array))), array * 2)
    assert not scaled.exact


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=20))
def test_bfloat16_round_trip(values):
    single = np.array(values, dtype=np.float32)
    once = to_float32(to_bfloat16(single))
    np.testing.assert_array_equal(to_bfloat16(once), to_bfloat16(single))


def test_long_arrays_that_differ_in_the_middle_are_others():
    """NumPy writes `...` for the middle of a long array: a text of it is no identity."""
    one = np.arange(2000, dtype=np.int64)
    other = one.copy()
    other[1000] = 0
    for kind in (
        Constant,
        lambda array: Multiply(Constant(one), array, "scaled"),
        lambda array: Take(Constant(one), array, "sorted"),
    ):
        assert kind(one) == kind(one.copy()) and hash(kind(one)) == hash(kind(one.copy()))
        assert kind(one) != kind(other) and kind(one) != kind(one.astype(np.int32))


def test_a_long_constant_comes_in_pieces():
    value = np.zeros((3000, 1000), np.float32)
    pieces = list(Constant(value, "start").rows())
    assert len(pieces) > 2 and sum(map(len, pieces)) == 3000 and max(piece.nbytes for piece in pieces) <= 4 << 20
