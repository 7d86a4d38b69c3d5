"""What a rule takes for one tensor or for several is refused, by an error of ours, where it is something else."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.engine.native import call_native
from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord, Ref, map_leaves
from k2to3.keras3.graph import Graph, Tensor, one, several
from k2to3.keras3.layer import Layer
from k2to3.rules.outcome import Native


def tensor(name: str = "x") -> Tensor:
    return Graph().input(name, (None, 4, 3), "float32")


def test_one_tensor_is_itself():
    x = tensor()
    assert one(x) is x


@pytest.mark.parametrize(
    ("structure", "words"),
    [
        (lambda x: [x, x], "a list of 2"),
        (lambda x: [x], "a list of 1"),
        (lambda x: {"x": x}, "a dictionary"),
        (lambda x: None, "nothing"),
        (lambda x: np.zeros(3), "a constant"),
    ],
)
def test_anything_else_is_refused(structure, words):
    with pytest.raises(UnsupportedOption, match=f"takes one tensor, and is called on {words}"):
        one(structure(tensor()))


def test_several_are_a_flat_list():
    x, y = tensor("x"), tensor("y")
    assert several([x, y]) == [x, y] == several((x, y))
    with pytest.raises(UnsupportedOption, match="takes a list of tensors, and is called on one tensor"):
        several(x)
    with pytest.raises(UnsupportedOption, match="takes one tensor, and is called on a list of 1"):
        several([x, [y]])


def test_a_call_gives_one_tensor_or_is_refused():
    settings = {"units": 2, "return_sequences": False, "return_state": True}
    graph = Graph()
    x = graph.input("x", (None, 4, 3), "float32")
    assert len(graph.call_many(Layer("gru", "GRU", dict(settings)), x)) == 2
    with pytest.raises(UnsupportedOption, match="GRU gives 2 tensors, where one is used"):
        graph.call(Layer("other", "GRU", dict(settings)), x)
    assert isinstance(graph.call(Layer("third", "GRU", {**settings, "return_state": False}), x), Tensor)


def test_a_mask_that_is_a_constant_is_refused():
    graph = Graph()
    x = graph.input("x", (None, 4, 3), "float32")
    layer = Native(Layer("gru", "GRU", {"units": 2}), arrange=lambda args, kwargs: (args, {}))
    with pytest.raises(UnsupportedOption, match="a constant as a mask"):
        call_native(graph, LayerRecord("GRU", "gru", {}), layer, x, {"mask": [True, False]})


def test_leaves_are_replaced_and_constants_stay():
    found = map_leaves(lambda ref: ref.layer, {"a": [Ref("x"), 1, None, "text"], "b": (Ref("y"), True)})
    assert found == {"a": ["x", 1, None, "text"], "b": ["y", True]}
