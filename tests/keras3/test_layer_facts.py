"""Every layer's row, against what Keras 3 itself says of a call: shapes, dtypes, masks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from k2to3.errors import UnsupportedLayer
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.facts import uncalled
from k2to3.keras3.layers.table import LAYERS, facts_of
from k2to3.keras3.tensor import unknown_mask
from layer_cases import cases
from recorded import recorded
from workers import TESTS, worker

# Computed by TensorFlow's string operations; models; what stands in no call; and noise or newer than the oldest.
UNTRIED = frozenset(
    {
        *("Hashing", "HashedCrossing", "StringLookup", "TextVectorization", "Functional", "Sequential", "InputLayer"),
        *("Equalization", "RandomErasing", "RandomShear"),
    }
)


def comparable(case: dict[str, Any], outputs: list[Any], masks: list[bool]) -> tuple[list[Any], list[bool]]:
    """Without what the table says otherwise than Keras 3.15, on the safe side.

    A mask on the states of a Bidirectional is written out as if it were there; indices of a Discretization are
    taken for int64 as those of the lookups.
    """
    name, settings = case["layer"]
    if name == "Bidirectional":
        masks = masks[:1]
    if name == "Discretization" and settings["output_mode"] == "int":
        outputs = [shape for shape, _ in outputs]
    return outputs, masks


def made(config: list[Any], name: str = "layer") -> Layer:
    class_name, settings = config
    inner = {key: inside(value, key) for key, value in settings.items() if key in ("layer", "cell", "cells")}
    plain = {key: value for key, value in settings.items() if key not in inner}
    children = {"forward_layer" if class_name == "Bidirectional" else key: value for key, value in inner.items()}
    return Layer(name, class_name, plain, children=dict(children))


def inside(value: list[Any], name: str) -> Layer | list[Layer]:
    return made(value, name) if isinstance(value[0], str) else [made(each, name) for each in value]


def called(case: dict[str, Any]) -> tuple[list[list[Any]], list[bool]]:
    graph = Graph()
    given = case["inputs"] if isinstance(case["inputs"], list) else [case["inputs"]]
    inputs = []
    for index, each in enumerate(given):
        shape, dtype = each["tensor"]
        inputs.append(graph.input(f"in_{index}", tuple(shape), dtype))
        inputs[-1].auto = unknown_mask(index) if each["masked"] else None
    first: Structure = inputs if len(inputs) > 1 else inputs[0]
    layer = made(case["layer"])
    if case["spread"]:
        outputs = graph.call_many(layer, inputs[0], {"value": inputs[1]})
    else:
        outputs = graph.call_many(layer, first, case["kwargs"])
    return [[list(each.shape), each.dtype] for each in outputs], [each.auto is not None for each in outputs]


def test_every_class_has_a_case():
    tried = {case["layer"][0] for case in cases()}
    uncallable = {name for name, row in LAYERS.items() if row.outputs is uncalled}
    assert tried == LAYERS.keys() - UNTRIED - uncallable


def compare(answered: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    wrong = []
    for case, answer in answered:
        assert "refused" not in answer, (case, answer)
        outputs, masks = called(case)
        if case["runs"]:
            outputs = [[[2 if n is None else n for n in shape], dtype] for shape, dtype in outputs]
        if comparable(case, outputs, masks) != comparable(case, answer["outputs"], answer["masks"]):
            wrong.append(f"{case}: {outputs} {masks}, Keras says {answer['outputs']} {answer['masks']}")
    assert not wrong, "\n".join([f"{len(wrong)} differ", *wrong[:40]])


def test_keras_said_the_same():
    compare(recorded("layers"))


@pytest.mark.keras
def test_keras_says_the_same():
    given = list(cases())
    with worker(TESTS / "keras3" / "specs_worker.py") as keras:
        compare(zip(given, keras.ask({"jobs": given}), strict=True))


def test_a_class_without_a_row_is_refused():
    graph = Graph()
    x = graph.input("x", (None, 3), "float32")
    with pytest.raises(UnsupportedLayer, match="nothing is known of Keras 3's 'Antirectifier'") as raised:
        graph.call(Layer("mine", "Antirectifier"), x)
    assert raised.value.layer == "mine" and raised.value.hint
    with pytest.raises(UnsupportedLayer):
        facts_of("Antirectifier")
