"""The verbs: convert, plan, verify, load."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from k2to3.archive.forms import ARCHIVE, SAFETENSORS, SHARD_SIZE, form_of, parse_size
from k2to3.archive.keras_archive import Archive, Progress, write_archive
from k2to3.archive.native import check_native
from k2to3.archive.output import Output, written
from k2to3.archive.reading import check_members, is_compiled, read_config
from k2to3.archive.safetensors import INDEX
from k2to3.boundary import boundary, recorded
from k2to3.custom.loading import custom_objects as load_custom_objects
from k2to3.custom.session import Vocabulary, customised
from k2to3.engine.plan import KERAS_VERSION, Plan, make_plan
from k2to3.errors import NotEqual, UsageError
from k2to3.leftovers import scratch_folder
from k2to3.limits import DEFAULT, Limits, read_limits
from k2to3.proof.outputs import BOTH, JUDGES, Evidence, Options, prove_outputs
from k2to3.proof.reference import check_reference
from k2to3.proof.tensors import parts_of, prove_tensors
from k2to3.proof.weights import prove_weights
from k2to3.publish.inputs import check_openable, inputs_of
from k2to3.publish.writer import TARGET, Writer
from k2to3.report.record import Report
from k2to3.report.untrained import fresh_finding
from k2to3.rules.core.lambdas import Given, check_all_used
from k2to3.rules.extras import current
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.digest import sha256
from k2to3.sources.h5 import read_checkpoint
from k2to3.sources.opened import unchanged

LEVELS = ("none", "weights", "embedding", "outputs", "training")
TEMPORARY = "as-archive.keras"
PathLike = str | os.PathLike[str]


def convert(
    source: PathLike,
    target: PathLike | None = None,
    *,
    verify: str = "outputs",
    architecture: PathLike | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    tolerance: float | None = None,
    token_ids: Sequence[int] = (),
    seed: int = 0,
    reference: PathLike | None = None,
    judge: str = BOTH,
    min_keras: str | None = None,
    compile: bool = True,
    rules: Sequence[PathLike] | PathLike = (),
    treat_as: Mapping[str, str] | Sequence[str] = (),
    custom_objects: PathLike | None = None,
    lambdas: Mapping[str, Given] | Sequence[str] = (),
    lambda_globals: Mapping[str, Any] | Sequence[str] = (),
    accept_noise_off: bool = False,
    drop: Sequence[str] | str = (),
    input_shape: str | Sequence[int | None] | None = None,
    vocabularies: Mapping[str, Vocabulary] | Sequence[str] = (),
    limits: Mapping[str, int | str] | Sequence[str] = (),
    shard_size: int | str = SHARD_SIZE,
    progress: Progress | None = None,
) -> Report:
    """Convert a Keras 1/2 checkpoint to a Keras 3 archive and prove it.

    Args:
        source: the `.h5` file; never touched.
        target: `new.keras`, `new.safetensors` (every variable under its Keras 3 path) or
            `new.weights.h5` (for `load_weights`); appears whole and proved, or not at all.
        verify: `none`, `weights` (every variable re-read), `embedding` (and every
            Embedding on sample token IDs, bit for bit), `outputs` (and whole-model outputs),
            `training` (and losses and weights after one and ten training steps).
        architecture: for weights-only files: JSON, YAML, or `file.py:function`.
        tolerance: largest error relative to each output's largest value; default 1e-5.
        token_ids: token IDs to try besides the sampled ones.
        seed: of all sampling; the same seed replays the proof.
        judge: who says what Keras 2 computes: `both` the specification of the author's Keras and tf-keras,
            or one of `specification`, `tf-keras`.
        reference: `.npz` with `in0…`, `out0…` recorded from the Keras that wrote the file.
        min_keras: a release (`3.3`) that must be able to open the archive; refused where
            it cannot. Default: whatever the archive needs, 3.4 for most.
        compile: carry the optimizer with its state, losses and metrics over.
        rules: Python files with `@k2to3.rule` functions, for layers that no rule knows.
        treat_as: class name in the file → class name whose rule reads it.
        custom_objects: module name or `.py` file with Keras 3 classes that stay what they
            are; imported in a worker process.
        lambdas: Lambda layer name → its function over `x`, `K`, `tf`, `np` or `ops`
            (`keras.ops`), as source text or as a Python function; followed, never run.
            For bytecode that cannot be recovered.
        lambda_globals: values of module globals that the stored functions use.
        accept_noise_off: sampling and forced dropout may be off at inference.
        drop: regularizers and constraints of the author's that the archive may go without.
        input_shape: of one sample, such as `(28, 28, 1)`, for a Sequential model whose file does not tell.
        vocabularies: lookup layer name → tokens, or the path of a file with one token a line, where the
            checkpoint holds none.
        limits: what a file may ask for and a proof may use, where the defaults of `k2to3.limits.Limits` are too
            low: `{"layers": 100_000}` or `["memory=16GB"]`.
        shard_size: largest `.safetensors` file in bytes, or as `5GB`; more becomes several
            files and an index.

    Raises:
        K2to3Error: see `k2to3.errors` for the tree and the exit codes.
    """
    report = Report(source=os.fspath(source), target=None if target is None else os.fspath(target))
    inputs = inputs_of(
        source,
        reference,
        architecture=architecture,
        rules=rules,
        custom_objects=custom_objects,
        vocabularies=vocabularies,
    )
    with (
        boundary(report.source),
        customised(
            rules=rules,
            treat_as=treat_as,
            custom_objects=custom_objects,
            lambdas=lambdas,
            lambda_globals=lambda_globals,
            accept_noise_off=accept_noise_off,
            drop=drop,
            input_shape=input_shape,
            vocabularies=vocabularies,
        ),
    ):
        run_conversion(
            report,
            verify=verify,
            architecture=architecture,
            writer=Writer(inputs, overwrite=overwrite),
            dry_run=dry_run,
            options=Options(verify, tolerance, tuple(token_ids), seed, Path(reference) if reference else None, judge),
            min_keras=min_keras,
            compile=compile,
            shard_size=parse_size(str(shard_size)),
            limits=read_limits(limits),
            progress=progress,
        )
    return report


def run_conversion(
    report: Report,
    *,
    verify: str,
    architecture: PathLike | None,
    writer: Writer,
    dry_run: bool,
    options: Options,
    min_keras: str | None = None,
    compile: bool = True,
    shard_size: int = SHARD_SIZE,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
) -> None:
    """As `convert`, filling in `report` so that a failure keeps what was known."""
    with recorded(report):
        if options.judge not in JUDGES:
            raise UsageError(f"judge is {options.judge!r}, not one of {', '.join(JUDGES)}")
        if verify not in LEVELS:
            raise UsageError(f"verify is {verify!r}, not one of {', '.join(LEVELS)}")
        target = None if report.target is None else Path(report.target)
        if target is None and not dry_run:
            raise UsageError("no target given", hint="k2to3 convert old.h5 new.keras")
        form = ARCHIVE if target is None else form_of(target)
        if verify == "training" and form != ARCHIVE:
            raise UsageError("only a .keras archive carries training state that could be proved")
        check_openable(path for path in (report.source, options.reference) if path is not None)
        if target is not None and not dry_run:
            _check_target(target, form, writer)
        check_reference(options.reference, limits)
        with _opened(report, architecture, compile and form == ARCHIVE, min_keras, limits) as (checkpoint, plan):
            if target is not None and not dry_run:
                _write(report, checkpoint, plan, target, writer, shard_size, options, progress)


def _check_target(target: Path, form: str, writer: Writer) -> None:
    """What can be said before the work; into how many files tensors are split shows later."""
    writer.writes(target, what=TARGET)
    if form != SAFETENSORS:
        writer.check_free(target)


@contextmanager
def _opened(
    report: Report, architecture: PathLike | None, compile: bool, min_keras: str | None, limits: Limits
) -> Iterator[tuple[Checkpoint, Plan]]:
    path = Path(report.source)
    with read_checkpoint(path, None if architecture is None else Path(architecture), limits) as checkpoint:
        report.source_bytes = checkpoint.file.size
        plan = make_plan(checkpoint, compile=compile, min_keras=min_keras)
        check_all_used()
        fresh = fresh_finding(tensor for group in checkpoint.weights.values() for tensor in group)
        plan.findings.extend([fresh] if fresh else [])
        report.describe(checkpoint, plan)
        yield checkpoint, plan


def _write(
    report: Report,
    checkpoint: Checkpoint,
    plan: Plan,
    target: Path,
    writer: Writer,
    shard_size: int,
    options: Options,
    progress: Progress | None,
) -> None:
    # Digests belong to the proof; they take a core of their own beside the copy and the flush to disk.
    digests: dict[str, Future[str]] = {}
    with ThreadPoolExecutor(2) as pool:
        if options.level != "none":
            digests["source_sha256"] = pool.submit(checkpoint.file.sha256)
        with written(checkpoint, plan, target, writer=writer, shard_size=shard_size, progress=progress) as output:
            try:
                prove(report, checkpoint, plan, output, options)
            except NotEqual as error:
                error.file = str(target)
                raise
            # What was read, proved and digested is one and the same content.
            checkpoint.file.check_unchanged()
            report.target_bytes = output.nbytes
            if options.level != "none":
                digests["target_sha256"] = pool.submit(sha256, output.path)
            output.sync()
            for name, digest in digests.items():
                setattr(report, name, digest.result())


def prove(report: Report, checkpoint: Checkpoint, plan: Plan, output: Output, options: Options) -> None:
    """Prove what was written up to the wanted level and record the evidence.

    Raises:
        NotEqual: something differs.
    """
    report.level = options.level
    report.status = "converted"
    if options.level == "none":
        report.not_proved = ["anything: --verify none"]
        return
    (path, *_) = output.files.values()
    if output.form == SAFETENSORS:
        report.weights = prove_tensors(plan.groups, output.files, output.main)
    else:
        report.weights = prove_weights(plan.groups, path, own=output.own)
    if options.level == "weights":
        report.status = "proved"
        return
    with _runnable(plan, output) as archive:
        evidence = _evidence(report, checkpoint, plan, archive, options)
    report.not_proved = evidence.not_proved
    if not evidence.not_proved:
        report.status = "proved"


@contextmanager
def _runnable(plan: Plan, output: Output) -> Iterator[Path]:
    """An archive that Keras 3 can run: weights alone get a temporary one of the same plan."""
    if output.form == ARCHIVE:
        (path,) = output.files.values()
        yield path
        return
    with scratch_folder() as folder:
        path = folder / TEMPORARY
        write_archive(Archive(plan.config, plan.groups, KERAS_VERSION), path)
        yield path


def _evidence(report: Report, checkpoint: Checkpoint, plan: Plan, archive: Path, options: Options) -> Evidence:
    evidence = prove_outputs(checkpoint, plan, archive, options)
    if archive.name == TEMPORARY and evidence.backend:
        evidence = replace(evidence, backend=f"{evidence.backend}, through a temporary .keras archive of the same plan")
    report.evidence = evidence
    return evidence


def plan(source: PathLike, *, architecture: PathLike | None = None, **options: Any) -> Report:
    """What a conversion would do: layers, variables and findings; writes nothing.

    `options` go to `convert`.
    """
    return convert(source, None, architecture=architecture, dry_run=True, **options)


def verify(
    source: PathLike,
    target: PathLike,
    *,
    level: str = "outputs",
    architecture: PathLike | None = None,
    tolerance: float | None = None,
    token_ids: Sequence[int] = (),
    seed: int = 0,
    reference: PathLike | None = None,
    judge: str = BOTH,
    min_keras: str | None = None,
    rules: Sequence[PathLike] | PathLike = (),
    treat_as: Mapping[str, str] | Sequence[str] = (),
    custom_objects: PathLike | None = None,
    lambdas: Mapping[str, Given] | Sequence[str] = (),
    lambda_globals: Mapping[str, Any] | Sequence[str] = (),
    accept_noise_off: bool = False,
    drop: Sequence[str] | str = (),
    input_shape: str | Sequence[int | None] | None = None,
    vocabularies: Mapping[str, Vocabulary] | Sequence[str] = (),
    limits: Mapping[str, int | str] | Sequence[str] = (),
) -> Report:
    """Prove an archive that was written before, from both files alone.

    Raises:
        NotEqual: the archive does not hold, or does not compute, what the checkpoint does.
    """
    report = Report(source=os.fspath(source), target=os.fspath(target))
    options = Options(level, tolerance, tuple(token_ids), seed, Path(reference) if reference else None, judge)
    with (
        boundary(report.source),
        customised(
            rules=rules,
            treat_as=treat_as,
            custom_objects=custom_objects,
            lambdas=lambdas,
            lambda_globals=lambda_globals,
            accept_noise_off=accept_noise_off,
            drop=drop,
            input_shape=input_shape,
            vocabularies=vocabularies,
        ),
    ):
        run_verification(
            report,
            Path(target),
            architecture=architecture,
            options=options,
            min_keras=min_keras,
            limits=read_limits(limits),
        )
    return report


def run_verification(
    report: Report,
    target: Path,
    *,
    architecture: PathLike | None,
    options: Options,
    min_keras: str | None,
    limits: Limits = DEFAULT,
) -> None:
    """As `verify`, filling in `report` so that a failure keeps what was known."""
    with recorded(report):
        check_openable(path for path in (report.source, target, options.reference) if path is not None)
        check_reference(options.reference, limits)
        with _opened(report, architecture, is_compiled(target), min_keras, limits) as (checkpoint, found):
            output = _existing(target)
            with unchanged(output.files.values()):
                if target.name.endswith(ARCHIVE):
                    _check_foreign(target, found, limits)
                prove(report, checkpoint, found, output, options)


def _check_foreign(target: Path, plan: Plan, limits: Limits) -> None:
    """An archive that says something else than we would have written may come from anybody."""
    check_members(target, limits)
    config = read_config(target, limits)
    if config != json.loads(json.dumps(plan.config)):
        custom = current().custom
        check_native(config, None if custom is None else custom.knows)


def _existing(target: Path) -> Output:
    """What an earlier conversion wrote."""
    if target.name.endswith((SAFETENSORS, INDEX)):
        return Output(SAFETENSORS, parts_of(target), target.name, target, own=False)
    return Output(form_of(target), {target.name: target}, target.name, target, own=False)


def load_model(source: PathLike, **options: Any) -> Any:
    """The checkpoint as a live Keras 3 model, on the backend Keras is set to.

    Imports Keras in this process. `options` go to `convert`; `verify` defaults to
    `weights`.
    """
    import keras

    with scratch_folder() as folder:
        path = folder / "model.keras"
        convert(source, path, **{"verify": "weights", **options})
        own = options.get("custom_objects")
        objects = {} if own is None else load_custom_objects(os.fspath(own))
        return keras.saving.load_model(path, compile=False, safe_mode=True, custom_objects=objects)
