"""What the proof of an Embedding is told comes from the file: the plan is on trial."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from k2to3.engine.plan import Plan, make_plan
from k2to3.proof.outputs import embedding_jobs
from k2to3.sources.read import read_checkpoint

FILES = [path for path in sorted((ROOT / "fixtures").glob("*.h5")) if "text" in path.stem or "masked" in path.stem]


def plan_of(path: Path) -> Plan:
    architecture = path.with_suffix(".arch.json")
    with read_checkpoint(path, architecture if architecture.exists() else None) as checkpoint:
        return make_plan(checkpoint)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_that_forgets_the_mask_is_not_believed(path: Path) -> None:
    plan = plan_of(path)
    honest = embedding_jobs(plan)
    for group in plan.groups:
        if group.layer.class_name == "Embedding":
            group.layer.config["mask_zero"] = not group.layer.config["mask_zero"]
    assert embedding_jobs(plan) == honest


def test_some_have_masks_and_some_have_none() -> None:
    found = [job["mask_zero"] for path in FILES for job in embedding_jobs(plan_of(path))]
    assert {True, False} <= set(found)
