"""What nobody raised on purpose is an error of ours: one line, exit code 70, the place, no traceback."""

from __future__ import annotations

import importlib
import json
import os

import jsonschema
import k2to3
import pytest
from conftest import ROOT
from fault_helpers import hidden
from k2to3.boundary import boundary
from k2to3.cli.main import main
from k2to3.errors import FileError, InternalError, UsageError

CONVERT = importlib.import_module("k2to3.api.convert")
SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text())
VERBS = {
    "convert": lambda a, b: k2to3.convert(a, b, verify="none"),
    "plan": lambda a, b: k2to3.plan(a),
    "verify": lambda a, b: k2to3.verify(a, b, verify="weights"),
    "inspect": lambda a, b: k2to3.inspect(a),
    "diff": lambda a, b: k2to3.diff(a, b),
}
# Where a fault is planted: a part that every verb comes through.
MODULES = ("k2to3.api.convert", "k2to3.api.inspect", "k2to3.comparison.sides")


def plant(monkeypatch, error):
    def broken(*_: object, **__: object) -> None:
        raise error

    for name in MODULES:
        monkeypatch.setattr(importlib.import_module(name), "read_checkpoint", broken)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", [TypeError, KeyError, RecursionError, AssertionError, OverflowError, UnicodeError])
def test_every_verb(monkeypatch, tmp_path, checkpoint, verb, kind):
    target = tmp_path / "new.keras"
    if verb in ("verify", "diff"):
        k2to3.convert(checkpoint, target, verify="none")
    plant(monkeypatch, kind("unexpected\x1b"))
    with pytest.raises(InternalError, match=f"a fault of k2to3, not of the file: {kind.__name__} at") as found:
        VERBS[verb](checkpoint, target)
    assert found.value.exit_code == 70 and "nothing was written" in str(found.value) and "\x1b" not in str(found.value)
    assert isinstance(found.value.__cause__, kind) and "report it" in str(found.value.hint)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interruptions_pass(kind):
    with pytest.raises(kind), boundary():
        raise kind


def test_what_the_system_says(tmp_path):
    with pytest.raises(FileError, match="not enough memory"), boundary("old.h5"):
        raise MemoryError
    with pytest.raises(FileError, match=r"gone: No such file"), boundary("old.h5"):
        os.stat("gone")
    with pytest.raises(InternalError, match="OSError"), boundary("old.h5"):
        raise OSError("what h5py says")
    with pytest.raises(UsageError, match="mine"), boundary("old.h5"):
        raise UsageError("mine")


def test_command_and_report(capsys, monkeypatch, tmp_path, checkpoint):
    monkeypatch.setattr(CONVERT, "make_plan", lambda *_, **__: len(5))
    report = tmp_path / "report.json"
    arguments = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--report", str(report)]
    assert main(arguments) == 70
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1 and "TypeError at api/convert.py:" in printed and "Traceback" not in printed
    found = json.loads(report.read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert (found["status"], found["exit_code"], found["error"]["type"]) == ("failed", 70, "InternalError")
    assert not (tmp_path / "new.keras").exists() and not hidden(tmp_path)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_traceback_on_demand(capsys, monkeypatch, tmp_path, checkpoint, by):
    monkeypatch.setattr(CONVERT, "make_plan", lambda *_, **__: len(5))
    monkeypatch.setenv("K2TO3_TRACEBACK", "1" if by == "variable" else "")
    assert main(["convert", str(checkpoint), "--dry-run", *(["-v"] if by == "option" else [])]) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_fault_while_writing(monkeypatch, tmp_path, checkpoint):
    monkeypatch.setattr(CONVERT, "prove", lambda *_: len(5))
    with pytest.raises(InternalError, match="nothing was written"):
        k2to3.convert(checkpoint, tmp_path / "new.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["old.h5"]
