"""Honest files ask a sealed process for nothing that is denied.

All fixtures: `python -I tests/isolation/honest.py`; others: the same with paths.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIXTURES

# A text model, an image model, a nested one, a Lambda with ops, training state, an archive with a vocabulary.
FILES = (
    "keras-1.2.2__trained.h5",
    "keras-2.0.9__stacked_cells.h5",
    "keras-2.2.4__text_lstm.h5",
    "keras-2.0.2__cnn.h5",
    "formats/k215_vocabulary.keras",
    "formats/k215_opt_adam.keras",
)


# None of them has training state, for which TensorFlow would be needed.
WITHOUT_TENSORFLOW = ("keras-2.2.4__text_lstm.h5", "keras-2.0.2__cnn.h5")


def honest(backend: str, *arguments: str) -> str:
    """What `honest.py` prints, all being proved."""
    done = subprocess.run(
        [sys.executable, "-I", str(Path(__file__).with_name("honest.py")), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": backend},
    )
    assert done.returncode == 0 and "'denied': 0" in done.stdout, done.stdout + done.stderr[-2000:]
    return done.stdout


@pytest.mark.keras
def test_nothing_is_denied():
    paths = [str(FIXTURES / name) for name in FILES]
    assert all(Path(path).exists() for path in paths)
    honest("tensorflow", *paths)


@pytest.mark.keras
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_never_meet_tensorflow(backend):
    pytest.importorskip(backend)
    found = honest(backend, "--judge", "specification", *(str(FIXTURES / name) for name in WITHOUT_TENSORFLOW))
    assert "'proved': 2" in found and "with TensorFlow" not in found, found
