"""Proving what was written, level by level."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from k2to3.archive.keras_archive import write_archive
from k2to3.archive.output import Output
from k2to3.engine.plan import Plan
from k2to3.errors import NOT_REACHED
from k2to3.leftovers import scratch_folder
from k2to3.options.records import Options
from k2to3.proof.bench import bench, unproved
from k2to3.report.record import Report
from k2to3.sources.checkpoint import Checkpoint

TEMPORARY = "as-archive.keras"


def prove(report: Report, checkpoint: Checkpoint, plan: Plan, output: Output, options: Options) -> None:
    """Prove what was written up to the wanted level and record the evidence.

    Raises:
        NotEqual: something differs.
    """
    level = report.level = options.proof.level
    report.status = "converted"
    if level == "none":
        report.not_proved = ["anything: --verify none"]
        return
    from k2to3.proof.weights import prove_weights

    with report.phase("prove weights", options.phase):
        report.weights = prove_weights(plan.groups, output)
    if level == "weights":
        report.status = "proved"
        return
    if not bench().backends:
        report.not_proved, report.exit_code = unproved(level), NOT_REACHED
        return
    from k2to3.proof.outputs import prove_outputs

    with report.phase(f"prove {level}", options.phase), _runnable(plan, output) as archive:
        evidence = prove_outputs(checkpoint, plan, archive, options)
    if archive.name == TEMPORARY and evidence.backend:
        evidence = replace(evidence, backend=f"{evidence.backend}, through a temporary .keras archive of the same plan")
    report.evidence = evidence
    report.not_proved = evidence.not_proved
    if evidence.not_proved:
        report.exit_code = NOT_REACHED
    else:
        report.status = "proved"


@contextmanager
def _runnable(plan: Plan, output: Output) -> Iterator[Path]:
    """An archive that Keras 3 can run: weights alone get a temporary one of the same plan."""
    if output.form.opens:
        (path,) = output.files.values()
        yield path
        return
    with scratch_folder() as folder:
        path = folder / TEMPORARY
        write_archive(plan.archive, path)
        yield path
