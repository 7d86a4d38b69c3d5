"""Reports that go to files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from k2to3.publish.publisher import REPORT
from k2to3.report.endings import renderer


def write_report(arguments: argparse.Namespace, found: Any) -> None:
    """Write what `--report` asks for, unless something else got its name."""
    if arguments.report and not arguments.publisher.contested(Path(arguments.report)):
        target = Path(arguments.report)
        arguments.publisher.write_text(target, renderer(target)(found), what=REPORT)
