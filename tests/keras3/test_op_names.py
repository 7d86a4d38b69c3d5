"""Names of op nodes: written where every release takes them, or where one could collide."""

from __future__ import annotations

import pytest
from k2to3.archive.serialise import named_ops
from k2to3.keras3.layer import Layer, Op
from k2to3.keras3.ops.facts import OPS, oldest_keras, takes_name


def op(class_name: str, name: str) -> Op:
    return Op(name, class_name)


@pytest.mark.parametrize(
    ("layer", "named"),
    [("dense", False), ("mean", True), ("mean_3", True), ("meanwhile", False), ("mean_x", False), ("reshape", False)],
)
def test_an_op_that_could_collide_is_named(layer, named):
    add, mean = op("Add", "a"), op("Mean", "b")
    found = named_ops([Layer(layer, "Dense"), add, mean])
    assert add in found
    assert (mean in found) == named


def test_a_named_op_collides_as_a_layer_does():
    mean = op("Mean", "m")
    assert mean in named_ops([op("Add", "mean_1"), mean])


def test_facts():
    assert takes_name("numpy.Add")
    assert not takes_name("numpy.Reshape")
    assert OPS["nn.DepthToSpace"].since == 15 or OPS["nn.DepthToSpace"].since == 14


def entry(module: str, class_name: str, **config: object) -> dict[str, object]:
    return {"module": f"keras.src.ops.{module}", "class_name": class_name, "config": config}


@pytest.mark.parametrize(
    ("entries", "oldest"),
    [
        ([], 0),
        ([entry("numpy", "Add", name="x")], 0),
        ([entry("numpy", "Reshape", newshape=[-1, 2])], 0),
        ([entry("numpy", "Reshape", newshape=[-1, 2], name="x")], 11),
        ([entry("numpy", "Add"), entry("numpy", "BitwiseAnd")], 6),
        ([entry("numpy", "OnesLike", dtype="int32")], 11),
    ],
)
def test_oldest_keras(entries, oldest):
    found, which = oldest_keras({"config": {"layers": entries}})
    assert found == oldest and bool(which) == bool(entries)
