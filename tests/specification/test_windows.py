"""Where windows begin: TensorFlow's margins, Theano's, causal ones, transposed ones."""

from __future__ import annotations

import numpy as np
import pytest
from shapes import entry, layer, random, sequential, specify


def line(class_name, length, folder, weights=None, version="2.15.0", backend="tensorflow", **config):
    """One channel: 1, 2, 4, 8, … so that every window has a sum of its own."""
    x = (2.0 ** np.arange(length, dtype=np.float32)).reshape(1, length, 1)
    config = sequential(entry("x", [length, 1]), layer(class_name, "it", data_format="channels_last", **config))
    found = specify(folder, config, {"it": weights} if weights else {}, version, backend)
    return found.predict([x])[0][0, :, 0].tolist()


ONES = [np.ones((2, 1, 1))]
CONV = {"filters": 1, "use_bias": False, "activation": "linear"}


@pytest.mark.parametrize(
    ("backend", "strides", "wanted"),
    [
        ("tensorflow", 1, [3, 6, 12, 8]),
        ("theano", 1, [1, 3, 6, 12]),
        ("tensorflow", 2, [3, 12]),
        ("theano", 2, [1, 6]),
    ],
)
def test_same_puts_the_odd_place_behind_but_theano_before(tmp_path, backend, strides, wanted):
    config = {**CONV, "kernel_size": [2], "strides": [strides], "padding": "same"}
    assert line("Conv1D", 4, tmp_path, ONES, "2.2.4", backend, **config) == wanted


def test_theano_applies_its_kernels_flipped(tmp_path):
    kernel = [np.array([1.0, 10.0]).reshape(2, 1, 1)]
    config = {**CONV, "kernel_size": [2], "padding": "valid"}
    assert line("Conv1D", 3, tmp_path, kernel, "2.2.4", "tensorflow", **config) == [21, 42]
    assert line("Conv1D", 3, tmp_path, kernel, "2.2.4", "theano", **config) == [12, 24]


def test_causal_sees_nothing_that_comes_later(tmp_path):
    config = {**CONV, "kernel_size": [2], "padding": "causal", "dilation_rate": [2]}
    assert line("Conv1D", 4, tmp_path, ONES, **config) == [1, 2, 5, 10]


def test_groups_see_their_own_channels(tmp_path):
    config = sequential(
        entry("x", [1, 4]),
        layer("Conv1D", "it", filters=2, kernel_size=[1], groups=2, use_bias=False, activation="linear"),
    )
    kernel = np.array([[[1, 1], [1, 1]]])
    assert specify(tmp_path, config, {"it": [kernel]}).predict([np.array([[[1, 2, 3, 4]]])])[0].tolist() == [[[3, 7]]]


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"padding": "valid", "strides": [2]}, [1, 1, 3, 2, 2]),
        ({"padding": "same", "strides": [2]}, [1, 1, 3, 2]),
        ({"padding": "same", "strides": [2], "output_padding": [0]}, [1, 3, 2]),
        ({"padding": "valid", "strides": [2], "output_padding": [1]}, [1, 1, 3, 2, 2, 0]),
    ],
)
def test_lengths_of_a_transposed_convolution(tmp_path, config, wanted):
    given = {**CONV, "kernel_size": [3], **config}
    assert line("Conv1DTranspose", 2, tmp_path, [np.ones((3, 1, 1))], **given) == wanted


@pytest.mark.parametrize(
    ("class_name", "backend", "wanted"),
    [
        ("AveragePooling1D", "tensorflow", [1.5, 6, 16]),
        ("MaxPooling1D", "tensorflow", [2, 8, 16]),
        ("MaxPooling1D", "theano", [1, 4, 16]),
        ("AveragePooling1D", "theano", [1, 3, 12]),
    ],
)
def test_pooling_counts_only_what_is_there(tmp_path, class_name, backend, wanted):
    config = {"pool_size": [2], "strides": [2], "padding": "same"}
    assert line(class_name, 5, tmp_path, None, "2.2.4", backend, **config) == wanted


def test_theano_pads_odd_pools_less(tmp_path):
    config = {"pool_size": [3], "strides": [1], "padding": "same"}
    assert line("MaxPooling1D", 3, tmp_path, None, "2.2.4", "theano", **config) == [2, 4, 4]


@pytest.mark.parametrize("first", [False, True])
def test_channels_first_is_the_same_on_moved_axes(tmp_path, first):
    config = {"filters": 3, "kernel_size": [2, 3], "padding": "same", "activation": "linear"}
    kernel, bias, x = random(2, 3, 2, 3), random(3), random(2, 5, 4, 2)
    last = layer("Conv2D", "it", data_format="channels_last", **config)
    wanted = specify(tmp_path, sequential(entry("x", [5, 4, 2]), last), {"it": [kernel, bias]}).predict([x])[0]
    other = layer("Conv2D", "it", data_format="channels_first", **config)
    model = specify(tmp_path, sequential(entry("x", [2, 5, 4]), other), {"it": [kernel, bias]})
    assert np.allclose(np.moveaxis(model.predict([np.moveaxis(x, -1, 1)])[0], 1, -1), wanted)


def test_against_a_plain_sum(tmp_path):
    kernel, x = random(2, 2, 3, 2), random(1, 4, 4, 3)
    config = {"filters": 2, "kernel_size": [2, 2], "strides": [2, 1], "use_bias": False, "activation": "linear"}
    model = specify(tmp_path, sequential(entry("x", [4, 4, 3]), layer("Conv2D", "it", **config)), {"it": [kernel]})
    found = model.predict([x])[0]
    assert found.shape == (1, 2, 3, 2)
    wanted = np.einsum("hwi,hwio->o", x[0, 2:4, 1:3].astype(float), kernel.astype(float))
    assert np.allclose(found[0, 1, 1], wanted)
