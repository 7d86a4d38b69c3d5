"""What an expression says of itself, and what NumPy says of its value; wrong shapes are refused."""

from __future__ import annotations

import re

import h5py
import numpy as np
import pytest
from k2to3.errors import WeightMismatch
from k2to3.sources.hdf5 import read_hdf5
from k2to3.sources.opened import open_file
from k2to3.sources.tensors import stored_tensor
from k2to3.weights import (
    Concat,
    Constant,
    Divide,
    Flip,
    Multiply,
    Reshape,
    Slice,
    Stored,
    Sum,
    Take,
    Transpose,
)
from k2to3.weights.bfloat16 import to_bfloat16, to_float32
from k2to3.weights.normalised import Normalised

VALUE = np.arange(1, 25, dtype="float32").reshape(2, 3, 4)
HALF = np.array([1.0, -2.5, 3.140625], "float32")


def bits(value):
    """bfloat16 patterns of values that need no rounding."""
    return (np.asarray(value, np.float32).view(np.uint32) >> 16).astype(np.uint16)


@pytest.fixture
def stored(tmp_path):
    def make(name, value):
        path = tmp_path / f"{name.replace(':', '_')}.h5"
        with h5py.File(path, "w") as root:
            root[name] = value
        file = open_file(path)
        hdf5 = read_hdf5(file)
        opened.append(file)
        return Stored(stored_tensor(name, hdf5.root.find(name), hdf5.library, f"/{name}"))

    opened = []
    yield make
    for file in opened:
        file.close()


# Expression of one or more sources, its value in NumPy, its text, and whether it only copies.
CASES = [
    (lambda a, b: Reshape(a, (4, 6)), lambda a, b: a.reshape(4, 6), "reshape(a:0, [4, 6])", True),
    (lambda a, b: Transpose(a, (2, 0, 1)), lambda a, b: a.transpose(2, 0, 1), "transpose(a:0, [2, 0, 1])", True),
    (lambda a, b: Flip(a, (0, 2)), lambda a, b: a[::-1, :, ::-1], "flip(a:0, [0, 2])", True),
    (lambda a, b: Slice(a, 2, 1, 3), lambda a, b: a[:, :, 1:3], "a:0[1:3 on axis 2]", True),
    (lambda a, b: Slice(a, 1, 1, 2), lambda a, b: a[:, 1:2], "a:0[1:2 on axis 1]", True),
    (lambda a, b: Concat((a, b), 1), lambda a, b: np.hstack([a, b]), "concat(a:0, b:0; axis 1)", True),
    (
        lambda a, b: Concat((a, Sum((a, b))), 0),
        lambda a, b: np.concatenate([a, a + b]),
        "concat(a:0, a:0 + b:0; axis 0)",
        False,
    ),
    (lambda a, b: Sum((a, b)), lambda a, b: a + b, "a:0 + b:0", False),
    (lambda a, b: Divide((a, b)), lambda a, b: np.reciprocal(b) * a, "a:0 / b:0", False),
    (
        lambda a, b: Multiply(a, np.array([1.1, 2, 3, 4]), "factors"),
        lambda a, b: (a.astype("float64") * [1.1, 2, 3, 4]).astype("float32"),
        "a:0 × factors",
        False,
    ),
    (
        lambda a, b: Take(a, np.array([[23, -1], [0, -5]]), "picked"),
        lambda a, b: np.array([[24, 0], [1, 0]], "float32"),
        "picked(a:0)",
        True,
    ),
]


@pytest.mark.parametrize(("make", "expected", "text", "exact"), CASES, ids=[case[2] for case in CASES])
def test_value_and_claims(stored, make, expected, text, exact):
    other = (VALUE * 3 + 1).astype("float32")
    a, b = stored("a:0", VALUE), stored("b:0", other)
    expression, value = make(a, b), expected(VALUE, other)
    found = expression.evaluate()
    np.testing.assert_array_equal(found, value)
    assert (expression.shape, expression.dtype, expression.nbytes) == (value.shape, "float32", value.nbytes)
    assert (found.shape, found.dtype) == (value.shape, np.float32)
    assert str(expression) == text and expression.exact is exact
    assert [tensor.name for tensor in expression.sources()] == re.findall("[ab]:0", text)
    np.testing.assert_array_equal(np.concatenate(list(expression.rows())), value)


def test_sources_come_in_order(stored):
    a, b, c = (stored(name, VALUE) for name in "abc")
    joined = Concat((Sum((c, a)), Flip(b, (0,))), 0)
    assert [tensor.name for tensor in joined.sources()] == ["c", "a", "b"]
    assert list(Constant(VALUE).sources()) == []


def test_a_value_of_the_rule():
    constant = Constant(VALUE, "ones")
    assert (constant.shape, constant.dtype, constant.exact, str(constant)) == (
        (2, 3, 4),
        "float32",
        True,
        "ones[2, 3, 4]",
    )
    assert str(Constant(HALF)) == "constant[3]"
    assert constant.evaluate() is VALUE


def test_one_part_that_computes_makes_the_whole_inexact(stored):
    a = stored("a", VALUE)
    scaled = Multiply(a, np.float64(2), "2")
    assert a.exact and not Concat((a, scaled), 0).exact and not Reshape(scaled, (24,)).exact


def test_sums_and_products_are_rounded_once(stored):
    big, small = np.full(3, 1e8, "float32"), np.full(3, 3, "float32")
    parts = tuple(stored(name, value) for name, value in (("big", big), ("small", small), ("less", -big)))
    np.testing.assert_array_equal(Sum(parts).evaluate(), small)
    tenth = Multiply(stored("tenth", np.full(3, 0.1, "float32")), np.float64(1.2), "1.2")
    np.testing.assert_array_equal(tenth.evaluate(), (np.float64(np.float32(0.1)) * 1.2).astype("float32") + np.zeros(3))


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32"])
def test_dtypes_are_kept(stored, dtype):
    a = stored("a", VALUE.astype(dtype))
    for expression in (
        Sum((a, a)),
        Multiply(a, np.float64(2), "2"),
        Take(a, np.array([0, -1]), "t"),
        Slice(a, 0, 0, 1),
    ):
        assert expression.dtype == dtype and str(expression.evaluate().dtype) == dtype
    assert a.nbytes == VALUE.astype(dtype).nbytes


def test_bfloat16_stays_sixteen_bits(stored):
    a = stored("a", bits(HALF).view("V2"))
    assert (a.dtype, a.shape, a.nbytes) == ("bfloat16", (3,), 6)
    np.testing.assert_array_equal(a.compute(), HALF)
    np.testing.assert_array_equal(a.evaluate(), bits(HALF))
    np.testing.assert_array_equal(np.concatenate(list(a.rows())), bits(HALF))
    doubled = Multiply(a, np.float64(2), "2")
    assert doubled.nbytes == 6
    np.testing.assert_array_equal(doubled.evaluate(), bits(HALF * 2))
    np.testing.assert_array_equal(next(Flip(a, (0,)).rows()), bits(HALF[::-1]))


@pytest.mark.parametrize(
    ("single", "pattern"),
    [
        (0x3F800000, 0x3F80),
        # Halves go to the even neighbour, below and above; a bit more goes up.
        (0x3F808000, 0x3F80),
        (0x3F818000, 0x3F82),
        (0x3F808001, 0x3F81),
        (0x3F807FFF, 0x3F80),
        (0x7F7FFFFF, 0x7F80),
        (0xFF800000, 0xFF80),
        # What is no number stays none, though its low bits are cut off.
        (0x7F800001, 0x7FC0),
        (0xFFC10000, 0xFFC1),
    ],
)
def test_rounding_to_bfloat16(single, pattern):
    value = np.array([single], np.uint32).view(np.float32)
    assert to_bfloat16(value).tolist() == [pattern]


def test_widening_bfloat16():
    patterns = np.array([0x3F80, 0xC020, 0x4049, 0x0001], np.uint16)
    expected = (patterns.astype(np.uint32) << 16).view(np.float32)
    for held in (patterns, patterns.view("V2"), patterns[::-1].copy()[::-1]):
        np.testing.assert_array_equal(to_float32(held), expected)


class TestNormalised:
    """Weight normalisation, as `tfa.layers.WeightNormalization` computes its kernel."""

    kernel = np.array([[3.0, 0, 1], [4.0, 0, 2]], "float32")
    gain = np.array([2.0, 5.0, -1.0], "float32")

    def fold(self, stored, kernel, flag=True):
        parts = [stored(name, value) for name, value in (("v", kernel), ("g", self.gain), ("initialized", flag))]
        return Normalised(*parts)

    def test_value(self, stored):
        folded = self.fold(stored, self.kernel)
        root = np.sqrt(5.0)
        np.testing.assert_allclose(folded.evaluate(), [[1.2, 0, -1 / root], [1.6, 0, -2 / root]], rtol=1e-6)
        assert (folded.shape, folded.dtype, folded.exact) == ((2, 3), "float32", False)
        assert folded.evaluate().dtype == np.float32
        assert str(folded) == "g · v / |v|"
        assert [tensor.name for tensor in folded.sources()] == ["v", "g", "initialized"]

    def test_all_axes_but_the_last(self, stored):
        kernel = np.arange(12, dtype="float32").reshape(2, 2, 3)
        expected = kernel / np.linalg.norm(kernel.reshape(4, 3), axis=0) * self.gain
        np.testing.assert_allclose(self.fold(stored, kernel).evaluate(), expected, rtol=1e-6)

    def test_tiny_columns_are_divided_by_the_floor(self, stored):
        folded = self.fold(stored, np.full((1, 3), 1e-9, "float32"))
        np.testing.assert_allclose(folded.evaluate(), [[2e-3, 5e-3, -1e-3]], rtol=1e-5)

    def test_refused_before_the_first_call(self, stored):
        with pytest.raises(WeightMismatch, match="never initialised"):
            self.fold(stored, self.kernel, flag=np.array([True, False])).evaluate()


def test_reshape_keeps_the_number_of_elements():
    with pytest.raises(WeightMismatch, match=r"is not \(5, 5\)"):
        Reshape(Constant(VALUE), (5, 5))


@pytest.mark.parametrize(
    ("shapes", "axis"), [([(2, 3), (2, 4)], 0), ([(2, 3), (3, 3)], 1), ([(2, 3, 4), (2, 3, 5)], 1)]
)
def test_parts_agree_on_the_other_axes(shapes, axis):
    with pytest.raises(WeightMismatch, match="different shapes"):
        Concat(tuple(Constant(np.zeros(shape)) for shape in shapes), axis)


@pytest.mark.parametrize(("shapes", "axis", "whole"), [([(2, 3), (5, 3)], 0, (7, 3)), ([(2, 3), (2, 1)], 1, (2, 4))])
def test_parts_may_differ_along_the_axis(shapes, axis, whole):
    joined = Concat(tuple(Constant(np.zeros(shape)) for shape in shapes), axis)
    assert joined.shape == whole == joined.evaluate().shape
