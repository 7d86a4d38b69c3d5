"""Long-lived worker processes that speak JSON, a line for each job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Target:
    """A Keras to test: the folder that holds it (None: the installed one), backend, interpreter."""

    backend: str = "tensorflow"
    path: Path | None = None
    python: str = sys.executable

    def __str__(self) -> str:
        return f"{self.path.name if self.path else 'installed'} {self.backend}"


@dataclass
class Worker:
    """A script in a process of its own; started again when it dies.

    The script greets with one line and answers each job with one.
    """

    script: Path
    target: Target = field(default_factory=Target)
    hello: dict[str, Any] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """The worker's answer; `crashed` if it died of this job."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.stop()
            return {"status": "crashed", "detail": f"exit code {process.returncode}"}
        found: dict[str, Any] = json.loads(line)
        return found

    def _start(self) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "KERAS_BACKEND": self.target.backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "CUDA_VISIBLE_DEVICES": "",
            "JAX_PLATFORMS": "cpu",
            # k2to3 must not be importable: an archive has to stand alone.
            "PYTHONPATH": str(self.target.path) if self.target.path else "",
        }
        process = subprocess.Popen(
            [self.target.python, str(self.script)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        hello = process.stdout.readline()
        if not hello:
            raise RuntimeError(f"{self.target}: this Keras does not start")
        self.hello = json.loads(hello)
        self._process = process
        return process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def worker(script: Path, target: Target | None = None) -> Iterator[Worker]:
    found = Worker(script, target or Target())
    try:
        yield found
    finally:
        found.stop()
