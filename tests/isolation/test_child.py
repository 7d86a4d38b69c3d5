"""How a child that looks into a file ended: by the file, or by somebody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

CODE = """
import os, signal, sys
from k2to3.errors import K2to3Error
from k2to3.isolation.child import Budget, survives

def killed(tick):
    os.kill(os.getpid(), signal.SIGKILL)

def endless(tick):
    while True:
        pass

try:
    survives({"killed": killed, "endless": endless}[sys.argv[1]], "nobody", {}, Budget(100.0, 1, 1 << 30))
except K2to3Error as error:
    print(type(error).__name__, error.message)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are the kernel's")
@pytest.mark.parametrize(
    ("action", "kind", "text"),
    [("killed", "FileError", "was killed"), ("endless", "UnsafeFile", "more time than an honest file")],
)
def test_a_child_that_is_killed_says_nothing_about_the_file(action, kind, text):
    done = subprocess.run(
        [sys.executable, "-c", CODE, action],
        env={**os.environ, "PYTHONPATH": str(ROOT / "converter")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(kind) and text in done.stdout, (done.stdout, done.stderr)
