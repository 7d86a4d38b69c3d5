"""Same input, same options: same bytes, whatever surrounds the run.

python -m pytest tests/isolation/test_same_bytes.py -m conformance      (the other Pythons that K2TO3_PYTHONS names)
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIXTURES, ROOT

FILES = (
    "keras-2.2.4__text_lstm.h5",
    "keras-1.2.2__trained.h5",
    "formats/k215_vocabulary.keras",
    "formats/k215_ops.keras",
)
TARGETS = ("new.keras", "new.safetensors", "new.weights.h5")
SCRIPT = """\
import os, sys
os.umask(int(sys.argv[1], 8))
import k2to3
for number, source in enumerate(sys.argv[3:]):
    for target in ("new.keras", "new.safetensors", "new.weights.h5"):
        k2to3.convert(source, os.path.join(sys.argv[2], f"{number}-{target}"), verify="none")
"""


def digests(
    folder: Path, *, python: str = sys.executable, umask: str = "022", cwd: Path | None = None, **environment: str
) -> dict[str, str]:
    """SHA-256 of every target of every file, from one process in these surroundings."""
    out = folder / f"out{len(list(folder.iterdir()))}"
    out.mkdir()
    sources = [str(FIXTURES / name) for name in FILES]
    subprocess.run(
        [python, "-c", SCRIPT, umask, str(out), *sources],
        check=True,
        cwd=cwd or folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "converter"), **environment},
    )
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}
    assert len(found) == len(FILES) * len(TARGETS)
    return found


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return digests(tmp_path_factory.mktemp("usual"), PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "random"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"TZ": "Asia/Tokyo", "HOME": "/nowhere"},
        {"umask": "077"},
        {"umask": "000"},
    ],
    ids=str,
)
def test_same_bytes(environment: dict[str, str], usual: dict[str, str], tmp_path: Path):
    assert digests(tmp_path, **environment) == usual


def test_same_bytes_in_another_folder(usual: dict[str, str], tmp_path: Path):
    assert digests(tmp_path, cwd=FIXTURES) == usual


@pytest.mark.conformance
def test_same_bytes_under_other_pythons(usual: dict[str, str], tmp_path: Path):
    """`K2TO3_PYTHONS`: interpreters that have h5py, numpy, pyyaml and safetensors, separated as in `PATH`."""
    given = [python for python in os.environ.get("K2TO3_PYTHONS", "").split(os.pathsep) if python]
    assert given, "set K2TO3_PYTHONS"
    for python in given:
        assert digests(tmp_path, python=python) == usual, python
