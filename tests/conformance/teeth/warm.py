"""Proofs in this process, eagerly: TensorFlow is imported once, and no model is compiled."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.update(
    KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="1"
)

import keras
import tensorflow as tf
from k2to3.archive.forms.keras import KERAS
from k2to3.archive.keras_archive import write_archive
from k2to3.archive.output import Output
from k2to3.engine.plan import Plan, make_plan
from k2to3.errors import NotEqual
from k2to3.options.records import Options, ProofOptions
from k2to3.proof import compare
from k2to3.proof.handover import Handover, handed_over
from k2to3.proof.outputs import make_job
from k2to3.proof.weights import prove_weights
from k2to3.sources import hdf5
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.examine import examine
from k2to3.sources.read import read_checkpoint
from k2to3.sources.tree_index import Told, told_by

Json = dict[str, Any]
PATIENCE = 90


@dataclass(frozen=True)
class Verdict:
    """`status`: found, proved, open (listed as NOT PROVED), or broke; `layer` is who was named."""

    status: str
    text: str = ""
    layer: str = ""
    mask_since: str = ""


def ready() -> None:
    """Nothing is compiled, and no file is looked at in a child process: these files are no attack."""
    hdf5.look = look_here
    keras.utils.disable_interactive_logging()
    tf.config.run_functions_eagerly(True)
    tf.data.experimental.enable_debug_mode()
    # What is imported stays: without it in the way, a collection takes a hundredth of a second instead of a whole one.
    gc.collect()
    gc.freeze()


def look_here(file: Any, offset: int, size: int, limits: Any) -> list[Told]:
    """As `look` of `k2to3.sources.hdf5`, in this process."""
    return [told_by(b"".join(examine(file, offset, size, limits).written()))]


@contextmanager
def opened(path: Path) -> Iterator[Checkpoint]:
    architecture = path.with_suffix(".arch.json")
    with read_checkpoint(path, architecture if architecture.exists() else None) as checkpoint:
        yield checkpoint


@dataclass(frozen=True)
class Case:
    """A checkpoint, open, and the plan for it; everything planted in its archive is proved against these."""

    path: Path
    checkpoint: Checkpoint
    plan: Plan
    arrays: Handover

    def write(self, target: Path) -> None:
        """The archive of the conversion."""
        target.unlink(missing_ok=True)
        write_archive(self.plan.archive, target)

    def weights_differ(self, archive: Path) -> bool:
        """What the first level says."""
        written = Output(KERAS, {archive.name: archive}, archive.name, archive, own=False)
        try:
            prove_weights(self.plan.groups, written)
        except NotEqual:
            return True
        return False

    def proved(self, archive: Path, judge: Any = "specification", level: Any = "outputs") -> Verdict:
        """What the worker would say of an archive."""
        options = Options(proof=ProofOptions(level, judge=judge))
        job = json.loads(json.dumps(make_job(self.checkpoint, self.plan, archive, options, self.arrays)))
        with deadline():
            found = compare.run(job, compare.Objects())
        keras.backend.clear_session()
        return verdict(found)


@contextmanager
def case(path: Path) -> Iterator[Case]:
    with opened(path) as checkpoint, handed_over(checkpoint, optimizer=False) as arrays:
        yield Case(path, checkpoint, make_plan(checkpoint, compile=False), arrays)


def verdict(found: Json) -> Verdict:
    if found.get("failed"):
        return Verdict("broke", found["failed"])
    evidence = found["evidence"]
    divergence = evidence.get("divergence") or {}
    named = divergence.get("layer", ""), divergence.get("mask_since") or ""
    if found["mismatch"]:
        return Verdict("found", found["mismatch"], *named)
    return Verdict("open", "; ".join(evidence["not_proved"])) if evidence["not_proved"] else Verdict("proved")


class Late(Exception):
    """It took too long."""


@contextmanager
def deadline(seconds: int = PATIENCE) -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise Late(f"longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
