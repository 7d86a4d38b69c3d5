"""Inside the worker: the archive loaded in Keras 3, and every level of the proof that was asked for."""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any

from k2to3.archive.requirements import requirements
from k2to3.custom.loading import custom_objects, keras2_objects
from k2to3.proof.bench import unfit
from k2to3.proof.levels.level import Found, Job, Objects, Trial
from k2to3.proof.levels.table import levels_up_to
from k2to3.proof.loaded import load
from k2to3.proof.memory import MEMORY_FACTOR, Exhausted, available_bytes, check_memory, first_line


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
        "layers": [],
        "training": [],
        "divergence": None,
        "not_proved": [],
    }
    config = config_of(job["archive"])
    job = {**job, "archive_config": config, "unfit": unfit(job["backend"], requirements(config))}
    size = os.path.getsize(job["archive"])
    memory = available_bytes()
    if memory is not None and size * MEMORY_FACTOR > memory:
        evidence["not_proved"].append(
            f"outputs: the model ({size} bytes) is too large to run beside Keras 2 in {memory} bytes of memory"
        )
        return {"evidence": evidence, "mismatch": None}
    model: Any
    try:
        model = load(job["archive"], objects.keras3, compile=job["training"] is not None)
    except Exception as error:
        check_memory(error)
        if job["unfit"]:
            evidence["not_proved"].append(f"{job['level']}: {job['unfit']}")
            return {"evidence": evidence, "mismatch": None}
        text = f"Keras {keras.__version__} cannot open the archive: {first_line(error)}"
        return {"evidence": evidence, "mismatch": text}
    trial = Trial(job, model, objects, evidence)
    found = (level.compare(trial) for level in levels_up_to(job["level"]))
    return {"evidence": evidence, "mismatch": next((text for text in found if text is not None), None)}


def config_of(archive: str) -> Any:
    """What the archive says, for inputs that meet its constants too."""
    with zipfile.ZipFile(archive) as opened:
        return json.loads(opened.read("config.json"))


def user_objects(job: Job) -> Objects:
    """The classes that the user named, for the archives that keep them, and their twins for tf-keras."""
    source = job.get("custom_objects")
    return Objects(custom_objects(source), keras2_objects(source)) if source else Objects()
