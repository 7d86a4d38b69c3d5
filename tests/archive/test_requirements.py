"""What a report says of Keras releases and backends, from `config.json` alone (measured by `compat.py`)."""

from __future__ import annotations

import pytest
from k2to3.archive.requirements import minor_of, refuse_newer, requirements
from k2to3.errors import UnsupportedOption, UsageError

TENSOR = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}


def layer(class_name, *nodes, **config):
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": {"name": "it", **config},
        "inbound_nodes": list(nodes),
    }


def node(*args, **kwargs):
    return {"args": list(args), "kwargs": kwargs}


MASKED, WITH_STATE = node(TENSOR, mask=TENSOR), node([TENSOR, TENSOR], mask=TENSOR)
INNER = layer("LSTM", unroll=True)


@pytest.mark.parametrize(
    "entry, unable",
    [
        (layer("InputLayer", dtype="string"), {"jax", "torch"}),
        (layer("InputLayer", dtype="float32"), set()),
        (layer("Hashing", num_bins=3), {"jax", "torch"}),
        (layer("LSTM", MASKED, unroll=True), {"jax", "torch"}),
        (layer("Bidirectional", MASKED, layer=INNER), {"jax", "torch"}),
        (layer("LSTM", node(TENSOR), unroll=True), set()),
        (layer("LSTM", MASKED, unroll=False), set()),
        (layer("LSTM", WITH_STATE), {"jax"}),
        (layer("GRU", node(TENSOR, mask=TENSOR, initial_state=[TENSOR])), {"jax"}),
        (layer("GRU", node([TENSOR, TENSOR])), set()),
    ],
)
def test_backends(entry, unable):
    found = requirements({"layers": [entry]})
    assert {"tensorflow", "jax", "torch"} - set(found.backends) == unable
    assert bool(found.limits) == bool(unable)


def functional(ends):
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {"layers": [], "input_layers": ends, "output_layers": ends},
    }


def test_the_bare_form_of_one_input_needs_3_4():
    assert requirements(functional(["x", 0, 0])).keras == "3.4"
    assert requirements(functional([["x", 0, 0]])).keras == "3.3"


def test_an_older_keras_is_refused_by_what_stands_in_the_way():
    refuse_newer(functional([["x", 0, 0]]), True, "3.3")
    with pytest.raises(UnsupportedOption, match=r"Keras 3\.3: .*single input or output.*needs 3\.4"):
        refuse_newer(functional(["x", 0, 0]), True, "3.3")


@pytest.mark.parametrize("text", ["4", "3", "3.x", "3.2", "2.15"])
def test_only_releases_of_keras_3_that_open_archives(text):
    with pytest.raises(UsageError):
        minor_of(text)
