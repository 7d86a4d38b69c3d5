"""Symbols in their spellings, arguments in TensorFlow 1's and 2's words, advice where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import UnsupportedOption
from k2to3.ops.dispatch import call
from k2to3.ops.registry import find
from op_helpers import new_emitter

emitter = pytest.fixture(new_emitter)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tensorflow.reduce_sum", "tensorflow.math.reduce_sum"),
        ("tensorflow.keras.backend.mean", "keras.backend.mean"),
        ("tensorflow.compat.v1.reduce_sum", "tensorflow.math.reduce_sum"),
        ("tf.nn.l2_normalize", "tensorflow.math.l2_normalize"),
        ("tensorflow.matmul", "tensorflow.linalg.matmul"),
        ("tensorflow.compat.v1.nn.conv2d", "tensorflow.nn.conv2d"),
    ],
)
def test_spellings(one, other):
    assert find(one) is find(other) is not None


@pytest.mark.parametrize(
    "arguments",
    [
        {"axis": 1, "keepdims": True},
        {"reduction_indices": [1], "keep_dims": True, "name": "sum"},
        {"axis": np.array([-1]), "keepdims": True, "keep_dims": None},
    ],
)
def test_tensorflow_1_arguments(emitter, arguments):
    x = emitter.graph.input("x", (None, 4), "float32")
    found = call(emitter, "tensorflow.reduce_sum", [x], arguments)
    assert found.shape == (None, 1)
    assert found.node.operation.config == {"axis": 1, "keepdims": True}


def test_unknown_arguments_are_refused(emitter):
    x = emitter.graph.input("x", (None, 4), "float32")
    with pytest.raises(UnsupportedOption, match="colour"):
        call(emitter, "tensorflow.reduce_sum", [x], {"colour": "red"})


@pytest.mark.parametrize(
    ("symbol", "hint"),
    [
        ("tensorflow.random.normal", "predict"),
        ("tensorflow.unique", "shape of its result"),
        ("tensorflow.strings.lower", "tf.data"),
        ("tensorflow.py_function", "not in the file"),
        ("tensorflow.__operators__.eq", "did not save"),
        ("tensorflow.math.lgamma", "replace it"),
    ],
)
def test_no_equivalent_names_the_symbol_and_the_way_out(emitter, symbol, hint):
    with pytest.raises(UnsupportedOption) as caught:
        call(emitter, symbol, [1])
    assert symbol in str(caught.value)
    assert hint in str(caught.value)


def test_integer_division_and_means_are_refused(emitter):
    i = emitter.graph.input("i", (None, 4), "int32")
    for symbol, args in (("tensorflow.math.truediv", [i, i]), ("tensorflow.reduce_mean", [i])):
        with pytest.raises(UnsupportedOption, match="cast to float32"):
            call(emitter, symbol, args)
