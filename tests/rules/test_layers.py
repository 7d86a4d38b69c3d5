"""One small tf-keras model per layer, converted and compared with plain Keras 3.

All variants and backends: `python -m tests.conformance.layers`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.keras
def test_one_model_per_layer() -> None:
    command = [sys.executable, "-m", "tests.conformance.layers", "--first", "--bad"]
    path = os.pathsep.join([str(ROOT / "converter"), str(ROOT)])
    found = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=900
    )
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-2000:]
