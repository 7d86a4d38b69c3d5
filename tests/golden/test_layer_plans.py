"""What is planned for every layer and option is what was planned before."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import pytest
from golden.layer_cases import LayerCase, cases, families, written

CASES = [(family, case) for family in families() for case in cases(family)]
kept = cache(written)


@pytest.mark.parametrize(("family", "case"), CASES, ids=[case.name for _, case in CASES])
def test_plan(tmp_path: Path, family: Path, case: LayerCase):
    wanted, found = kept(family)[case.name], case.plan(tmp_path)
    difference = list(difflib.unified_diff(wanted.splitlines(), found.splitlines(), "golden", "now", lineterm="", n=0))
    assert found == wanted, "\n".join(line[:300] for line in difference[:20])


@pytest.mark.parametrize("family", families(), ids=lambda path: path.stem)
def test_every_plan_has_its_case(family: Path):
    assert list(kept(family)) == [case.name for case in cases(family)]
