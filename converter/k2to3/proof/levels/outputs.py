"""Whole-model outputs, against the judges of what Keras 2 computes."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np

from k2to3.errors import K2to3Error, NotSpecified
from k2to3.installed import install
from k2to3.proof.deadline import deadline
from k2to3.proof.feeds import Feed, with_ranges
from k2to3.proof.judges import TfKeras, specified
from k2to3.proof.judging import Answer, Hearing, Recorded, compare_feed, judge_outputs
from k2to3.proof.layerwise.claim import first_divergence, settled, small_normalisations
from k2to3.proof.levels.level import Found, Job, Level, Objects, Trial
from k2to3.proof.memory import check_memory, first_line
from k2to3.proof.running import Keras3
from k2to3.proof.single import in_single

# Seconds that reading a file for the specification may take.
SPECIFYING = 20
ALONE = " alone: tf-keras is not installed"
NO_TF_KERAS = f"outputs: tf-keras, the other judge, is not installed: {install('tensorflow')}"
THEANO_MARGINS = (
    "outputs: tf-keras cannot be the judge of 'same' padding on Theano; record inputs and outputs where the file was "
    "written (fixtures/authoring/record.py) and give them with --reference"
)


def compare(trial: Trial) -> str | None:
    job, model, evidence = trial.job, trial.model, trial.evidence
    if job["unfit"]:
        evidence["not_proved"].append(f"outputs: {job['unfit']}")
        return None
    if job["reference"]:
        evidence["oracle"] = f"recorded outputs in {os.path.basename(job['reference'])}"
        return _recorded(job, model, evidence)
    judges, reasons = _judges(job, trial.objects)
    evidence["not_proved"] += unproved_lambdas(job) if any(judge.name == TfKeras.name for judge in judges) else []
    job = with_ranges(job, judges)
    trial = replace(trial, job=job)
    problem = judge_outputs(job, model, judges, reasons, evidence, lambda: settled(trial))
    single = in_single(trial) if problem is None else None
    if single is not None:
        trial, problem = single
    if problem is None and evidence["oracle"]:
        problem = small_normalisations(trial, judges)
    if problem is not None and evidence["divergence"] is None:
        told = first_divergence(trial)
        problem = f"{problem}; {told}" if told else problem
    if evidence["oracle"] and not job["tf_keras"]:
        evidence["oracle"] += ALONE
    return problem


def _judges(job: Job, objects: Objects) -> tuple[list[Any], list[str]]:
    """Those that can say something of this file, and why the others cannot."""
    found: list[Any] = []
    reasons: list[str] = []
    if job["judge"] != "tf-keras":
        try:
            with deadline(SPECIFYING, "the specification"):
                found.append(specified(job))
        except (NotSpecified, K2to3Error, TimeoutError) as error:
            reasons.append(f"outputs: the specification does not cover this file: {first_line(error)}")
    if not job["tf_keras"] and not found:
        reasons.append(NO_TF_KERAS)
    if job["judge"] != "specification" and job["theano_margins"]:
        reasons.append(THEANO_MARGINS)
    elif job["judge"] != "specification":
        try:
            from k2to3.proof.oracle import load_oracle

            oracle, label = load_oracle(job, objects.keras2)
            found.append(TfKeras(oracle, label, job["inputs"]))
        except Exception as error:
            check_memory(error)
            reasons.append(f"outputs: tf-keras cannot load this file: {first_line(error)}")
    return found, reasons


def unproved_lambdas(job: Job) -> list[str]:
    """Layers whose stored function could not be followed, so that the user's stood in on both sides."""
    if not job["lambdas"]:
        return []
    from k2to3.proof.interpreted import InterpretedLambda

    return [
        f"layer {name!r}: its function was given by the user; the stored bytecode cannot be run"
        for name in sorted(InterpretedLambda.supplied)
    ]


def _recorded(job: Job, model: Any, evidence: Found) -> str | None:
    with np.load(job["reference"], allow_pickle=False) as stored:
        inputs = [stored[f"in{i}"] for i in range(sum(k.startswith("in") for k in stored.files))]
        outputs = [stored[f"out{i}"] for i in range(sum(k.startswith("out") for k in stored.files))]
    answer = Answer(Keras3(model), Feed("the recorded inputs", inputs))
    objection = compare_feed(job, answer, Hearing(Recorded(outputs)), outputs, evidence)
    return None if objection is None else objection.text


OUTPUTS = Level("outputs", compare)
