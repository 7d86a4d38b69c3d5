"""A batch survives `kill -9` of anything at any moment."""

from __future__ import annotations

import sys

import pytest
from kills import kills

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_few_kills(tmp_path):
    assert kills(tmp_path, 4, 6, "none", seed=1).killed.total() == 4


@pytest.mark.conformance
@pytest.mark.parametrize(("level", "count"), [("none", 70), ("weights", 25), ("outputs", 5)])
def test_a_hundred_kills(tmp_path, level, count):
    assert kills(tmp_path, count, 24, level, seed=0).killed.total() == count
