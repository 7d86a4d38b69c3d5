"""What an archive says of itself: true, in the same bytes each time, and in nobody's way."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import k2to3
import pytest
from conftest import members
from k2to3.api import proving
from k2to3.proof.bench import Bench
from k2to3.version import __version__


def note_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("metadata.json"))["k2to3"]


def test_the_source_and_the_verdict(tmp_path, checkpoint):
    report = k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights")
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    said = {"version": __version__, "source_sha256": digest, "verdict": "proved", "level": "weights"}
    assert note_of(tmp_path / "new.keras") == said
    assert report.target_sha256 == hashlib.sha256((tmp_path / "new.keras").read_bytes()).hexdigest()


def test_without_a_proof_it_says_so(tmp_path, checkpoint):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    said = {"version": __version__, "source_sha256": None, "verdict": "not proved", "level": "none"}
    assert note_of(tmp_path / "new.keras") == said


def test_a_proof_that_did_not_reach_its_level(tmp_path, checkpoint, monkeypatch):
    monkeypatch.setattr(proving, "bench", lambda: Bench((), False))
    assert k2to3.convert(checkpoint, tmp_path / "new.keras").exit_code == 8
    assert (note_of(tmp_path / "new.keras")["verdict"], note_of(tmp_path / "new.keras")["level"]) == (
        "not proved",
        "outputs",
    )


def test_same_bytes_with_the_same_verdict_and_nothing_else_moves(tmp_path, checkpoint):
    for name, level in (("a", "weights"), ("b", "weights"), ("c", "none")):
        k2to3.convert(checkpoint, tmp_path / f"{name}.keras", verify=level)
    a, b, c = (tmp_path / f"{name}.keras" for name in "abc")
    assert a.read_bytes() == b.read_bytes() != c.read_bytes()
    assert members(a) == members(c) and a.stat().st_size == c.stat().st_size


@pytest.mark.keras
def test_keras_and_verify_take_no_notice(tmp_path, checkpoint):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights")
    assert k2to3.verify(checkpoint, tmp_path / "new.keras", verify="outputs").status == "proved"
