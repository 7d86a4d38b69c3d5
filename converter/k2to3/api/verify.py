"""The verb verify."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

from k2to3.api.convert import planned
from k2to3.api.proving import prove
from k2to3.api.reading import read_options
from k2to3.archive.forms.table import form_of_existing
from k2to3.archive.native import check_native
from k2to3.archive.output import Output
from k2to3.archive.reading import check_members, is_compiled, read_config
from k2to3.boundary import boundary, recorded
from k2to3.custom.session import opened_rules
from k2to3.engine.plan import Plan
from k2to3.errors import NotKeras2
from k2to3.limits import Limits
from k2to3.options.records import Options
from k2to3.options.words import PathLike, VerifyOptions
from k2to3.proof.bench import bench, check_bench
from k2to3.proof.reference import check_reference
from k2to3.publish.inputs import check_openable
from k2to3.report.options import asked
from k2to3.report.record import Report
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.opened import unchanged


def verify(source: PathLike, target: PathLike, **options: Unpack[VerifyOptions]) -> Report:
    """Prove an archive that was written before, from both files alone.

    `options`: see `k2to3.options.words.VerifyOptions`.

    Raises:
        NotEqual: the archive does not hold, or does not compute, what the checkpoint does.
    """
    report = Report(source=os.fspath(source), target=os.fspath(target), verb="verify")
    with boundary(report.source):
        report.options = asked(options, VerifyOptions)
        run_verification(report, Path(target), read_options(options, VerifyOptions))
    return report


def run_verification(report: Report, target: Path, options: Options) -> None:
    """As `verify`, filling in `report` so that a failure keeps what was known."""
    with recorded(report):
        reference = options.proof.reference
        check_bench(options.proof, bench())
        check_openable(path for path in (report.source, target, reference) if path is not None)
        check_reference(reference, options.limits)
        with (
            opened_rules(options.model) as rules,
            planned(report, rules, options, compile=is_compiled(target)) as (checkpoint, found),
        ):
            output = _existing(target)
            with unchanged(output.files.values()), _named_as_target():
                if output.form.opens:
                    _check_foreign(target, found, rules, options.limits)
                prove(report, checkpoint, found, output, options)


@contextmanager
def _named_as_target() -> Iterator[None]:
    """What is no file of Keras here is the target, which Keras 1 and 2 never saved."""
    try:
        yield
    except NotKeras2 as error:
        if type(error) is NotKeras2:
            error.hint = error.hint or "name what k2to3 wrote, or convert the source again"
        raise


def _check_foreign(target: Path, plan: Plan, rules: Rulebook, limits: Limits) -> None:
    """An archive that says something else than we would have written may come from anybody."""
    check_members(target, limits)
    config = read_config(target, limits)
    if config != json.loads(json.dumps(plan.config)):
        check_native(config, None if rules.custom is None else rules.custom.knows)


def _existing(target: Path) -> Output:
    """What an earlier conversion wrote."""
    form = form_of_existing(target)
    return Output(form, form.found(target), target.name, target, own=False)
