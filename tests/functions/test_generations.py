"""What a function of K or tf means belongs to its author's version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from k2to3.errors import UnsupportedOption
from k2to3.functions.dispatch import call
from k2to3.sources.author import parse_writer
from op_helpers import new_emitter


def emitter_of(version, backend="tensorflow", span=None):
    return replace(new_emitter(), writer=parse_writer(version, backend, span))


def batch_dot(emitter, first, second, axes):
    x, y = (emitter.graph.input(name, (None, *shape), "float32") for name, shape in (("x", first), ("y", second)))
    return call(emitter, "keras.backend.batch_dot", [x, y], {"axes": axes}).shape


OLD, NEW = (None, 3, 5, 5), (None, 3, 5, 3, 5)


@pytest.mark.parametrize(
    ("version", "backend", "span", "wanted"),
    [
        ("1.2.2", "tensorflow", None, OLD),
        ("2.0.9", "tensorflow", None, OLD),
        ("2.2.4", "tensorflow", None, OLD),
        ("2.2.5", "tensorflow", None, NEW),
        ("2.2.4", "theano", None, NEW),
        ("2.3.1", "tensorflow", None, NEW),
        ("2.1.6-tf", "tensorflow", None, OLD),
        ("2.2.4-tf", "tensorflow", ((1, 15), (1, 15)), OLD),
        ("2.2.4-tf", "tensorflow", ((2, 0), (2, 0)), NEW),
        ("2.4.0", "tensorflow", None, NEW),
    ],
)
def test_batch_dot_of_four_axes(version, backend, span, wanted):
    assert batch_dot(emitter_of(version, backend, span), (3, 5, 4), (3, 5, 4), [3, 3]) == wanted


def test_batch_dot_of_an_unknown_release():
    with pytest.raises(UnsupportedOption, match=r"TensorFlow 2\.0 changed") as caught:
        batch_dot(emitter_of("2.2.4-tf"), (3, 5, 4), (3, 5, 4), [3, 3])
    assert "--keras-version" in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second", "axes", "wanted"),
    [
        ((3, 5, 4), (3, 4, 6), [3, 2], (None, 3, 5, 6)),
        ((3, 4, 5), (3, 4, 6), [2, 2], (None, 3, 5, 6)),
        ((3, 4, 5), (3, 6, 4), [2, 3], (None, 3, 5, 6)),
    ],
)
def test_axes_of_a_product_of_matrices(first, second, axes, wanted):
    assert batch_dot(emitter_of("2.2.4"), first, second, axes) == wanted


def test_axes_that_do_not_fit():
    with pytest.raises(UnsupportedOption, match="do not fit"):
        batch_dot(emitter_of("2.2.4"), (3, 5, 4), (2, 5, 4), [3, 3])


@pytest.mark.parametrize("version", ["2.2.4-tf", "2.1.6-tf", "2.3.1"])
def test_a_condition_of_one_axis_chooses_rows(version):
    emitter = emitter_of(version)
    x = emitter.graph.input("x", (None, 4), "float32")
    condition = emitter.graph.input("c", (None,), "bool")
    found = call(emitter, "tensorflow.where", [condition, x, x])
    assert found.shape == (None, 4) and found.node.args[0].shape == (None, 1)


def test_since_tensorflow_2_it_is_broadcast():
    emitter = emitter_of("2.4.0")
    x = emitter.graph.input("x", (None, 4), "float32")
    condition = emitter.graph.input("c", (4,), "bool")
    assert call(emitter, "tensorflow.where", [condition, x, x]).node.args[0] is condition
