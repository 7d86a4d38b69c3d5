"""What lies beside a checkpoint, or in the current folder, is never imported, however k2to3 is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, small_model, write_checkpoint

NAMES = (
    "keras", "json", "h5py", "yaml", "tensorflow", "numpy", "tf_keras", "zipfile", "multiprocessing", "pickle",
    "socket", "random", "dataclasses", "rich", "safetensors", "ml_dtypes", "typing", "tempfile", "subprocess",
)  # fmt: skip
"""Not among them: what Python's own `-m` imports before it looks for k2to3 (`importlib`, `runpy`)."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint among modules that say when they are imported."""
    write_checkpoint(tmp_path / "old.h5", *small_model())
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(
            f"open({os.fspath(tmp_path)!r} + '/PWNED-{name}', 'w').close()\nraise SystemExit(99)\n"
        )
    return tmp_path


def run(folder: Path, *arguments: str, start: tuple[str, ...] = ("-m", "k2to3"), path: str | None = None) -> None:
    # k2to3 is found whether or not it is installed; an empty entry means the current folder.
    own = str(ROOT / "converter")
    environment = {**os.environ, "PYTHONPATH": own if path is None else path.replace("OWN", own)}
    done = subprocess.run(
        [sys.executable, *start, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert not list(folder.glob("PWNED*")), done.stderr
    assert done.returncode == 0, done.stderr


CONVERT = ("convert", "old.h5", "new.keras", "--verify", "weights")


def test_beside_the_checkpoint(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    source = str(folder / "old.h5")
    run(folder, "convert", source, "new.keras", "--verify", "weights")
    assert (folder / "new.keras").exists() and not list(elsewhere.iterdir())


def test_python_m_in_the_folder(folder: Path):
    run(folder, *CONVERT)


@pytest.mark.parametrize("path", ["OWN:", ":OWN", "OWN::"])
def test_an_empty_entry_of_pythonpath(folder: Path, path: str):
    run(folder, "inspect", "old.h5", path=path.replace(":", os.pathsep))


def test_batch(folder: Path):
    """Its processes are started by Python's own `-c`, which puts the current folder first."""
    run(folder, "batch", ".", "--out", "out", "--verify", "none", "--jobs", "1")


@pytest.mark.keras
def test_the_proof(folder: Path):
    run(folder, "convert", "old.h5", "new.keras")


@pytest.mark.keras
def test_an_architecture_of_the_users_own(folder: Path):
    """The file that was named runs; what is called like a package beside it does not."""
    write_checkpoint(folder / "weights.h5", *small_model(), whole=False)
    (folder / "mine.py").write_text(
        "import keras, json, helper\n"
        "def build():\n"
        "    return keras.Sequential([keras.layers.Dense(3, input_shape=(4,), name='dense')])\n"
    )
    (folder / "helper.py").write_text("import numpy\n")
    options = ("--architecture", "mine.py:build", "--verify", "none")
    run(folder, "convert", "weights.h5", "new.keras", *options)


@pytest.mark.keras
def test_custom_objects(folder: Path):
    (folder / "mine.py").write_text("import keras, json\nclass Own(keras.layers.Layer):\n    pass\n")
    run(folder, *CONVERT, "--custom-objects", "mine.py")
