"""What excuses a difference of further training is read from the file and its author, never from the plan."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FIXTURES
from k2to3.engine.plan import make_plan
from k2to3.keras2.parse import parse_model
from k2to3.options.records import Options, ProofOptions
from k2to3.proof import training
from k2to3.proof.handover import handed_over
from k2to3.proof.outputs import make_job
from k2to3.proof.told_training import losses, output_names, told_training
from k2to3.proof.training import lacks
from k2to3.sources.author import Writer
from k2to3.sources.read import read_checkpoint

STANDALONE = Writer((2, 2, 4), "2.2.4", "tensorflow", False)
OLD, NEW = (Writer((2, n, 0), f"2.{n}.0", "tensorflow", True) for n in (8, 15))
SGD = {"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9}}
PLAIN = {"class_name": "SGD", "config": {"learning_rate": 0.1}}
RMS = {"class_name": "RMSprop", "config": {"learning_rate": 0.1}}


def architecture(*layers):
    first = {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 4], "dtype": "float32"}}
    made = [{"class_name": name, "config": {"name": f"layer_{n}", **config}} for n, (name, config) in enumerate(layers)]
    return {"class_name": "Sequential", "config": {"name": "model", "layers": [first, *made]}}


def told(optimizer, writer, *layers, drop=()):
    stored = architecture(*layers)
    training = {"optimizer_config": optimizer, "loss": "mse"}
    return told_training(training, stored, parse_model(stored), writer, drop)


DENSE = ("Dense", {"units": 2, "activation": "linear"})
EMBEDDING = ("Embedding", {"input_dim": 5, "output_dim": 2})
LSTM = ("LSTM", {"units": 2, "activation": "tanh", "recurrent_activation": "hard_sigmoid"})
INSIDE = ("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"name": "in", **LSTM[1]}}, "trainable": True})
FROZEN = ("BatchNormalization", {"trainable": False, "axis": -1})


@pytest.mark.parametrize(
    ("optimizer", "writer", "layer", "text", "first"),
    [
        (PLAIN, OLD, LSTM, "hard_sigmoid", True),
        (PLAIN, OLD, INSIDE, "hard_sigmoid", True),
        (PLAIN, NEW, ("Dense", {"units": 2, "activation": "hard_sigmoid"}), "hard_sigmoid", True),
        (SGD, OLD, EMBEDDING, "absent tokens", True),
        (
            PLAIN,
            OLD,
            ("Dense", {"units": 2, "activity_regularizer": {"class_name": "L2"}}),
            "activity penalties",
            False,
        ),
        (PLAIN, STANDALONE, FROZEN, "frozen", False),
    ],
)
def test_why_steps_differ(optimizer, writer, layer, text, first):
    reasons = told(optimizer, writer, layer)["differs"]
    assert reasons and all(text in reason["text"] and reason["first"] is first for reason in reasons)


@pytest.mark.parametrize(
    ("optimizer", "writer", "layer"),
    [
        (PLAIN, OLD, ("Activation", {"activation": "hard_sigmoid"})),
        (PLAIN, OLD, (LSTM[0], {**LSTM[1], "trainable": False})),
        (PLAIN, OLD, EMBEDDING),
        (SGD, STANDALONE, EMBEDDING),
        ({"class_name": "Custom>SGD", "config": SGD["config"]}, NEW, EMBEDDING),
        (SGD, OLD, (EMBEDDING[0], {**EMBEDDING[1], "trainable": False})),
        (PLAIN, OLD, FROZEN),
    ],
)
def test_why_they_do_not(optimizer, writer, layer):
    found = told(optimizer, writer, DENSE, layer)
    assert (found["differs"], found["close"]) == ([], []) and found["losses"] == [{"class_name": "MeanSquaredError"}]


@pytest.mark.parametrize(
    ("name", "config", "stateless"),
    [
        ("SGD", {"momentum": 0.0}, True),
        ("Custom>SGD", {"momentum": 0.0}, True),
        ("SGD", {"momentum": 0.9}, False),
        ("RMSprop", {"momentum": 0.0}, False),
    ],
)
def test_whose_steps_read_no_state(name, config, stateless):
    """tf-keras's SGD has velocities in the file also where momentum is 0."""
    assert told({"class_name": name, "config": config}, NEW, DENSE)["stateless"] is stateless


def test_what_makes_them_close():
    assert "epsilon" in told(RMS, OLD, DENSE)["close"][0]
    assert not told({"class_name": "Custom>RMSprop", "config": RMS["config"]}, NEW, DENSE)["close"]
    assert not told({"class_name": "RMSprop", "config": {"momentum": 0.9}}, OLD, DENSE)["close"]
    assert "half" in told(PLAIN, OLD, ("Dense", {"units": 2, "dtype": "mixed_float16"}))["close"][0]
    scaled = {"class_name": "LossScaleOptimizer", "config": {"optimizer": RMS}}
    assert "epsilon" in told(scaled, OLD, DENSE)["close"][0]


def test_what_was_dropped_and_stood_there():
    layer = ("Dense", {"units": 2, "kernel_regularizer": {"class_name": "Mine", "config": {}}})
    assert [reason["first"] for reason in told(PLAIN, OLD, layer, drop=["Mine"])["differs"]] == [False]
    assert not told(PLAIN, OLD, layer, drop=["Other"])["differs"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("mse", ["MeanSquaredError"] * 2),
        (["mae", None], ["MeanAbsoluteError", None]),
        ({"b": {"class_name": "Custom>Huber", "config": {}}}, [None, "Huber"]),
        ({"class_name": "function", "config": "binary_crossentropy"}, ["BinaryCrossentropy"] * 2),
        ({"class_name": "LossFunctionWrapper", "config": {"fn": "poisson"}}, ["Poisson"] * 2),
        ("mine", [None, None]),
    ],
)
def test_losses_of_outputs(given, found):
    assert losses(given, ["a", "b"]) == [None if name is None else {"class_name": name} for name in found]


def test_what_the_archive_lacks():
    assert "not compiled" in lacks(None, 1) and "loss of an output" in lacks({"loss": None}, 1)
    assert "loss of an output" in lacks({"loss": [{"class_name": "x"}, None]}, 2)
    assert not lacks({"loss": {"class_name": "x"}}, 1) and not lacks({"loss": ["x", "y"]}, 2)


def test_the_plan_tells_nothing():
    with ExitStack() as stack:
        checkpoint = stack.enter_context(read_checkpoint(FIXTURES / "keras-2.2.4__trained.h5"))
        arrays = stack.enter_context(handed_over(checkpoint, optimizer=True))
        plan, options = make_plan(checkpoint), Options(proof=ProofOptions("training"))
        lies = replace(plan.training, differs=["nothing can be compared"], close=["all is close"], losses=[None])
        jobs = [
            make_job(checkpoint, each, Path(__file__), options, arrays)["training"]
            for each in (plan, replace(plan, training=lies))
        ]
    assert jobs[0] == jobs[1] and jobs[0]["differs"] == []


def test_names_of_outputs_are_numbered():
    node = [[["x", 0, 0, {}]]]
    stored = architecture(DENSE)
    layers = [{**stored["config"]["layers"][0], "name": "x", "inbound_nodes": []}]
    layers += [{**stored["config"]["layers"][1], "name": "layer_0", "inbound_nodes": [*node, *node]}]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["layer_0", 0, 0], ["layer_0", 1, 0]]}
    model = parse_model({"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}})
    assert output_names(model) == ["layer_0", "layer_0_1"]


@pytest.mark.parametrize(("found", "wrong"), [(1.0, False), (1.0001, False), (1.1, True), (float("nan"), True)])
def test_where_only_steps_may_differ_the_first_loss_may_not(monkeypatch, found, wrong):
    """Rounding moves the judge's own by 5e-5 here."""
    told_by = {"job": {"tolerance": 1e-5}, "model": None, "data": [(None, None)]}
    monkeypatch.setattr(training, "_reference", lambda *_, nudge=False, save: {"losses": [1.0 + 5e-5 * nudge]})
    monkeypatch.setattr(training, "train", lambda *_: {"losses": [found]})
    assert (training.first_loss(**told_by) is not None) is wrong
