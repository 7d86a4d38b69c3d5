"""What is planned for every layer and option is what was planned before."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import pytest
from golden.layer_cases import LayerCase, change, families, look_here, old_name, old_writers, written
from k2to3.sources import hdf5

CASES = [(family, case) for family, cases in families().items() for case in cases]
OLD = list(old_writers())
kept = cache(written)


@pytest.fixture(autouse=True)
def in_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "look", look_here)


def same(wanted: str, found: str) -> None:
    difference = list(difflib.unified_diff(wanted.splitlines(), found.splitlines(), "golden", "now", lineterm="", n=0))
    assert found == wanted, "\n".join(line[:300] for line in difference[:20])


@pytest.mark.parametrize(("family", "case"), CASES, ids=[case.name for _, case in CASES])
def test_plan(tmp_path: Path, family: str, case: LayerCase):
    same(kept(family)[case.name], case.plan(tmp_path))


@pytest.mark.parametrize(("case", "family"), OLD, ids=[old_name(case) for case, _ in OLD])
def test_what_an_older_writer_changes(tmp_path: Path, case: LayerCase, family: str):
    same(kept("old_writers")[old_name(case)], change(case, kept(family)[case.name], tmp_path))


@pytest.mark.parametrize("family", families())
def test_every_plan_has_its_case(family: str):
    assert list(kept(family)) == [case.name for case in families()[family]]
