"""Image layers whose policy is one of whole numbers cut fractions off, as TensorFlow 2.8 and later did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption

CROP = {"height": 2, "width": 2}


def saved(path, class_name, config, version="2.15.0", dtype="uint8", shape=(4, 5, 1), image="float64"):
    first = {"name": "x", "batch_input_shape": [None, *shape], "dtype": image}
    layers = [
        {"class_name": "InputLayer", "config": first},
        {"class_name": class_name, "config": {"name": "layer", "dtype": dtype, **config}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    return write_checkpoint(path / "old.h5", config, {}, version=version)


def policies(archive):
    with zipfile.ZipFile(archive) as opened:
        layers = json.loads(opened.read("config.json"))["config"]["layers"]
    inner = [inside for layer in layers for inside in layer["config"].get("layers", [layer])]
    return [
        (layer["class_name"], layer["config"].get("dtype")) for layer in inner if layer["class_name"] != "InputLayer"
    ]


@pytest.mark.parametrize(
    "class_name, config",
    [("CenterCrop", CROP), ("RandomContrast", {"factor": 0.5}), ("RandomContrast", {"factor": 3.0})],
)
def test_what_keras_2_cast_is_cast(tmp_path, class_name, config):
    convert(saved(tmp_path, class_name, config), tmp_path / "new.keras", verify="none")
    assert policies(tmp_path / "new.keras")[-1] == ("Rescaling", "uint8")


def test_random_height_cast_nothing(tmp_path):
    convert(saved(tmp_path, "RandomHeight", {"factor": 0.2}), tmp_path / "new.keras", verify="none")
    assert [name for name, _ in policies(tmp_path / "new.keras")] == ["Identity"]


def test_floats_are_left_alone(tmp_path):
    convert(saved(tmp_path, "CenterCrop", CROP, dtype="float32"), tmp_path / "new.keras", verify="none")
    assert [name for name, _ in policies(tmp_path / "new.keras")] == ["CenterCrop"]


def test_refused_where_nobody_recorded_it(tmp_path):
    with pytest.raises(UnsupportedOption, match="uint8"):
        convert(saved(tmp_path, "CenterCrop", CROP, version="2.6.0"), tmp_path / "new.keras", verify="none")


def test_images_of_unknown_size_may_be_too_small(tmp_path):
    """A batch of one is an image of one row there. The archive computes something else on it: that is not proved."""
    report = convert(saved(tmp_path, "CenterCrop", CROP, dtype="float32", shape=(4, 1)), tmp_path / "new.keras")
    assert (report.status, report.exit_code) == ("converted", 8)
    assert any("smaller than a CenterCrop" in text for text in report.not_proved)
    assert any("smaller than 2 by 2" in finding.text for finding in report.findings)


# What TensorFlow 2.8.4 and 2.15.1 (cpu) gave for the numbers 0.0, 0.7, … 13.3 as an image of 4 by 5.
RECORDED = [
    ("Resizing", {"height": 2, "width": 3}, "uint8", [[1, 3, 4], [8, 10, 11]]),
    (
        "Resizing",
        {"height": 7, "width": 3},
        "int32",
        [[0, 1, 2], [1, 2, 3], [3, 4, 5], [5, 6, 7], [7, 8, 9], [9, 10, 11], [10, 11, 13]],
    ),
    ("Resizing", {"height": 2, "width": 3, "interpolation": "nearest"}, "uint8", [[3, 4, 6], [10, 11, 13]]),
    ("Resizing", {"height": 2, "width": 3, "interpolation": "area"}, "int16", [[2, 3, 4], [9, 10, 11]]),
    ("Resizing", {"height": 2, "width": 3, "interpolation": "bicubic"}, "int32", [[1, 2, 4], [9, 10, 11]]),
    (
        "CenterCrop",
        {"height": 7, "width": 3},
        "uint8",
        [[1, 1, 1], [2, 2, 2], [3, 3, 3], [6, 6, 6], [8, 8, 8], [9, 9, 9], [11, 11, 11]],
    ),
]


COMPUTE = """
import json, sys, keras, numpy as np
image = eval(sys.argv[1])
models = [keras.saving.load_model(path, compile=False) for path in sys.argv[2:]]
print(json.dumps([model.predict(image, verbose=0)[0, ..., 0].tolist() for model in models]))
"""


def computed(image, archives):
    """What plain Keras 3 on TensorFlow makes of an image."""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", COMPUTE, image, *map(str, archives)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.keras
@pytest.mark.parametrize("version", ["2.8.0", "2.15.0"])
def test_what_resizing_cuts_off(tmp_path, version):
    """An image keeps its fractions until it is resized, but for CenterCrop, which casts first."""
    archives = [tmp_path / f"{number}.keras" for number in range(len(RECORDED))]
    for target, (class_name, config, dtype, _) in zip(archives, RECORDED, strict=True):
        convert(saved(tmp_path, class_name, config, dtype=dtype, version=version), target, verify="none")
    image = "(np.arange(20).reshape(1, 4, 5, 1) * 0.7).astype('float32')"
    assert computed(image, archives) == [wanted for *_, wanted in RECORDED]


@pytest.mark.parametrize(
    "config, dtype, version",
    [
        ({"interpolation": "gaussian"}, "uint8", "2.15.0"),
        ({"interpolation": "mitchellcubic"}, "int32", "2.15.0"),
        # Below zero: 2.8 and 2.15 give other unsigned numbers.
        ({"interpolation": "bicubic"}, "uint8", "2.8.0"),
        ({"interpolation": "lanczos3"}, "uint8", "2.8.0"),
    ],
)
def test_rounding_that_keras_3_does_not_have(tmp_path, config, dtype, version):
    source = saved(tmp_path, "Resizing", {"height": 2, "width": 3, **config}, version=version, dtype=dtype)
    with pytest.raises(UnsupportedOption, match="under a policy of whole numbers"):
        convert(source, tmp_path / "new.keras", verify="none")


@pytest.mark.parametrize(
    "class_name, config",
    [
        ("CenterCrop", CROP),
        ("CenterCrop", {"height": 7, "width": 3}),
        ("RandomContrast", {"factor": 0.5}),
        ("RandomHeight", {"factor": 0.2}),
        ("RandomCrop", {"height": 3, "width": 2}),
        ("Resizing", {"height": 7, "width": 3}),
    ],
)
def test_both_judges_agree(tmp_path, class_name, config):
    report = convert(saved(tmp_path, class_name, config), tmp_path / "new.keras")
    assert report.status == "proved" and "; tf-keras" in report.evidence.oracle
    assert np.isfinite([item["max_error"] for item in report.evidence.outputs]).all()


@pytest.mark.parametrize("method", ["area", "bicubic"])
def test_tf_keras_alone_knows_how_others_round(tmp_path, method):
    config = {"height": 7, "width": 3, "interpolation": method}
    report = convert(saved(tmp_path, "Resizing", config), tmp_path / "new.keras")
    assert report.status == "proved" and report.evidence.oracle.startswith("tf-keras")


@pytest.mark.keras
def test_whole_numbers_between_which_is_interpolated(tmp_path):
    """Keras 2 gives floats, whatever the policy; Keras 3 rounds what it makes of whole numbers."""
    settings = {"size": [1, 2], "interpolation": "bilinear"}
    archives = [tmp_path / "float32.keras", tmp_path / "uint8.keras"]
    for archive in archives:
        source = saved(tmp_path, "UpSampling2D", settings, dtype=archive.stem, image="uint8")
        convert(source, archive, verify="none")
    source = saved(tmp_path, "Lambda", {"function": "f", "function_type": "function"}, dtype="float32", image="uint8")
    text = "lambda x: K.resize_images(x, 1, 2, 'channels_last', 'bilinear')"
    convert(source, tmp_path / "lambda.keras", verify="none", lambdas={"layer": text})
    archives.append(tmp_path / "lambda.keras")
    # By TensorFlow 2.8.4 and 2.15.1.
    begin = [[0.0, 1.75, 5.25, 8.75], [1.0, 2.75, 6.25, 9.75]]
    for found in computed("(np.arange(20).reshape(1, 4, 5, 1) * 7 % 17).astype('uint8')", archives):
        assert [row[:4] for row in found[:2]] == begin


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "nearest"])
def test_both_judges_agree_on_whole_numbers(tmp_path, method):
    source = saved(tmp_path, "UpSampling2D", {"interpolation": method}, dtype="float32", image="uint8")
    report = convert(source, tmp_path / "new.keras")
    assert report.status == "proved" and "; tf-keras" in report.evidence.oracle


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "mixed_bfloat16"])
def test_whole_numbers_are_not_rounded_to_halves(tmp_path, dtype):
    """Keras 2 interpolates 65,505 as it is; the tolerance of half precision would let 2,049 pass for 2,048."""
    kind = {"class_name": "Policy", "config": {"name": dtype}} if dtype.startswith("mixed") else dtype
    source = saved(tmp_path, "UpSampling2D", {"interpolation": "bilinear"}, dtype=kind, image="int32")
    with pytest.raises(UnsupportedOption, match="whole numbers under the policy"):
        convert(source, tmp_path / "new.keras", verify="none")
    convert(saved(tmp_path, "UpSampling2D", {}, dtype=kind, image="int32"), tmp_path / "new.keras", verify="none")
