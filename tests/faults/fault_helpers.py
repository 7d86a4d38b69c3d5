"""Commands in processes of their own, and what they left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from conftest import ROOT, dense_layer, sequential, write_checkpoint

LAUNCH = Path(__file__).parent / "launch.py"


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(LAUNCH), *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "converter"), **more}


def run(*arguments: object, env: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=environment(**(env or {})), capture_output=True, text=True, check=False, **options
    )


def start(*arguments: object, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments), env=environment(**env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(found: Any, seconds: float = 30) -> Any:
    """The first true answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def hidden(folder: Path) -> list[str]:
    """What is left of temporary files, anywhere below."""
    return [str(path) for path in folder.rglob("*") if path.name.startswith(".k2to3-") or ".part" in path.name]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return True
    try:
        # A zombie whose parent does not wait is not alive.
        return stat.read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """All processes below `pid`, as far as they can still be seen."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                found += [int(child), *children(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def checkpoint_of(path: Path, units: int = 3, **config: Any) -> Path:
    """Dense(units) on four features."""
    kernel = np.arange(4 * units, dtype="float32").reshape(4, units)
    weights = {"dense": {"dense/kernel:0": kernel, "dense/bias:0": np.ones(units, "float32")}}
    return write_checkpoint(path, sequential(dense_layer(units=units, batch_input_shape=[None, 4], **config)), weights)
