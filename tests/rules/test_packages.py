"""Classes that many people have are keras-bert's where their settings say so, and nobody's where not."""

from __future__ import annotations

import k2to3
import numpy as np
import pytest
from conftest import sequential, write_checkpoint

THEIRS = {"head_num": 2, "activation": "relu", "use_bias": False, "history_only": False}
WEIGHTS = {f"a/a_W{letter}:0": np.ones((4, 4), "float32") for letter in "qkvo"}


def attention(**config):
    return {"class_name": "MultiHeadAttention", "config": {"name": "a", "batch_input_shape": [None, 5, 4], **config}}


def normalised(**config):
    return {"class_name": "LayerNormalization", "config": {"name": "n", "center": True, "scale": True, **config}}


AFFINE = {f"n/{name}:0": np.ones(4, "float32") for name in ("gamma", "beta")}


def test_the_settings_of_the_attention_tell_the_package(tmp_path):
    """And that LayerNormalization, which Keras 2.2.4 had not, is what it is today."""
    layers = attention(**THEIRS), normalised(epsilon=1e-14)
    path = write_checkpoint(tmp_path / "old.h5", sequential(*layers), {"a": WEIGHTS, "n": AFFINE}, version="2.2.4")
    report = k2to3.plan(path)
    assert report.status == "planned"
    assert any("LayerNormalization, MultiHeadAttention" in finding.text for finding in report.findings)


def test_a_normalisation_with_an_axis_is_not_theirs(tmp_path):
    layers = attention(**THEIRS), normalised(axis=[-1], epsilon=1e-3)
    path = write_checkpoint(tmp_path / "old.h5", sequential(*layers), {"a": WEIGHTS, "n": AFFINE}, version="2.2.4")
    with pytest.raises(k2to3.Refused, match="no layer 'LayerNormalization'"):
        k2to3.plan(path)


@pytest.mark.parametrize("missing", sorted(THEIRS))
def test_a_key_less_and_it_is_somebody_elses(tmp_path, missing):
    config = {key: value for key, value in THEIRS.items() if key != missing}
    path = write_checkpoint(tmp_path / "old.h5", sequential(attention(**config)), {"a": WEIGHTS}, version="2.2.4")
    with pytest.raises(k2to3.Refused, match="no layer 'MultiHeadAttention'"):
        k2to3.plan(path)


def test_what_the_user_says_goes_before(tmp_path):
    path = write_checkpoint(tmp_path / "old.h5", sequential(attention(**THEIRS)), {"a": WEIGHTS}, version="2.4.0")
    with pytest.raises(k2to3.K2to3Error, match=r"num_heads|key_dim"):
        k2to3.plan(path, treat_as={"MultiHeadAttention": "MultiHeadAttention"})
