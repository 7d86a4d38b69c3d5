"""What a user may say: the words of Keras in `load_model`, and answers to what cannot be done."""

from __future__ import annotations

import ast
import json
import re
import sys
import types
from pathlib import Path

import k2to3
import pytest
from conftest import ROOT
from k2to3.api.load import _module
from k2to3.cli.main import main

TYPED = ROOT / "tests" / "typed" / "public_names.py"


def valid(name: str, value: object) -> None:
    import jsonschema

    jsonschema.validate(value, json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()))


def test_every_public_name_is_in_the_script_that_mypy_checks():
    used = {node.attr for node in ast.walk(ast.parse(TYPED.read_text())) if isinstance(node, ast.Attribute)}
    used |= {node.id for node in ast.walk(ast.parse(TYPED.read_text())) if isinstance(node, ast.Name)}
    assert [name for name in k2to3.__all__ if name not in used] == []
    assert "public_names" in (ROOT / "pyproject.toml").read_text()


def test_custom_objects_are_looked_at_in_their_module(tmp_path, monkeypatch):
    module = types.ModuleType("own_layers")
    module.__file__ = str(tmp_path / "own_layers.py")
    module.Mine = type("Mine", (), {"__module__": "own_layers"})
    monkeypatch.setitem(sys.modules, "own_layers", module)
    assert _module({"Mine": module.Mine}) == module.__file__ and _module({}) is None
    with pytest.raises(k2to3.UsageError, match="has no Other"):
        _module({"Other": module.Mine})
    with pytest.raises(k2to3.UsageError, match="2 modules"):
        _module({"Mine": module.Mine, "Path": Path})
    monkeypatch.setattr(module.Mine, "__module__", "__main__")
    with pytest.raises(k2to3.UsageError, match="script or notebook"):
        _module({"Mine": module.Mine})


@pytest.mark.parametrize("value", [0, -1, 1, float("nan"), float("inf")])
def test_a_tolerance_that_means_nothing_is_refused(tmp_path, checkpoint, value):
    with pytest.raises(k2to3.UsageError, match="tolerance"):
        k2to3.convert(checkpoint, tmp_path / "new.keras", tolerance=value)


def test_without_a_target_the_hint_is_the_command(capsys, tmp_path):
    source = tmp_path / "my old.h5"
    assert main(["convert", str(source)]) == 2
    assert f"k2to3 convert '{source}' 'my old.keras'" in capsys.readouterr().err


def test_a_folder_names_batch(capsys, tmp_path):
    assert main(["inspect", str(tmp_path)]) == 6
    assert f"k2to3 batch {tmp_path} --out converted/" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['{"error": "Entry not found"}', "404: Not Found", "Invalid username or password."])
def test_an_answer_of_a_server_is_no_checkpoint(capsys, tmp_path, text):
    (tmp_path / "old.h5").write_text(text)
    assert main(["inspect", str(tmp_path / "old.h5")]) == 9
    assert "server" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "schema", "code"),
    [
        (["inspect", "none.h5"], "error", 6),
        (["diff", "none.h5", "none.keras"], "error", 6),
        (["convert", "none.h5", "new.keras", "--verify", "all"], "error", 2),
        (["convert", "none.h5"], "report", 2),
        (["verify", "none.h5", "none.keras"], "report", 6),
        (["explain", "bad marshal data"], "explain", 0),
    ],
)
def test_json_is_a_record_on_every_outcome(capsys, monkeypatch, tmp_path, arguments, schema, code):
    monkeypatch.chdir(tmp_path)
    try:
        ended = main([*arguments, "--json"])
    except SystemExit as exit_:
        ended = int(exit_.code or 0)
    assert ended == code
    valid(schema, json.loads(capsys.readouterr().out))


def test_versions_of_what_takes_part(capsys):
    with pytest.raises(SystemExit):
        main(["-V"])
    assert re.match(r"k2to3 [\d.]+, python [\d.]+, numpy ", capsys.readouterr().out)


def test_quiet_prints_nothing(capsys, tmp_path, checkpoint):
    assert main(["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "weights", "-q"]) == 0
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "utf-8"])
def test_text_prints_in_every_encoding(monkeypatch, checkpoint, encoding):
    import io

    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["inspect", str(checkpoint)]) == 0 and main(["explain", "bad marshal data"]) == 0
    with pytest.raises(SystemExit):
        main(["convert", "--help"])
    stream.flush()
    assert b"--verify" in stream.buffer.getvalue()
