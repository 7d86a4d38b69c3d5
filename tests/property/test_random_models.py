"""Random Keras 2 models compute the same after conversion (`hunt.py` runs thousands)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hunt import GOOD, SCRIPT, check
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workers import worker

MODELS = int(os.environ.get("K2TO3_MODELS", "200"))


@pytest.fixture(scope="module")
def keras():
    with worker(SCRIPT) as process:
        yield process


@st.composite
def model_bytes(draw):
    size = draw(st.integers(4, 100))
    return draw(st.binary(min_size=size, max_size=size))


@pytest.mark.keras
@settings(
    max_examples=MODELS,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=model_bytes())
def test_random_models(keras, tmp_path, data):
    found = check(keras, data, tmp_path)
    assert found["status"] in GOOD, f"python tests/property/hunt.py --replay {data.hex()}: {found}"
