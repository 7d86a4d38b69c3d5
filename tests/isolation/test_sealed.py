"""A sealed process is denied what no proof needs, and it is remembered whoever swallows the error."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from forbidden import ALLOWED, FORBIDDEN

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, list[str]]]:
    folder = tmp_path_factory.mktemp("sealed")
    for name in ("own", "plugin"):
        (folder / name).mkdir()
    (folder / "secret").write_text("secret")
    (folder / "own" / "file").write_text("mine")
    (folder / "own" / "there").symlink_to(folder / "secret")
    (folder / "plugin" / "evil.py").write_text(f"open({os.fspath(folder / 'ran')!r}, 'w')")
    some = importlib.util.find_spec("_lsprof")
    assert some is not None and some.origin is not None
    shutil.copy(some.origin, folder / "plugin" / "evil.so")
    done = subprocess.run([sys.executable, HERE / "forbidden.py", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = {path.name for path in folder.iterdir()}
    assert left == {"own", "plugin", "secret"} and (folder / "secret").read_text() == "secret"
    assert {path.name for path in (folder / "plugin").iterdir()} == {"evil.py", "evil.so"}
    found: dict[str, tuple[str, list[str]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", FORBIDDEN)
def test_denied(name, tried):
    outcome, denied = tried[name]
    # Python itself swallows the error of a second hook, and does without it.
    assert denied and (outcome != "done" or name == "another hook"), (outcome, denied)


def test_remembered_though_swallowed(tried):
    outcome, denied = tried["an error that is swallowed"]
    assert outcome == "done" and len(denied) == 1


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name, tried):
    assert tried[name] == ["done", []]
