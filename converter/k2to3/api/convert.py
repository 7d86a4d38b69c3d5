"""The verbs convert and plan."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Unpack

from k2to3.api.digests import Digests
from k2to3.api.proving import prove
from k2to3.api.reading import read_options
from k2to3.api.used import check_all_used
from k2to3.archive.forms.form import Form, Settings, one_file
from k2to3.archive.forms.keras import KERAS
from k2to3.archive.forms.table import form_of
from k2to3.archive.note import NOT_PROVED, PROVED, REACH, Note
from k2to3.archive.output import written
from k2to3.boundary import boundary, recorded
from k2to3.custom.session import opened_rules
from k2to3.engine.plan import Plan, make_plan
from k2to3.errors import NotEqual, UsageError
from k2to3.options.records import Options
from k2to3.options.words import ConvertOptions, PathLike, PlanOptions
from k2to3.proof.bench import bench, check_bench
from k2to3.publish.inputs import check_openable, inputs_of
from k2to3.publish.publisher import TARGET, Publisher
from k2to3.report.options import asked
from k2to3.report.record import Report
from k2to3.report.refused import refused_by_keras3
from k2to3.report.untrained import fresh_finding
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.read import read_checkpoint


def convert(source: PathLike, target: PathLike | None = None, **options: Unpack[ConvertOptions]) -> Report:
    """Convert a Keras 1/2 checkpoint to a Keras 3 archive and prove it.

    Args:
        source: what Keras 1 or 2 saved: `.h5`, `.keras`, a SavedModel folder, a TensorFlow checkpoint; never touched.
        target: `new.keras`, `new.safetensors` (every variable under its Keras 3 path) or
            `new.weights.h5` (for `load_weights`); appears whole and proved, or not at all.
        options: see `k2to3.options.words.ConvertOptions`, or `k2to3 convert --help`. `verify` is how far to
            prove: `none`, `weights` (every variable re-read), `embedding` (and every Embedding on sample
            token IDs, bit for bit), `outputs` (and whole-model outputs; the default), `layers` (and every layer
            by itself) or `training` (and losses and weights after one and ten training steps).

    Raises:
        K2to3Error: see `k2to3.errors` for the tree and the exit codes.
    """
    report = Report(source=os.fspath(source), target=None if target is None else os.fspath(target))
    inputs = inputs_of(source, **options)
    with boundary(report.source):
        read = read_options(options, ConvertOptions)
        report.options = asked(options, ConvertOptions)
        run_conversion(report, read, Publisher(inputs, overwrite=read.overwrite))
    return report


def plan(source: PathLike, **options: Unpack[PlanOptions]) -> Report:
    """What a conversion would do: layers, variables and findings; writes nothing.

    `options`: see `k2to3.options.words.PlanOptions`.
    """
    report = Report(source=os.fspath(source), verb="plan", options=asked(options, PlanOptions))
    with boundary(report.source):
        run_conversion(report, read_options({**options, "dry_run": True}, ConvertOptions), Publisher())
    return report


def run_conversion(report: Report, options: Options, publisher: Publisher) -> None:
    """As `convert`, filling in `report` so that a failure keeps what was known."""
    with recorded(report):
        target = None if report.target is None else Path(report.target)
        if target is None and not options.dry_run:
            stem, own = os.path.splitext(os.path.basename(os.path.normpath(report.source)))
            ending = ".3.keras" if own == ".keras" else ".keras"
            line = shlex.join(["k2to3", "convert", report.source, stem + ending])
            raise UsageError("no target given", hint=line)
        form = KERAS if target is None else form_of(target)
        proof = options.proof
        if proof.level == "training" and not form.trains:
            raise UsageError("only a .keras archive carries training state that could be proved")
        if proof.needs_keras:
            check_bench(proof, bench())
        check_openable(path for path in (report.source, proof.reference) if path is not None)
        if target is not None and not options.dry_run:
            _check_target(target, form, publisher)
        if proof.reference is not None:
            from k2to3.proof.reference import check_reference

            check_reference(proof.reference, options.limits)
        compiled = options.compile and form.trains
        with (
            opened_rules(options.model) as rules,
            planned(report, rules, options, compile=compiled) as (checkpoint, found),
        ):
            if target is not None and not options.dry_run:
                _write(report, checkpoint, found, target, publisher, options)


def _check_target(target: Path, form: Form, publisher: Publisher) -> None:
    """What can be said before the work; into how many files tensors are split shows later."""
    publisher.writes(target, what=TARGET)
    if form.names is one_file:
        publisher.check_free(target)


@contextmanager
def planned(report: Report, rules: Rulebook, options: Options, *, compile: bool) -> Iterator[tuple[Checkpoint, Plan]]:
    """The open checkpoint and its plan, described in `report`."""
    with read_checkpoint(Path(report.source), options.architecture, options.limits, options.author) as whole:
        checkpoint = _cut(whole, options.model.outputs, rules) if options.model.outputs else whole
        with report.phase("plan", options.phase):
            report.source_bytes = checkpoint.file.size
            found = make_plan(checkpoint, rules, options.model, compile=compile, min_keras=options.min_keras)
            if options.sole:
                check_all_used(options.model, found.used)
            report.used = found.used
            fresh = fresh_finding(tensor for group in checkpoint.weights.values() for tensor in group)
            found.findings.extend([fresh] if fresh else [])
            found.findings.extend(refused_by_keras3(found.source))
            report.describe(checkpoint, found, graph=options.sole, statistics=options.statistics)
        yield checkpoint, found


def _cut(whole: Checkpoint, outputs: Sequence[str], rules: Rulebook) -> Checkpoint:
    from k2to3.api.cutting import cut_checkpoint

    return cut_checkpoint(whole, outputs, partial(rules.slots, writer=whole.writer))


def _write(
    report: Report, checkpoint: Checkpoint, found: Plan, target: Path, publisher: Publisher, options: Options
) -> None:
    with ExitStack() as stack:
        digests = None if options.proof.level == "none" else stack.enter_context(Digests(checkpoint.file.sha256))
        note = Note(None, NOT_PROVED, options.proof.level)
        settings = Settings(options.shard_size, str(checkpoint.writer), checkpoint.file.sha256, note, options.progress)
        with report.phase("write", options.phase):
            output = stack.enter_context(written(found.archive, target, publisher, settings))
        report.target_bytes = output.nbytes
        if digests is not None:
            digests.follow(output.path, REACH)
            # The longest way is that of the target's digest: let it have a core of its own.
            report.source_sha256 = digests.source()
        try:
            prove(report, checkpoint, found, output, options)
        except NotEqual as error:
            error.file = str(target)
            raise
        # What was read, proved and digested is one and the same content.
        checkpoint.file.check_unchanged()
        if digests is not None:
            if output.form.note is not None:
                verdict = PROVED if report.status == "proved" else NOT_PROVED
                output.form.note(output.path, Note(report.source_sha256, verdict, report.level))
            report.target_sha256 = digests.target()
        output.sync()
