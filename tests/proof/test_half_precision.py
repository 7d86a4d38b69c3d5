"""What half precision hides is found in single: an epsilon, a weight that is a thousandth off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import k2to3
import ml_dtypes
import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3.proof.differences import difference
from planting import plant

POLICIES = ("float16", "mixed_float16", "bfloat16")
STORED = {"float16": "float16", "mixed_float16": "float32", "bfloat16": "V2"}


def stored(policy: str, *shape: int) -> Any:
    drawn = np.random.default_rng(len(shape)).uniform(0.2, 1.0, shape).astype("float32")
    return (drawn.view("u4") >> 16).astype("u2").view("V2") if policy == "bfloat16" else drawn.astype(STORED[policy])


def checkpoint(folder: Path, policy: str) -> Path:
    dtype: Any = {"class_name": "Policy", "config": {"name": policy}} if policy.startswith("mixed") else policy
    norm = {
        "name": "norm",
        "dtype": dtype,
        "axis": [1],
        "momentum": 0.99,
        "epsilon": 0.001,
        "center": True,
        "scale": True,
    }
    layers: list[Any] = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 4], "dtype": "float32"}},
        {"class_name": "Dense", "config": {"name": "dense", "dtype": dtype, "units": 3, "activation": "tanh"}},
        {"class_name": "BatchNormalization", "config": norm},
    ]
    kernels = {"dense/kernel:0": stored(policy, 4, 3), "dense/bias:0": stored(policy, 3)}
    kind = "mixed_float16" if policy != "bfloat16" else policy
    norms = {f"norm/{n}:0": stored(kind, 3) for n in ("gamma", "beta", "moving_mean", "moving_variance")}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    return write_checkpoint(folder / "old.h5", config, {"dense": kernels, "norm": norms}, version="2.8.0")


def epsilon(config: Any, weights: Any, report: Any) -> None:
    next(x for x in config["config"]["layers"] if x["class_name"] == "BatchNormalization")["config"]["epsilon"] = 2e-3


@pytest.mark.keras
@pytest.mark.parametrize("policy", POLICIES)
def test_an_epsilon(tmp_path: Path, policy: str) -> None:
    old, new, bad = checkpoint(tmp_path, policy), tmp_path / "new.keras", tmp_path / "bad.keras"
    report = k2to3.convert(old, new)
    assert report.status == "proved"
    assert any("in single precision" in item["feed"] for item in report.evidence.outputs)
    plant(new, bad, report, epsilon)
    with pytest.raises(k2to3.NotEqual, match=r"in single precision.*first differs at layer 'norm'"):
        k2to3.verify(old, bad, verify="outputs")


def test_outputs_in_bfloat16_are_numbers():
    """NumPy itself takes them for bytes, of which it could only say that they are not the same."""
    want = np.array([1.0, -2.0, 0.0078125], ml_dtypes.bfloat16)
    assert difference(want, want) == (0.0, 2.0, "")
    assert difference(want, want + np.array([0, 0.015625, 0], ml_dtypes.bfloat16)) == (0.015625, 2.0, "")
