"""What some backends cannot run on whole numbers is said of the archive, by the dtypes of its graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from k2to3.archive.integers import integer_needs
from k2to3.archive.requirements import requirements
from k2to3.engine.plan import make_plan
from k2to3.keras3.graph import Graph, Submodel
from k2to3.keras3.layer import Layer
from k2to3.sources.read import read_checkpoint

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
POOL = Layer("pool", "MaxPooling1D", {"pool_size": 2, "strides": 2, "padding": "valid"})


def needs(layer, dtype, shape=(None, 6, 4)):
    graph = Graph()
    graph.call(layer, graph.input("x", shape, dtype))
    found = requirements({}, True, integer_needs(Submodel("model", "Functional", graph=graph)))
    return found.backends, found.limits


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_pytorch_pools_no_whole_numbers(dtype):
    assert needs(POOL, dtype) == (("tensorflow", "jax"), (f"torch: MaxPooling1D of {dtype} (pool)",))


@pytest.mark.parametrize(
    "layer, dtype",
    [
        (POOL, "float32"),
        (POOL, "float16"),
        (Layer("flat", "Flatten", {}), "int32"),
    ],
)
def test_elsewhere_nothing_is_said(layer, dtype):
    assert needs(layer, dtype) == (("tensorflow", "jax", "torch"), ())


def test_inside_of_wrappers_and_models():
    wrapper = Layer("steps", "TimeDistributed", {"layer": POOL}, children={"layer": POOL})
    assert needs(wrapper, "int32", (None, 3, 6, 4))[1] == ("torch: MaxPooling1D of int32 (steps)",)
    inner = Graph()
    inner.outputs = inner.call(POOL, inner.input("y", (None, 6, 4), "int32"))
    model = Submodel("inner", "Functional", graph=inner)
    assert needs(model, "int32")[1] == ("torch: MaxPooling1D of int32 (pool)",)


def test_ops_too():
    graph = Graph()
    graph.op("nn.LeakyRelu", graph.input("x", (None, 3), "int32"), config={"negative_slope": 0.1}, name="leaky")
    found = requirements({}, True, integer_needs(Submodel("model", "Functional", graph=graph)))
    assert found.limits == ("torch: op LeakyRelu of int32 (leaky)",)


def test_a_file_that_pools_tokens():
    with read_checkpoint(FIXTURES / "random" / "integers_normalised.h5", None) as checkpoint:
        assert "torch" not in make_plan(checkpoint, compile=False).requires.backends
