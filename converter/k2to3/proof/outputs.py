"""Levels two and three, run in a worker process: Embeddings and whole-model outputs."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from k2to3.bytecode.values import Symbol
from k2to3.custom.client import source_of
from k2to3.engine.plan import Plan, in_words_of_keras2
from k2to3.errors import NotEqual, ProofFailed, UnsafeFile, UsageError
from k2to3.isolation.calls import Call, Workers
from k2to3.keras2.given_vocabulary import with_vocabularies
from k2to3.keras2.input_shape import with_input_shape
from k2to3.keras2.model import Model
from k2to3.keras2.plain_record import record
from k2to3.options.records import ModelOptions, Options
from k2to3.proof.bench import backend_for, bench, unfit
from k2to3.proof.correspondence import calls
from k2to3.proof.handover import Handover, groups_of, handed_over
from k2to3.proof.inputs import input_samples
from k2to3.proof.told import authors_embeddings, authors_model, half_precision, theano_margins
from k2to3.proof.told_training import told_training
from k2to3.sources import attributes
from k2to3.sources.checkpoint import Checkpoint
from k2to3.weights import Stored

TOLERANCE = 1e-5
HALF_TOLERANCE = {11: 5e-3, 8: 4e-2}
"""By the bits of a mantissa."""
# A tolerance that is wider forgives differences, and proves nothing by itself.
FIRM = 1e-3
RUNS_MODELS = ("outputs", "layers", "training")
# What a worker may write besides trained models: logs and generated code.
FILE_BYTES = 64 << 20
KILLED = ("SIGKILL", "SIGABRT", "SIGSEGV", "SIGBUS")
WEIGHTS_ALONE = "--verify weights needs no framework; --limit memory=N and --limit seconds=N raise its limits"


@dataclass(frozen=True)
class Evidence:
    """What the worker found. `not_proved` says why a claim could not be checked."""

    oracle: str | None
    keras: str
    backend: str
    seed: int
    tolerance: float
    """Of outputs, relative to the largest value of each reference."""
    embeddings: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    training: list[dict[str, Any]] = field(default_factory=list)
    not_proved: list[str] = field(default_factory=list)


def prove_outputs(checkpoint: Checkpoint, plan: Plan, archive: Path, options: Options) -> Evidence:
    """Run both Kerases on the same inputs.

    Raises:
        NotEqual: something differs; the message names the worst output.
        UnsafeFile: the worker was asked for what no checkpoint needs.
        ProofFailed: the worker could not run.
    """
    training = options.proof.level == "training"
    with handed_over(checkpoint, training) as arrays:
        job = make_job(checkpoint, plan, archive, options, arrays)
        found = run_worker(job, checkpoint, arrays.files, options.workers)
    if found.get("denied"):
        raise UnsafeFile(f"while it was proved, the file asked for what no checkpoint needs: {found['denied'][0]}")
    if found.get("failed"):
        raise ProofFailed(f"the proof could not run: {found['failed']}", hint=WEIGHTS_ALONE)
    divergence = found["evidence"].pop("divergence")
    if found.get("mismatch"):
        raise NotEqual(found["mismatch"], file=str(archive), divergence=divergence)
    return Evidence(**found["evidence"], tolerance=job["tolerance"])


def make_job(checkpoint: Checkpoint, plan: Plan, archive: Path, options: Options, arrays: Handover) -> dict[str, Any]:
    """Everything the worker needs, as JSON."""
    writer, own, proof = checkpoint.writer, options.model, options.proof
    have = bench()
    backend = backend_for(proof.backend, have, plan.requires)
    stored = stored_config(checkpoint, own)
    in_words = in_words_of_keras2(stored, checkpoint)
    config = record(in_words)
    model = authors_model(stored, in_words, writer)
    half = HALF_TOLERANCE.get(half_precision(stored))
    shapes = [tensor.shape for tensor in plan.model.graph.inputs]
    return {
        "kind": checkpoint.kind,
        "model_config": config,
        "stored_config": record(stored),
        "author": asdict(writer),
        "by_path": checkpoint.by_path,
        "cut": checkpoint.cut,
        "before_2_4": writer.before(2, 4),
        "judge": proof.judge if have.tf_keras or proof.judge == "tf-keras" else "specification",
        "tf_keras": have.tf_keras,
        "backend": backend,
        # Of what is called on whole numbers: told where Keras 3 fails, and never asked before.
        "cannot": unfit(backend, plan.requires),
        "own_rules": bool(own.treat_as or own.rules),
        "groups": {**{name: [] for name in checkpoint.weights}, **groups_of(arrays.arrays)},
        "attributes": written_attributes(checkpoint),
        "optimizer": arrays.optimizer,
        "files": arrays.files,
        "memory": checkpoint.limits.proof_memory(archive.stat().st_size),
        "file_bytes": FILE_BYTES + 8 * archive.stat().st_size,
        # The worker has a folder of its own.
        "archive": str(archive.absolute()),
        "theano": writer.theano,
        "theano_margins": theano_margins(model, writer.theano),
        "keras1": writer.keras1,
        "unmasked_softmax": writer.before(2, 4),
        "unmoved_flatten": writer.standalone and writer.before(2, 1, 6),
        "old_crops": writer.before(2, 7),
        "square_crops": writer.before(2, 3, 1),
        "unmasked_steps": writer.before(2, 2),
        "unmasked_attention": writer.tensorflow and writer.before(2, 10),
        "custom_objects": None if own.custom_objects is None else source_of(own.custom_objects),
        "lambdas": dict(own.lambdas),
        "lambda_globals": lambda_globals(own),
        "tf1": writer.standalone and writer.before(2, 3),
        "accept_noise_off": own.accept_noise_off,
        "input_shape_given": own.input_shape is not None or bool(own.input_shapes),
        "vocabularies_given": bool(own.vocabularies),
        "input_shapes": shapes,
        "drop": sorted(own.drop),
        "level": proof.level,
        "tolerance": proof.tolerance or half or TOLERANCE,
        "firm": half or FIRM,
        "strict": TOLERANCE,
        "half": half is not None,
        "calls": calls(plan) if proof.level in RUNS_MODELS else [],
        "token_ids": checked_ids(proof.token_ids, plan),
        "seed": proof.seed,
        "reference": str(proof.reference.absolute()) if proof.reference else None,
        "inputs": [asdict(sample) for sample in input_samples(model, shapes)],
        "embeddings": embedding_jobs(plan, model),
        "training": training_job(checkpoint, plan, stored, model, own),
    }


def lambda_globals(options: ModelOptions) -> list[list[Any]]:
    """Names and values as JSON; names of the closed world by their path."""
    return [
        [name, "symbol", value.path] if isinstance(value, Symbol) else [name, "data", repr(value)]
        for name, value in options.lambda_globals.items()
    ]


def training_job(
    checkpoint: Checkpoint, plan: Plan, stored: dict[str, Any], model: Model, options: ModelOptions
) -> dict[str, Any] | None:
    """What the continuation needs; None when the checkpoint is not compiled."""
    config = record(checkpoint.training_config or {})
    if not config:
        return None
    return {
        "config": config,
        **told_training(config, record(stored), model, checkpoint.writer, options.drop),
        "owners": {group.path: group.layer.name for group in plan.groups},
        "standalone": checkpoint.writer.standalone,
    }


def stored_config(checkpoint: Checkpoint, options: ModelOptions) -> dict[str, Any]:
    """The architecture in the author's words, and what the user said of it."""
    config = with_input_shape(checkpoint.model_config, options.input_shape, options.input_shapes)
    return with_vocabularies(config, options.vocabularies)


def embedding_jobs(plan: Plan, model: Model) -> list[dict[str, Any]]:
    """Every Embedding: where its table is in the checkpoint and in the model, and whether the author masked token 0."""
    found = []
    told = authors_embeddings(model)
    for group in plan.groups:
        if group.layer.class_name != "Embedding" or group.layer.custom is not None:
            continue
        table = group.variables[0]
        assert isinstance(table, Stored)
        here = told.get(group.layer.name)
        found.append(
            {
                "name": group.layer.name,
                "path": group.path,
                "dataset": table.tensor.path,
                "input_dim": table.shape[0],
                "output_dim": table.shape[1],
                "mask_zero": group.layer.config["mask_zero"] if here is None else here.mask_zero,
                "dtype": (group.layer.dtype or "float32") if here is None else here.dtype,
            }
        )
    return found


def written_attributes(checkpoint: Checkpoint) -> dict[str, str]:
    """Who wrote the weights, as the file itself says it; tf-keras takes a file that does not for Keras 1."""
    if checkpoint.by_path:
        return {}
    if checkpoint.hdf5 is None:
        return {"keras_version": checkpoint.writer.text, "backend": checkpoint.writer.backend or "tensorflow"}
    root = checkpoint.hdf5.root.group("model_weights") or checkpoint.hdf5.root
    found = {name: attributes.text(root, name) for name in ("keras_version", "backend")}
    return {name: value for name, value in found.items() if value is not None}


def checked_ids(wanted: Sequence[int], plan: Plan) -> list[int]:
    """The user's token IDs; an ID that a smaller table lacks is tried in the others.

    Raises:
        UsageError: an ID that no Embedding has.
    """
    rows = [group.layer.config["input_dim"] for group in plan.groups if group.layer.class_name == "Embedding"]
    for token in wanted:
        if not 0 <= token < max(rows, default=0):
            largest = f"the largest Embedding has {max(rows)} rows" if rows else "the model has no Embedding"
            raise UsageError(f"token ID {token}: {largest}")
    return list(wanted)


def run_worker(job: dict[str, Any], checkpoint: Checkpoint, files: list[int | str], workers: Workers) -> dict[str, Any]:
    """One proof in a process of its own, so that no framework is imported here.

    Raises:
        ProofFailed: it crashed, was killed, or took too long.
    """
    seconds = checkpoint.limits.seconds
    ending = workers.ask(
        Call(
            module="k2to3.proof.worker",
            warm="k2to3.proof.standby" if job["backend"] == "tensorflow" else None,
            environment=environment(job),
            untrusted=(checkpoint.path.absolute().parent,),
            text=json.dumps(job),
            fds=tuple(file for file in files if isinstance(file, int)),
            seconds=seconds,
        )
    )
    if ending.status is None:
        hint = "--limit seconds=N gives it longer"
        raise ProofFailed(f"the proof took longer than {seconds} seconds", hint=hint)
    line = ending.out.strip().rsplit("\n", 1)[-1]
    if ending.status != 0 or not line.startswith("{"):
        raise ProofFailed(f"the proof could not run: {_ending(ending.status, ending.problems)}", hint=WEIGHTS_ALONE)
    found: dict[str, Any] = json.loads(line)
    return found


def environment(job: dict[str, Any]) -> dict[str, str]:
    """Variables that frameworks read as they are imported."""
    return {
        "KERAS_BACKEND": job["backend"],
        "JAX_PLATFORMS": "cpu",
        # A program of XLA runs once or twice here: optimising it would take longer than running it.
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # TensorFlow pools and convolves channels_first on a CPU through oneDNN only.
        "TF_ENABLE_ONEDNN_OPTS": "1" if "channels_first" in json.dumps(job["model_config"]) else "0",
        "CUDA_VISIBLE_DEVICES": "",
    }


def _ending(status: int, problems: str) -> str:
    if status < 0:
        name = signal.Signals(-status).name
        return f"its process was ended by {name}" + (", as when memory runs out" if name in KILLED else "")
    last = problems.strip().rsplit("\n", 1)[-1]
    return (last or f"exit code {status}")[:500]
