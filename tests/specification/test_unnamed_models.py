"""A Sequential inside of another had no name before Keras 2.2.3: weights go by the order of the layers, as in Keras."""

from __future__ import annotations

import json

import k2to3
import numpy as np
from conftest import write_checkpoint


def dense(name, **more):
    return {
        "class_name": "Dense",
        "config": {"name": name, "units": 3, "activation": "tanh", "use_bias": False, **more},
    }


def test_weights_of_a_model_without_a_name_are_found_by_order(tmp_path):
    first = [dense("dense_1", batch_input_shape=[None, 3]), dense("dense_2")]
    architecture = {
        "class_name": "Sequential",
        "config": [{"class_name": "Sequential", "config": first}, dense("dense_3")],
    }
    generator = np.random.default_rng(0)
    kernels = {n: generator.standard_normal((3, 3)).astype("float32") for n in (1, 2, 3)}
    weights = {
        "sequential_7": {f"dense_{n}/kernel:0": kernels[n] for n in (1, 2)},
        "dense_3": {"dense_3/kernel:0": kernels[3]},
    }
    source = write_checkpoint(tmp_path / "old.h5", None, weights, version="2.0.5", whole=False)
    (tmp_path / "model.json").write_text(json.dumps(architecture), encoding="utf-8")
    report = k2to3.convert(source, tmp_path / "new.keras", architecture=tmp_path / "model.json", judge="specification")
    assert report.status == "proved" and report.evidence.oracle.startswith("the specification of Keras 2.0.5")
