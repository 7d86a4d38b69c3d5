"""What Keras 3 itself says of a file stands in an inspection, in Keras 3's words."""

from __future__ import annotations

import k2to3
import pytest
from conftest import FIXTURES, sequential, write_checkpoint
from k2to3.explain.find import explain
from k2to3.report.inspection import lines

WAYS = {"time-major": "{'time_major': False}", "groups": "{'groups': 1}"}


def one_layer(folder, class_name, **config):
    config = {"name": "it", "batch_input_shape": [None, 8, 8, 2], **config}
    return write_checkpoint(folder / "old.h5", sequential({"class_name": class_name, "config": config}), {})


@pytest.mark.parametrize("fixture", ["tf-2.4__text_lstm", "tf-2.4__bidirectional"])
def test_time_major_is_said_once_for_all_layers(fixture):
    found = k2to3.inspect(FIXTURES / f"{fixture}.h5")
    said = [line for line in lines(found) if "time_major" in line]
    assert len(said) == len({line.partition("passed to ")[2] for line in said}) > 0
    page = explain(said[0])
    assert page is not None and page.name == "time-major" and WAYS[page.name] in said[0]


def test_what_a_keras_without_the_key_wrote_is_left_alone():
    found = k2to3.inspect(FIXTURES / "keras-2.2.4__text_lstm.h5")
    assert [line for line in lines(found) if "Unrecognized" in line] == []


def test_of_a_file_that_is_blocked_nothing_is_promised(tmp_path):
    found = k2to3.inspect(one_layer(tmp_path, "DepthwiseConv2D", kernel_size=[3, 3], groups=1))
    assert not found.convertible and [finding for finding in found.findings if "Unrecognized" in finding.text] == []


@pytest.mark.parametrize(("name", "first"), [("tf-2.4__shared_nested", 1), ("keras-2.3.1__shared_nested", 1)])
def test_calls_of_nested_models_are_counted_otherwise(name: str, first: int):
    """Keras 3.15.1 refuses both: "The graph of the Functional model either has loops or disconnected nodes"."""
    found = k2to3.inspect(FIXTURES / f"{name}.h5")
    said = [finding for finding in found.findings if "disconnected nodes" in finding.text]
    assert [(finding.layer, f"from {first}, as in the file" in finding.text) for finding in said] == [("inner", True)]


def test_a_conversion_says_the_same(tmp_path):
    source = FIXTURES / "tf-2.4__separable.h5"
    report = k2to3.convert(source, tmp_path / "new.keras", verify="none")
    said = {finding.layer for finding in report.findings if "Unrecognized" in finding.text}
    assert said == {"separable_conv2d", "depthwise_conv2d", "conv2d_transpose"}
