"""Models of TensorFlow functions that TF 1.15 to 2.15 saved, with what they computed.

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
from k2to3.functions.nodedef import convert_nodedef
from k2to3.functions.nodedef_reading import NodeDef
from op_helpers import new_emitter

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = sorted((ROOT / "fixtures" / "ops").glob("*.h5"))
LOST = "tf28-einsum_lost"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ops")
    for path in FIXTURES:
        if path.stem != LOST:
            target, noise = folder / f"{path.stem}.keras", "-noise_" in path.stem
            k2to3.convert(path, target, verify="weights", accept_noise_off=noise)
            (folder / f"{path.stem}.npz").symlink_to(path.with_suffix(".npz"))
    return folder


def test_operands_that_keras_2_did_not_save_are_missed(tmp_path):
    with pytest.raises(k2to3.K2to3Error, match="did not save the operands of einsum"):
        k2to3.convert(ROOT / "fixtures" / "ops" / f"{LOST}.h5", tmp_path / "x.keras", verify="none")


@pytest.mark.parametrize("path", [path for path in FIXTURES if "-noise_" in path.stem], ids=lambda path: path.stem)
def test_noise_is_refused_until_the_user_lets_it_go(path, tmp_path):
    with pytest.raises(k2to3.UnsupportedOption, match="--accept-noise-off"):
        k2to3.convert(path, tmp_path / "x.keras", verify="none")


def test_attributes_of_a_nodedef_are_never_overlooked(tmp_path):
    """MatrixSolve's `adjoint` once was."""
    emitter = new_emitter()
    x = emitter.graph.input("x", (None, 4, 4), "float32")
    node = NodeDef("n", "MatrixSolve", 2, {"adjoint": True, "T": "float32"})
    plain = NodeDef("n", "MatrixSolve", 2, {"adjoint": False, "T": "float32"})
    assert convert_nodedef(emitter, plain, [x, x]).node.args[0] is x
    assert convert_nodedef(emitter, node, [x, x]).node.args[0] is not x
    with pytest.raises(k2to3.UnsupportedOption, match="align"):
        convert_nodedef(emitter, NodeDef("n", "Abs", 1, {"align": "LEFT"}), [x])


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
