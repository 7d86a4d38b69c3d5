"""The hook that finds Keras 2 checkpoints among committed files."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import h5py
import pytest
from conftest import FIXTURES
from k2to3.cli.main import main as k2to3
from k2to3.cli.unconverted import main

OLD = ("keras-1.2.2-theano__cnn.h5", "keras-2.2.4__text_lstm.h5", "formats/k213_cells.keras")


@pytest.mark.parametrize("name", OLD)
def test_the_command_that_it_names_settles_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    old = tmp_path / Path(name).name
    shutil.copy(FIXTURES / name, old)
    assert main([str(old)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{old}: ")
    command = shlex.split(said.rsplit("wrote it; ", 1)[1])
    assert k2to3([*command[1:], "--verify", "weights"]) == 0
    capsys.readouterr()
    assert main([command[3]]) == 0
    assert capsys.readouterr().out == ""


def test_weights_alone_need_their_architecture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FIXTURES / "formats/k213_cells.weights.h5")]) == 1
    assert capsys.readouterr().out.strip().endswith("--architecture model.json")


def test_other_files_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with h5py.File(tmp_path / "measured.h5", "w") as file:
        file["values"] = [1.0, 2.0]
    (tmp_path / "notes.keras").write_text("about Keras")
    assert main([str(tmp_path / "measured.h5"), str(tmp_path / "notes.keras")]) == 0
    assert capsys.readouterr().out == ""


def test_a_name_cannot_turn_the_line_around(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(FIXTURES / OLD[0], tmp_path / "a\x1b[2J.h5")
    assert main([str(tmp_path / "a\x1b[2J.h5")]) == 1
    assert "\x1b" not in capsys.readouterr().out
