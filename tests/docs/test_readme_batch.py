"""The batch section of the README runs as it is written, by a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from conftest import FIXTURES, ROOT

# Of the fixtures that the section names; the whole take minutes.
TAKEN = (
    "keras-2.2.4__cnn.h5",
    "formats/k212_text.weights.h5",
    "formats/k212_text.arch.json",
    "formats/k215_graph.keras",
)


@pytest.fixture
def shell(tmp_path):
    """Runs a line where `fixtures/` lies and `k2to3` is installed."""
    for name in TAKEN:
        (tmp_path / "fixtures" / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(FIXTURES / name, tmp_path / "fixtures" / name)
    command = tmp_path / "bin" / "k2to3"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m k2to3 "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "converter"),
    }

    def run(line):
        return subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.keras
def test_the_section_runs(tmp_path, shell):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## Many files\n(.*?)^## ", readme, re.DOTALL | re.MULTILINE)
    lines = re.search(r"```sh\n(.*?)```", section[1], re.DOTALL)[1].strip().splitlines()
    dry, first, again, status = (shell(line) for line in lines)
    assert dry.returncode == 0 and "planned: 3\nbytes that would be written: " in dry.stdout, (dry.stdout, dry.stderr)
    assert first.returncode == 0 and "proved: 1" in first.stdout, (first.stdout, first.stderr)
    assert again.returncode == 0 and "(done before: 1)" in again.stdout, (again.stdout, again.stderr)
    assert status.returncode == 0 and status.stdout.strip() == "proved: 1", status.stderr
    written = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("converted"))
    assert written == ["converted", "converted.html"]
