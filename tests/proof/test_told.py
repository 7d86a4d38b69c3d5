"""What a judge is told comes from the file: the plan is on trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES
from k2to3.engine.plan import Plan, make_plan
from k2to3.options.records import Options, ProofOptions
from k2to3.proof.handover import handed_over
from k2to3.proof.outputs import make_job
from k2to3.proof.zeroed import zeroed_by
from k2to3.sources.read import read_checkpoint

NAMES = (
    "keras-2.2.4__text_lstm", "keras-2.1.6__masked_states", "keras-1.2.2-theano__cnn", "keras-1.2.2-theano__text_lstm",
    "tf-2.4__merged_masks", "tf-2.4__text_lstm", "keras-2.0.2__bidirectional", "tf-1.13__bidirectional",
    "keras-2.2.4__text_gru",
)  # fmt: skip
FILES = [FIXTURES / f"{name}.h5" for name in NAMES]
TOLD = (
    "model_config", "stored_config", "inputs", "embeddings", "theano_margins", "tolerance", "firm",
)  # fmt: skip


def lie(plan: Plan) -> Plan:
    """Whatever a wrong rule could say."""
    for node in plan.model.graph.nodes:
        for tensor in node.outputs:
            tensor.dtype = "float16"
    for group in plan.groups:
        group.layer.dtype = "mixed_float16"
        if group.layer.class_name == "Embedding":
            group.layer.config.update(mask_zero=not group.layer.config["mask_zero"], input_dim=2)
    return replace(plan, findings=[], keras2_config={}, stored_config={})


def believe(plan: Plan) -> Plan:
    return plan


def told(path: Path, twist: Any) -> dict[str, Any]:
    architecture = path.with_suffix(".arch.json")
    with read_checkpoint(path, architecture if architecture.exists() else None) as checkpoint:
        plan = twist(make_plan(checkpoint))
        with handed_over(checkpoint, optimizer=False) as arrays:
            job = make_job(checkpoint, plan, path, Options(proof=ProofOptions()), arrays)
    return {**{key: job[key] for key in TOLD}, "zeroed_steps": zeroed_by(job)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_that_lies_is_not_believed(path: Path) -> None:
    assert told(path, lie) == told(path, believe)


def test_some_have_masks_and_some_have_none() -> None:
    found = [job["mask_zero"] for path in FILES for job in told(path, believe)["embeddings"]]
    assert {True, False} <= set(found)


def test_the_author_decides_about_masked_steps_and_margins() -> None:
    found = {path.stem: told(path, believe) for path in FILES}
    flags = {flag for job in found.values() for flag in job["zeroed_steps"].values()}
    assert flags == {True, False} and {job["theano_margins"] for job in found.values()} == {True, False}
