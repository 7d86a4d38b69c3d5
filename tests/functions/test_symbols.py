"""Symbols in their spellings, arguments in TensorFlow 1's and 2's words, advice where there is nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from k2to3.errors import UnsupportedOption
from k2to3.functions.dispatch import call
from k2to3.functions.registry import find
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
        ("tensorflow.random.normal", "accept-noise-off"),
        ("tensorflow.unique", "shape of its result"),
        ("tensorflow.strings.lower", "tf.data"),
        ("tensorflow.py_function", "not in the file"),
        ("tensorflow.__operators__.eq", "did not save"),
        ("tensorflow.math.igamma", "replace it"),
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


# Dispatched by TensorFlow 2.4 to 2.15, with an equivalent in principle, and refused all the same.
REFUSED = {
    "tensorflow.linalg.lu": "Keras 3's lu_factor takes no batch on TensorFlow",
    "tensorflow.nn.ctc_loss": "a loss, which no inference needs",
    "tensorflow.nn.with_space_to_batch": "its argument is a Python function, which no file holds",
}


def test_every_mappable_symbol_has_an_equivalent():
    """`symbols.txt`: the functions that TensorFlow dispatches on Keras tensors and Keras 3 can compute."""
    names = (Path(__file__).parent / "symbols.txt").read_text().split()
    assert len(names) > 350
    assert [name for name in names if find(name) is None and find(name, complex_arguments=True) is None] == []
    assert [name for name in REFUSED if find(name) is not None] == []
