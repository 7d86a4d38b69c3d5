"""What is planned for every fixture is what was planned before: compared whole, in seconds.

A change that is meant is written down with `python tests/golden/plans.py`, and its diff is read.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from golden.plans import HERE, golden, plan_text, sources


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.stem)
def test_plan(source: Path):
    wanted, found = golden(source).read_text(encoding="utf-8"), plan_text(source)
    difference = list(difflib.unified_diff(wanted.splitlines(), found.splitlines(), "golden", "now", lineterm="", n=0))
    assert found == wanted, "\n".join(line[:300] for line in difference[:20])


def test_every_plan_has_its_source():
    assert {path.name for path in HERE.glob("*.txt")} == {golden(source).name for source in sources()}
