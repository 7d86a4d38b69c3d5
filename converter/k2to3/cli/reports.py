"""Reports that go to files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from k2to3.publish.publisher import REPORT


def write_report(arguments: argparse.Namespace, found: Any) -> None:
    """Write what `--report` asks for, unless something else got its name."""
    if arguments.report and not arguments.publisher.contested(Path(arguments.report)):
        text = json.dumps(found, indent=2) + "\n"
        arguments.publisher.write_text(Path(arguments.report), text, what=REPORT)
