"""Each function of `keras3.ops` adds the node that it is named after: arguments, settings and name."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.errors import BadConfig, UnsupportedLayer, UnsupportedOption
from k2to3.keras3 import masks, ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.keras3.layer import Custom, Layer, Op
from k2to3.keras3.layers.facts import Takes
from k2to3.keras3.layers.table import (
    attached,
    layer_output,
    makes_categories,
    output_masks,
    takes,
    takes_explicit_mask,
    takes_policy,
    takes_trainable,
)
from k2to3.keras3.naming import Names
from k2to3.keras3.tensor import unknown_mask
from k2to3.keras3.types import broadcast, specs

TWO = {
    "add": "Add", "divide": "Divide", "equal": "Equal", "greater": "Greater", "greater_equal": "GreaterEqual",
    "logical_and": "LogicalAnd", "maximum": "Maximum", "multiply": "Multiply", "not_equal": "NotEqual",
    "subtract": "Subtract", "true_divide": "TrueDivide",
}  # fmt: skip
ONE = {
    "cos": "numpy.Cos", "exp": "numpy.Exp", "ones_like": "numpy.OnesLike", "relu6": "nn.Relu6", "sqrt": "numpy.Sqrt",
    "square": "numpy.Square", "tanh": "numpy.Tanh", "zeros_like": "numpy.ZerosLike",
}  # fmt: skip
WITH_SETTINGS: tuple[tuple[str, tuple[Any, ...], str, dict[str, Any], dict[str, Any]], ...] = (
    ("cast", ("int32",), "core.Cast", {"dtype": "int32"}, {}),
    ("any", ([1], True), "numpy.Any", {"axis": [1], "keepdims": True}, {}),
    ("sum", ([1], True), "numpy.Sum", {"axis": [1], "keepdims": True}, {}),
    ("mean", (1, True), "numpy.Mean", {"axis": 1, "keepdims": True}, {}),
    ("var", (1, True), "numpy.Var", {"axis": 1, "keepdims": True}, {}),
    ("max", (1, True), "numpy.Max", {"axis": 1, "keepdims": True}, {}),
    ("any", ([1],), "numpy.Any", {"axis": [1], "keepdims": False}, {}),
    ("sum", (1,), "numpy.Sum", {"axis": 1, "keepdims": False}, {}),
    ("mean", (1,), "numpy.Mean", {"axis": 1, "keepdims": False}, {}),
    ("var", (1,), "numpy.Var", {"axis": 1, "keepdims": False}, {}),
    ("max", (1,), "numpy.Max", {"axis": 1, "keepdims": False}, {}),
    ("cumsum", (1,), "numpy.Cumsum", {"axis": 1}, {}),
    ("expand_dims", (1,), "numpy.ExpandDims", {"axis": 1}, {}),
    ("squeeze", (1,), "numpy.Squeeze", {"axis": [1]}, {}),
    ("reshape", ((-1, 2),), "numpy.Reshape", {"newshape": [-1, 2]}, {}),
    ("transpose", ([1, 0, 2],), "numpy.Transpose", {"axes": [1, 0, 2]}, {}),
    ("flip", (1,), "numpy.Flip", {"axis": 1}, {}),
    ("repeat", (3, 1), "numpy.Repeat", {"repeats": 3, "axis": 1}, {}),
    ("pad", ([[0, 0], [1, 2], [0, 0]], 0.5), "numpy.Pad", {"pad_width": [[0, 0], [1, 2], [0, 0]], "mode": "constant"},
     {"constant_values": 0.5}),
)  # fmt: skip


def graph_and_inputs() -> tuple[Graph, Tensor, Tensor]:
    graph = Graph()
    return graph, graph.input("x", (None, 4, 6), "float32"), graph.input("y", (None, 4, 6), "float32")


def check(found: Tensor, symbol: str, args: list[Any], config: dict[str, Any], kwargs: dict[str, Any]) -> None:
    operation = found.node.operation
    assert isinstance(operation, Op)
    assert (f"{operation.module}.{operation.class_name}", operation.name) == (symbol, "mine")
    assert (found.node.args, operation.config, found.node.kwargs) == (args, config, kwargs)


@pytest.mark.parametrize(("function", "class_name"), TWO.items())
def test_of_two(function, class_name):
    graph, x, y = graph_and_inputs()
    check(getattr(ops, function)(graph, x, y, name="mine"), f"numpy.{class_name}", [x, y], {}, {})


@pytest.mark.parametrize(("function", "symbol"), ONE.items())
def test_of_one(function, symbol):
    graph, x, _ = graph_and_inputs()
    check(getattr(ops, function)(graph, x, name="mine"), symbol, [x], {}, {})


@pytest.mark.parametrize(("function", "args", "symbol", "config", "kwargs"), WITH_SETTINGS)
def test_with_settings(function, args, symbol, config, kwargs):
    graph, x, _ = graph_and_inputs()
    if function == "squeeze":
        x = ops.sum(graph, x, 1, True)
    check(getattr(ops, function)(graph, x, *args, name="mine"), symbol, [x], config, kwargs)


def test_of_several():
    graph, x, y = graph_and_inputs()
    check(ops.concatenate(graph, [x, y], 1, name="mine"), "numpy.Concatenate", [[x, y]], {"axis": 1}, {})
    graph, x, y = graph_and_inputs()
    check(ops.stack(graph, [x, y], 1, name="mine"), "numpy.Stack", [[x, y]], {"axis": 1}, {})
    graph, x, y = graph_and_inputs()
    first, *others = ops.split(graph, x, 3, 2, name="mine")
    check(first, "numpy.Split", [x], {"indices_or_sections": 3, "axis": 2}, {})
    assert [each.index for each in others] == [1, 2] and first.shape == (None, 4, 2)
    graph, x, y = graph_and_inputs()
    condition = ops.greater(graph, x, y)
    check(ops.where(graph, condition, x, y, name="mine"), "numpy.Where", [condition, x, y], {}, {})
    graph, x, y = graph_and_inputs()
    check(ops.get_item(graph, x, [slice(None), 0], name="mine"), "numpy.GetItem", [x, [slice(None), 0]], {}, {})
    graph, x, y = graph_and_inputs()
    found = ops.einsum(graph, "abc,abd->acd", x, y, name="mine")
    check(found, "numpy.Einsum", [x, y], {"subscripts": "abc,abd->acd"}, {})


def test_names_are_given_once():
    graph, x, y = graph_and_inputs()
    names = [ops.add(graph, x, y).node.operation.name for _ in range(3)]
    assert names == ["add_op", "add_op_1", "add_op_2"]
    reserved = Names()
    assert [reserved.reserve(name) for name in ("a/b", "a_b", "a_b_1", "", "", "a_b")] == [
        "a_b", "a_b_1", "a_b_1_1", "layer", "layer_1", "a_b_2",
    ]  # fmt: skip


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadConfig, match="3, 4"):
        broadcast([(None, 3), (4,)])
    assert broadcast([]) == () and broadcast([(1, None), (2, 1, 1)]) == (2, 1, None)
    assert broadcast([(1, 5), (None, 1)]) == (None, 5)
    graph, x, y = graph_and_inputs()
    with pytest.raises(BadConfig, match="4 and 6"):
        ops.einsum(graph, "abb->ab", x)
    with pytest.raises(UnsupportedOption, match="crops") as cropped:
        graph.call(Layer("cut", "Cropping1D", {"cropping": [2, 2]}), x)
    assert cropped.value.layer == "cut"
    assert graph.call(Layer("nearly", "Cropping1D", {"cropping": [2, 1]}), x).shape == (None, 1, 6)
    with pytest.raises(UnsupportedLayer, match=r"numpy\.Add") as unknown:
        graph.op_many("numpy.Add", x, y)
    assert "table" in str(unknown.value.hint)
    with pytest.raises(UnsupportedLayer) as unknown:
        graph.op("numpy.Nothing", x)
    assert unknown.value.hint


def test_a_cell_is_not_called():
    graph, x, _ = graph_and_inputs()
    with pytest.raises(BadConfig, match="LSTMCell is not called") as refused:
        graph.call(Layer("cell", "LSTMCell", {"units": 3}), x)
    assert refused.value.layer == "cell"
    inner = Layer("two", "LSTM", {"units": 3, "return_state": True})
    with pytest.raises(BadConfig, match="one output") as refused:
        frames = graph.input("z", (None, 2, 4, 6), "float32")
        graph.call(Layer("steps", "TimeDistributed", {}, children={"layer": inner}), frames)
    assert refused.value.layer == "steps"


def test_masks_are_equal_by_what_they_compute():
    _, x, y = graph_and_inputs()
    assert masks.nonzero(x) == masks.not_equal(x, 0) != masks.not_equal(x, 1)
    assert masks.masking(x, 0.0) == masks.masking(x, 0.0) != masks.masking(y, 0.0)
    assert masks.masking(x, 0.0) != masks.masking(x, 1.0) and masks.masking(x, 0.0) != masks.not_equal(x, 0.0)
    assert masks.given(x) == masks.given(x) != masks.given(y)
    first, second = masks.given(x), masks.given(y)
    assert masks.over_queries(first) == masks.over_queries(first) != masks.over_queries(second)
    assert masks.all_of([]) is None and masks.all_of([first, first]) is first
    assert masks.all_of([first, second]) == masks.all_of([first, second, first]) != masks.all_of([second, first])
    assert unknown_mask(x) == unknown_mask(x) != unknown_mask(y)


def test_masks_are_built_once():
    graph, x, y = graph_and_inputs()
    both = masks.all_of([masks.masking(x, 0.5), masks.masking(y, 0.5)])
    assert both is not None
    found = graph.mask_tensor(both)
    assert graph.mask_tensor(both) is found
    assert [node.operation.class_name for node in graph.nodes[2:]] == [
        "NotEqual", "Any", "NotEqual", "Any", "LogicalAnd",
    ]  # fmt: skip
    assert (found.shape, found.dtype) == ((None, 4), "bool")
    assert graph.nodes[2].args == [x, 0.5] and graph.nodes[4].args == [y, 0.5]
    assert graph.nodes[3].operation.config == {"axis": [-1], "keepdims": False}
    assert graph.mask_tensor(masks.over_queries(both)).shape == (None, 1, 4)
    assert graph.mask_tensor(masks.given(y)) is y
    with pytest.raises(AssertionError):
        graph.mask_tensor(unknown_mask(x))


def test_unmasked_values_are_the_same():
    graph, x, _ = graph_and_inputs()
    x.mask = masks.given(x)
    for dtype, factor in (("float32", "1.0"), ("bfloat16", "1.0"), ("int32", "1")):
        x.dtype = dtype
        found = graph.unmasked(x)
        assert (found.dtype, found.auto, found.mask) == (dtype, None, x.mask)
        assert repr(found.node.args[1]) == factor


def user_layer(**facts: Any) -> Layer:
    return Layer("mine", "Mine", custom=Custom("m", None, lambda inputs, kwargs: [((None, 3), "float16")], **facts))


def test_a_layer_of_the_user_says_it_by_itself():
    mask = unknown_mask("x")
    layer, masked = user_layer(), user_layer(takes_mask=True, passes_mask=True)
    assert layer_output(layer, ((None, 4), "float32"), {}) == [((None, 3), "float16")]
    assert (takes(layer), takes(masked), takes(Op("a", "Add"))) == (Takes.NOTHING, Takes.FIRST, Takes.NOTHING)
    assert output_masks(layer, [mask], None, 2) == [None, None]
    assert output_masks(masked, [mask], None, 2) == [mask, None]
    assert output_masks(masked, [], None, 1) == [None]
    assert not takes_explicit_mask(masked) and takes_trainable(layer) and takes_policy(layer)
    assert not makes_categories(layer) and not makes_categories(Op("a", "Add"))


def test_what_classes_take():
    def of(class_name: str) -> Layer:
        return Layer("it", class_name)

    assert makes_categories(of("CategoryEncoding")) and not makes_categories(of("Dense"))
    assert takes_trainable(of("Dense")) and not takes_trainable(of("SpatialDropout1D"))
    assert takes_policy(of("Dense")) and not takes_policy(of("InputLayer"))
    explicit = {name: takes_explicit_mask(of(name)) for name in ("LSTM", "Attention", "MultiHeadAttention", "Add")}
    assert explicit == {"LSTM": True, "Attention": True, "MultiHeadAttention": True, "Add": False}
    assert not takes_explicit_mask(of("Multiply")) and not takes_explicit_mask(of("Functional"))
    mask = unknown_mask("x")
    assert output_masks(of("Dense"), [mask], None, 2) == [mask, None]
    both = Layer("it", "Bidirectional", children={"forward_layer": Layer("f", "LSTM", {"return_sequences": True})})
    assert output_masks(both, [mask], None, 3) == [mask] * 3
    assert output_masks(of("LSTM"), [mask], None, 1) == [None]


def test_an_explicit_mask_counts_as_attached_where_both_are_one():
    one, other = unknown_mask("x"), unknown_mask("y")
    assert attached([one, None], None, "node") == [one, None]
    assert attached([one, other], one, "node") == [one, other]
    assert attached([one, other], [one, one], "node") == [one, unknown_mask("node")]
    assert attached([None], one, "node") == [unknown_mask("node")]


def test_specs_stand_in_keras_order():
    a, b, c = ((1,), "a"), ((2,), "b"), ((3,), "c")
    assert list(specs({"z": a, "k": [b, {"b": c}]})) == [b, c, a]
    assert list(specs(None)) == []


def test_what_the_cases_cannot_ask_keras():
    def spec(class_name: str, **config: Any) -> Any:
        return layer_output(Layer("it", class_name, {"max_tokens": None, **config}), ((None, 1), "int64"), {})

    assert spec("StringLookup", invert=True) == [((None, 1), "string")]
    assert spec("IntegerLookup", invert=True) == [((None, 1), "int64")]
    assert spec("StringLookup") == [((None, 1), "int64")] == spec("StringLookup", output_mode="int")
    assert spec("StringLookup", output_mode="one_hot") == [((None, None), "float32")]
    graph, x, _ = graph_and_inputs()
    assert graph.call(Layer("masking", "Masking"), x).auto == masks.masking(x, 0.0)
    assert graph.call(Layer("other", "Masking", {"mask_value": 1.0}), x).auto == masks.masking(x, 1.0)
