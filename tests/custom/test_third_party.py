"""Every third-party layer, written anew for tf-keras, against what it becomes in Keras 3."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import sequential, write_checkpoint

WORKER = Path(__file__).with_name("third_party_worker.py")


@pytest.mark.keras
def test_equal_to_the_originals(tmp_path):
    done = subprocess.run([sys.executable, str(WORKER), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    assert len(found) > 45
    assert {name: off for name, off in found.items() if not isinstance(off, float) or not off < 5e-6} == {}


def one_layer(path, class_name, weights, version="2.4.0", shape=(None, 4, 3), **config):
    layer = {"class_name": class_name, "config": {"name": "x", "batch_input_shape": list(shape), **config}}
    return write_checkpoint(path / "old.h5", sequential(layer), {"x": weights} if weights else {}, version=version)


AFFINE = {"axis": -1, "epsilon": 1e-3, "center": True, "scale": True}


@pytest.mark.parametrize(
    ("class_name", "config", "version", "word"),
    [
        ("InstanceNormalization", AFFINE, "2.2.4", "--treat-as InstanceNormalization="),
        ("GroupNormalization", {**AFFINE, "groups": 2}, "2.2.4", "no layer 'GroupNormalization'"),
        ("GroupNormalization", {**AFFINE, "groups": 2}, "2.4.0", "no layer 'GroupNormalization'"),
        ("Attention", {}, "2.2.4", "no layer 'Attention'"),
        ("Identity", {}, "2.4.0", "no layer 'Identity'"),
        ("Bias", {}, "2.4.0", "author's own"),
        ("CRF", {"units": 3}, "2.2.4", "Viterbi"),
        ("TCN", {"nb_filters": 4}, "2.4.0", "before 3.2.0"),
        ("SqueezeLayer", {"axis": 1}, "2.2.2", "is not 1"),
        ("Activation", {"activation": "gelu"}, "2.2.4", "no activation 'gelu'"),
        ("Custom>Dense", {"units": 3}, "2.4.0", "no rule for layer class 'Custom>Dense'"),
    ],
)
def test_a_name_alone_is_never_enough(tmp_path, class_name, config, version, word):
    path = one_layer(tmp_path, class_name, {}, version, **config)
    with pytest.raises(k2to3.Refused) as error:
        k2to3.plan(path)
    # The weights of some are missing as well: the class must be refused first.
    assert word in str(error.value)


def test_treat_as_says_that_it_is_the_built_in_one(tmp_path):
    path = one_layer(tmp_path, "Identity", {})
    assert k2to3.plan(path, treat_as={"Identity": "Identity"}).status == "planned"
    assert k2to3.plan(path, treat_as=["Identity=Identity"]).status == "planned"
    with pytest.raises(k2to3.UsageError, match="no rule for 'Nothing'"):
        k2to3.plan(path, treat_as=["Identity=Nothing"])


def test_a_class_of_the_same_name_with_other_weights(tmp_path):
    weights = {"x/W:0": np.ones((3, 5), "float32"), "x/b:0": np.ones(5, "float32")}
    path = one_layer(tmp_path, "Dense", weights, units=5)
    with pytest.raises(k2to3.WeightMismatch, match="author's own class"):
        k2to3.plan(path)
    assert k2to3.plan(path, treat_as={"Dense": "Dense"}).status == "planned"


HERE = Path(__file__).parent


def test_what_was_pruned_stays_off(tmp_path):
    """Written by TensorFlow 2.12 with the Model Optimization Toolkit 0.7.5; a kernel that its mask does not fit yet."""
    source = tmp_path / "old.h5"
    source.write_bytes((HERE / "pruned.h5").read_bytes())
    with h5py.File(source, "r+") as file:
        group = file["model_weights/prune_low_magnitude_dense"]
        kernel, mask = group["dense/kernel:0"], group["prune_low_magnitude_dense/mask:0"]
        kept = kernel[()] * mask[()]
        assert (mask[()] == 0).sum() == mask.size // 2
        kernel[()] = kept + (1 - mask[()])
    k2to3.convert(source, tmp_path / "new.safetensors", verify="weights")
    from safetensors.numpy import load_file

    assert np.array_equal(load_file(tmp_path / "new.safetensors")["layers/dense/vars/0"], kept)


@pytest.mark.keras
def test_a_pruned_model_computes_what_was_recorded(tmp_path):
    report = k2to3.convert(HERE / "pruned.h5", tmp_path / "new.keras", reference=HERE / "pruned.npz")
    assert report.status == "proved" and "recorded outputs" in report.evidence.oracle
