"""Inside the worker: load both models, feed both, compare."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from k2to3.custom.loading import custom_objects, keras2_objects
from k2to3.errors import K2to3Error, NotSpecified
from k2to3.proof.embeddings import compare_embedding
from k2to3.proof.feeds import Feed
from k2to3.proof.interpreted import InterpretedLambda
from k2to3.proof.judges import TfKeras, specified
from k2to3.proof.judging import Answer, Recorded, compare_feed, judge_outputs
from k2to3.proof.memory import Exhausted, available_bytes, check_memory, first_line
from k2to3.proof.oracle import load_oracle
from k2to3.proof.patience import patience
from k2to3.proof.training import compare_training

Job = dict[str, Any]
Found = dict[str, Any]


@dataclass(frozen=True)
class Objects:
    """Classes and functions of the user's own, by the names in the files."""

    keras3: dict[str, Any] = field(default_factory=dict)
    keras2: dict[str, Any] = field(default_factory=dict)


# Both models, their inputs and activations, against the table sizes on disk.
MEMORY_FACTOR = 6
# Seconds that reading a file for the specification may take.
SPECIFYING = 20
THEANO_MARGINS = (
    "outputs: tf-keras cannot be the judge of 'same' padding on Theano; record inputs and outputs where the file was "
    "written (fixtures/authoring/record.py) and give them with --reference"
)


def run(job: Job, objects: Objects) -> Found:
    """Prove what the job asks for; every claim ends up proved, refuted or explained."""
    try:
        return _run(job, objects)
    except Exhausted as error:
        return {"failed": f"it needs more than the {job['memory']} bytes of memory that it may use: {error}"}


def _run(job: Job, objects: Objects) -> Found:
    import keras

    keras.utils.disable_interactive_logging()
    evidence: Found = {
        "oracle": None,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "seed": job["seed"],
        "embeddings": [],
        "outputs": [],
        "training": [],
        "not_proved": [],
    }
    found: Found = {"evidence": evidence, "mismatch": None}
    size = os.path.getsize(job["archive"])
    memory = available_bytes()
    if memory is not None and size * MEMORY_FACTOR > memory:
        evidence["not_proved"].append(
            f"outputs: the model ({size} bytes) is too large to run beside Keras 2 in {memory} bytes of memory"
        )
        return found
    try:
        compiled = job["training"] is not None
        model = keras.saving.load_model(job["archive"], compile=compiled, safe_mode=True, custom_objects=objects.keras3)
    except Exception as error:
        check_memory(error)
        found["mismatch"] = f"Keras {keras.__version__} cannot open the archive: {first_line(error)}"
        return found
    found["mismatch"] = _embeddings(job, model, evidence)
    if found["mismatch"] is None and job["level"] in ("outputs", "training"):
        found["mismatch"] = _outputs(job, model, evidence, objects)
    if found["mismatch"] is None and job["level"] == "training":
        found["mismatch"] = compare_training(job, evidence)
    return found


def user_objects(job: Job) -> Objects:
    """The classes that the user named, for the archives that keep them, and their twins for tf-keras."""
    source = job.get("custom_objects")
    return Objects(custom_objects(source), keras2_objects(source)) if source else Objects()


def _embeddings(job: Job, model: Any, evidence: Found) -> str | None:
    for item in job["embeddings"]:
        result = compare_embedding(item, model, job)
        evidence["embeddings"].append(result)
        if not result["equal"]:
            return f"Embedding {item['name']!r}: {result['detail']}"
    return None


def _outputs(job: Job, model: Any, evidence: Found, objects: Objects) -> str | None:
    if job["reference"]:
        evidence["oracle"] = f"recorded outputs in {os.path.basename(job['reference'])}"
        return _recorded(job, model, evidence)
    judges, reasons = _judges(job, objects)
    evidence["not_proved"] += unproved_lambdas(job) if any(judge.name == TfKeras.name for judge in judges) else []
    return judge_outputs(job, model, judges, reasons, evidence)


def _judges(job: Job, objects: Objects) -> tuple[list[Any], list[str]]:
    """Those that can say something of this file, and why the others cannot."""
    found: list[Any] = []
    reasons: list[str] = []
    if job["judge"] != "tf-keras":
        try:
            with patience(SPECIFYING, "the specification"):
                found.append(specified(job))
        except (NotSpecified, K2to3Error, TimeoutError) as error:
            reasons.append(f"outputs: the specification does not cover this file: {first_line(error)}")
    if job["judge"] != "specification" and job["theano_margins"]:
        reasons.append(THEANO_MARGINS)
    elif job["judge"] != "specification":
        try:
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
    return [
        f"layer {name!r}: its function was given by the user; the stored bytecode cannot be run"
        for name in sorted(InterpretedLambda.supplied)
    ]


def _recorded(job: Job, model: Any, evidence: Found) -> str | None:
    with np.load(job["reference"], allow_pickle=False) as stored:
        inputs = [stored[f"in{i}"] for i in range(sum(k.startswith("in") for k in stored.files))]
        outputs = [stored[f"out{i}"] for i in range(sum(k.startswith("out") for k in stored.files))]
    answer = Answer(model, Feed("the recorded inputs", inputs))
    return compare_feed(job, answer, Recorded(outputs), outputs, evidence)
