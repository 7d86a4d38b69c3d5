"""Level layers: every call by itself; and a recurrence that amplifies rounding, step by step."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES, write_checkpoint
from k2to3.engine.plan import make_plan
from k2to3.options.records import Options, ProofOptions
from k2to3.proof.correspondence import calls
from k2to3.proof.handover import handed_over
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.keras2.specification import Specification
from k2to3.proof.outputs import make_job
from k2to3.sources.read import read_checkpoint
from planting import plant, setting
from test_teeth import ask

STEPS, UNITS = 141, 48


def chaotic(path: Path) -> Path:
    """A GRU whose last bits grow at every step."""
    chance = np.random.default_rng(0)
    layers = [
        {"class_name": "Embedding", "config": {"name": "words", "input_dim": 50, "output_dim": 8,
                                               "batch_input_shape": [None, STEPS], "mask_zero": False}},
        {"class_name": "GRU", "config": {"name": "gru", "units": UNITS, "activation": "tanh",
                                         "recurrent_activation": "hard_sigmoid", "reset_after": False}},
        {"class_name": "Dense", "config": {"name": "classes", "units": 4, "activation": "softmax"}},
    ]  # fmt: skip
    shapes = {
        "words": {"embeddings": (50, 8)},
        "gru": {"kernel": (8, 3 * UNITS), "recurrent_kernel": (UNITS, 3 * UNITS), "bias": (3 * UNITS,)},
        "classes": {"kernel": (UNITS, 4), "bias": (4,)},
    }
    weights = {
        layer: {f"{layer}/{name}:0": (chance.normal(size=s) * (0.9 if len(s) == 2 else 0.1)).astype("float32")
                for name, s in slots.items()}
        for layer, slots in shapes.items()
    }  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    return write_checkpoint(path, config, weights, version="2.3.1")


def job(source: Path, archive: Path, stack: ExitStack, level: Any, tolerance: float | None = None) -> dict[str, Any]:
    checkpoint = stack.enter_context(read_checkpoint(source, None))
    arrays = stack.enter_context(handed_over(checkpoint, optimizer=False))
    proof = ProofOptions(level, tolerance=tolerance, judge="specification")
    return make_job(checkpoint, make_plan(checkpoint), archive, Options(proof=proof), arrays)


@pytest.mark.keras
def test_rounding_is_told_from_a_fault(tmp_path):
    source, nested = chaotic(tmp_path / "chaotic.h5"), FIXTURES / "tf-2.4__shared_nested.h5"
    good, bad, whole = (tmp_path / f"{name}.keras" for name in ("good", "bad", "nested"))
    report = k2to3.convert(source, good, verify="none")
    plant(good, bad, report, setting("gru", "activation", "softsign"))
    k2to3.convert(nested, whole, verify="none")
    with ExitStack() as stack:
        jobs = [
            job(source, good, stack, "outputs"),
            job(source, good, stack, "layers"),
            job(source, bad, stack, "outputs"),
            job(source, bad, stack, "outputs", tolerance=0.9),
            job(nested, whole, stack, "layers"),
        ]
        right, by_layers, wrong, forgiven, shared = ask(jobs)
    assert right["mismatch"] is None and not right["evidence"]["not_proved"]
    assert "gru step by step" in right["evidence"]["oracle"]
    assert by_layers["mismatch"] is None
    assert {item["layer"]: item["how"] for item in by_layers["evidence"]["layers"]} == {
        "words": "call", "gru": "step by step", "classes": "call",
    }  # fmt: skip
    assert "first differs at layer 'gru' (GRU): a single step differs" in wrong["mismatch"]
    assert wrong["evidence"]["divergence"]["keras3"][0]["config"]["activation"] == "softsign"
    assert wrong["evidence"]["divergence"]["keras2"]["activation"] == "tanh"
    assert forgiven["mismatch"] or any("--tolerance" in text for text in forgiven["evidence"]["not_proved"])
    compared = {item["layer"] for item in shared["evidence"]["layers"]}
    assert {"inner/inner_dense", "inner:1/inner_dense", "twice", "twice:1"} <= compared
    assert len(compared) == len(jobs[-1]["calls"])


@pytest.mark.parametrize("name", ["tf-2.4__shared_nested", "keras-2.2.4__text_lstm", "tf-2.4__merged_masks"])
def test_every_call_of_the_specification_has_its_place(name):
    with read_checkpoint(FIXTURES / f"{name}.h5", None) as checkpoint:
        model = read_model(checkpoint.model_config, checkpoint.writer)
        found = json.loads(json.dumps(calls(make_plan(checkpoint))))
        specification = Specification(model, checkpoint.writer, checkpoint.weights)
        shapes = [specification.network.layers[name].shape for name in specification.inputs]
        traced, _ = specification.trace([np.ones((2, *(n or 4 for n in shape[1:]))) for shape in shapes])
    assert {tuple(map(tuple, call["path"])) for call in found} == {call.path for call in traced}
