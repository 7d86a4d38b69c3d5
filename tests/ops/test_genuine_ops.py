"""Models of TensorFlow functions that TF 1.15, 2.3, 2.4 and 2.8 saved, with what they computed.

Made by fixtures/authoring/op_cases.py; the whole table is tests/conformance/op_table.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import k2to3
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = sorted((ROOT / "fixtures" / "ops").glob("*.h5"))
LOST = "tf28-einsum_lost"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ops")
    for path in FIXTURES:
        if path.stem != LOST:
            k2to3.convert(path, folder / f"{path.stem}.keras", verify="weights")
            (folder / f"{path.stem}.npz").symlink_to(path.with_suffix(".npz"))
    return folder


def test_operands_that_keras_2_did_not_save_are_missed(tmp_path):
    with pytest.raises(k2to3.K2to3Error, match="did not save the operands of einsum"):
        k2to3.convert(ROOT / "fixtures" / "ops" / f"{LOST}.h5", tmp_path / "x.keras", verify="none")


@pytest.mark.keras
def test_they_compute_the_same(archives):
    table = ROOT / "tests" / "conformance" / "op_table.py"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    subprocess.run(
        [sys.executable, str(table), "--check", str(archives), "--backends", "tensorflow"], check=True, env=environment
    )
    found = json.loads((archives / "tensorflow.json").read_text())
    assert len(found) == len(FIXTURES) - 1
    assert {name: verdict for name, verdict in found.items() if verdict != "equal"} == {}
