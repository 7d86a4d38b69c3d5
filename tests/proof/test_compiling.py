"""What is told to XLA and oneDNN before they compile."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType

import pytest
from k2to3.proof.compiling import CHEAP, compile_cheaply


@pytest.fixture
def jaxlib(monkeypatch):
    """A jaxlib of some release."""

    def installed(release: str) -> None:
        version = ModuleType("jaxlib.version")
        version.__version__ = release
        monkeypatch.setitem(sys.modules, "jaxlib", ModuleType("jaxlib"))
        monkeypatch.setitem(sys.modules, "jaxlib.version", version)
        monkeypatch.setenv("XLA_FLAGS", "--xla_backend_optimization_level=0")

    return installed


@pytest.mark.parametrize("release", ["0.4.38", "0.5.2", "0.11.0", "1.0", "0.11.0.dev20260101"])
def test_xla_is_told_nothing_that_it_may_not_know(jaxlib, release):
    jaxlib(release)
    compile_cheaply()
    assert os.environ["XLA_FLAGS"] == "--xla_backend_optimization_level=0"


@pytest.mark.parametrize("release", ["0.5.3", "0.6.0", "0.10.2", "0.10.3.dev20260101"])
def test_xla_is_told_to_be_quick(jaxlib, release):
    jaxlib(release)
    compile_cheaply()
    assert os.environ["XLA_FLAGS"].split() == ["--xla_backend_optimization_level=0", *CHEAP]


CODE = """
import os, sys, threading
from k2to3.proof.worker import prepare
prepare(judged=False)
from k2to3.proof.standby import read_registries
before = len(os.listdir("/proc/self/task"))
read_registries()
from tensorflow.python.eager import context
print("threads", len(os.listdir("/proc/self/task")) - before, "begun", context.context()._initialized)
"""


@pytest.mark.keras
@pytest.mark.skipif(sys.platform != "linux", reason="forks that the kernel ends are Linux's")
def test_tables_are_read_without_a_thread():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == "threads 0 begun False"
