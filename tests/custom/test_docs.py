"""The example of docs/custom_layers.md, run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT
from k2to3.cli.main import main
from k2to3.errors import NOT_REACHED

TEXT = (ROOT / "docs" / "custom_layers.md").read_text()


def files():
    blocks = re.findall(r"```python\n# (\S+\.py)\n(.*?)```", TEXT, re.DOTALL)
    return dict(blocks)


def commands():
    return [line.split()[2:] for line in TEXT.splitlines() if line.startswith("$ k2to3 ")]


def python(name):
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    subprocess.run([sys.executable, name], check=True, env=environment, capture_output=True)


@pytest.mark.keras
def test_the_example_works(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, body in files().items():
        (tmp_path / name).write_text(body)
    python("gate_keras2.py")
    inspect, native, kept = commands()
    assert main(inspect) == 1 and "needs the author's layers: Gate" in capsys.readouterr().out
    assert main(native) == 0
    text = capsys.readouterr().out
    assert ": proved" in text and "reference: tf-keras" in text and "not native" not in text
    assert main(kept) == NOT_REACHED
    text = capsys.readouterr().out
    assert ": converted" in text and "loading the archive needs Gate of my_layers" in text and "NOT PROVED" in text
    python("load.py")
