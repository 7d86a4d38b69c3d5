"""The page about layers says what the rules say, about every class there is."""

from __future__ import annotations

from pathlib import Path

from k2to3.rules.catalogue import page, rows

ROOT = Path(__file__).resolve().parents[2]
CLASSES = (Path(__file__).parent / "keras2_classes.txt").read_text().split()


def test_page_is_fresh() -> None:
    """Else: python -m k2to3.rules.catalogue docs/layers.md"""
    assert (ROOT / "docs" / "layers.md").read_text(encoding="utf-8") == page()


def test_every_class_has_a_row() -> None:
    covered = {name for row in rows() for name in row.classes}
    assert sorted(set(CLASSES) - covered) == []


def test_every_row_says_something() -> None:
    assert [row.classes for row in rows() if not row.text] == []
