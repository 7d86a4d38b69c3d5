"""Extents known at run time: solved, cancelled, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import UnsupportedOption
from k2to3.functions.dispatch import attribute, call, method
from k2to3.functions.extents import extent_key
from k2to3.functions.operands import materialise
from k2to3.functions.values import RuntimeDim
from op_helpers import new_emitter

emitter = pytest.fixture(new_emitter)


def shape(emitter, x):
    return call(emitter, "tensorflow.shape", [x])


def test_shape_folds_where_it_is_known(emitter):
    x = emitter.graph.input("x", (2, 3), "float32")
    assert shape(emitter, x).tolist() == [2, 3]
    y = emitter.graph.input("y", (None, 3), "float32")
    assert isinstance(shape(emitter, y)[0], RuntimeDim)
    assert shape(emitter, y)[1] == 3
    assert attribute(emitter, y, "shape") == (None, 3)
    assert method(emitter, (None, 3), "as_list") == [None, 3]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (lambda b: [b, 20], [20]),
        (lambda b: [b, -1], [-1]),
        (lambda b: [-1, 20], [20]),
        (lambda b: [-1, 5, 4], None),
        (lambda b: [b, 2, -1, 2], [2, -1, 2]),
    ],
)
def test_reshape_keeps_the_batch(emitter, target, wanted):
    x = emitter.graph.input("x", (None, 5, 4), "float32")
    found = call(emitter, "tensorflow.reshape", [x, target(shape(emitter, x)[0])])
    if wanted is None:
        assert found is x
    else:
        assert found.node.operation.config == {"target_shape": wanted}


def test_two_unknown_extents_cancel(emitter):
    x = emitter.graph.input("x", (None, None, 4), "float32")
    batch, time = shape(emitter, x)[:2]
    found = call(emitter, "tensorflow.reshape", [x, [batch * time, 4]])
    assert found.node.operation.config == {"newshape": [-1, 4]}
    split = call(emitter, "tensorflow.reshape", [x, [batch, time, 2, 2]])
    assert split.node.operation.config == {"target_shape": [-1, 2, 2]}


def test_a_product_lends_rows_and_columns(emitter):
    x = emitter.graph.input("x", (None, None, 4), "float32")
    y = emitter.graph.input("y", (None, 4, None), "float32")
    z = call(emitter, "tensorflow.matmul", [x, y])
    assert extent_key(z, 0) == extent_key(x, 0) == extent_key(y, 0)
    assert extent_key(z, 1) == extent_key(x, 1)
    assert extent_key(z, 2) == extent_key(y, 2) != extent_key(x, 1)


def test_what_cannot_be_solved_is_refused(emitter):
    x = emitter.graph.input("x", (None, None, 4), "float32")
    y = emitter.graph.input("y", (None, None, 4), "float32")
    with pytest.raises(UnsupportedOption, match="only the running model knows"):
        call(emitter, "tensorflow.reshape", [x, [shape(emitter, y)[1], -1, shape(emitter, y)[1]]])


def test_constants_stay_constants(emitter):
    assert np.allclose(call(emitter, "tensorflow.sqrt", [4.0]), 2)
    assert call(emitter, "operator.add", [[1], [2]]) == [1, 2]
    assert not emitter.graph.nodes


@pytest.mark.parametrize(
    ("function", "args"), [("pow", (10, 10**9)), ("mul", ([0], 10**9)), ("lshift", (1, 10**9)), ("truediv", (1, 0))]
)
def test_absurd_constants_are_refused(emitter, function, args):
    with pytest.raises(UnsupportedOption):
        call(emitter, f"operator.{function}", args)


def test_huge_constants_are_refused(emitter):
    with pytest.raises(UnsupportedOption, match="too large"):
        call(emitter, "tensorflow.zeros", [[10**5, 10**5]])


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_arithmetic_of_extents_becomes_scalars_of_the_dtype(emitter, dtype):
    x = emitter.graph.input("x", (None, None), "float32")
    batch, steps = RuntimeDim(x, 0), RuntimeDim(x, 1)
    found = materialise(emitter, (batch * steps + 1) // steps, dtype)
    assert (found.shape, found.dtype) == ((), dtype)
    names = [node.operation.class_name for node in emitter.graph.nodes]
    assert [name for name in names if name in ("Add", "Multiply", "FloorDivide")] == ["Multiply", "Add", "FloorDivide"]
    product = next(node for node in emitter.graph.nodes if node.operation.class_name == "Multiply")
    assert [tensor.dtype for tensor in product.args] == [dtype, dtype]
