"""Keras 1: its words, its layouts, its layers that are no more."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import NotSpecified
from shapes import layer, lstm, random, sequential, specify

OLD = "1.2.2"


def old(*layers, shape):
    """A Sequential as Keras 1 wrote it: a list, whose first layer has the shape."""
    layers[0]["config"] |= {"batch_input_shape": [None, *shape], "input_dtype": "float32"}
    return {"class_name": "Sequential", "config": list(layers)}


def convolution(order, **config):
    given = {"nb_filter": 2, "nb_row": 2, "nb_col": 3, "border_mode": "valid", "activation": "linear"}
    return layer("Convolution2D", "it", dim_ordering=order, bias=False, init="uniform", **given, **config)


@pytest.mark.parametrize("backend", ["tensorflow", "theano"])
def test_kernels_stand_by_the_order_of_axes(tmp_path, backend):
    """'th': (out, in, rows, columns), and the image has its channels first."""
    kernel, x = random(2, 3, 4, 2), random(1, 5, 6, 4)
    config = old(convolution("tf"), shape=[5, 6, 4])
    wanted = specify(tmp_path, config, {"it": [kernel]}, OLD, backend).predict([x])[0]
    config = old(convolution("th"), shape=[4, 5, 6])
    model = specify(tmp_path, config, {"it": [kernel.transpose(3, 2, 0, 1)]}, OLD, backend)
    assert np.allclose(np.moveaxis(model.predict([np.moveaxis(x, -1, 1)])[0], 1, -1), wanted)
    assert wanted.shape == (1, 4, 4, 2)


def test_a_padding_takes_the_order_that_the_others_tell(tmp_path):
    padding = layer("ZeroPadding2D", "pad", padding=[1, 1])
    config = old(padding, convolution("th"), shape=[4, 5, 6])
    model = specify(tmp_path, config, {"it": [random(2, 4, 2, 3)]}, OLD)
    assert model.run([random(1, 4, 5, 6)]).calls["pad"][0][0].value.shape == (1, 4, 7, 8)
    with pytest.raises(NotSpecified, match="no other layer tells"):
        specify(tmp_path, old(padding, shape=[4, 5, 6]), version=OLD)


@pytest.mark.parametrize("shape", [(3, 1, 2, 4), (4, 2, 3, 1)])
def test_convolution1d_has_a_place_too_many(tmp_path, shape):
    kernel = random(3, 2, 4)
    given = {"nb_filter": 4, "filter_length": 3, "border_mode": "valid", "activation": "linear", "bias": False}
    config = old(layer("Convolution1D", "it", **given), shape=[5, 2])
    stored = kernel.reshape(3, 1, 2, 4) if shape[1] == 1 else kernel.transpose(2, 1, 0)[..., np.newaxis]
    assert stored.shape == shape
    x = random(1, 5, 2)
    found = specify(tmp_path, config, {"it": [stored]}, OLD).predict([x])[0]
    assert np.allclose(found[0, 1], np.einsum("ti,tio->o", x[0, 1:4].astype(float), kernel.astype(float)))


def test_an_lstm_keeps_its_gates_apart_in_the_order_i_c_f_o(tmp_path):
    kernel, recurrent, bias = random(2, 12), random(3, 12), random(12)
    config = sequential(layer("InputLayer", "x", batch_input_shape=[None, 4, 2], dtype="float32"), lstm())
    x = random(2, 4, 2)
    wanted = specify(tmp_path, config, {"lstm": [kernel, recurrent, bias]}).predict([x])[0]
    given = {"output_dim": 3, "activation": "tanh", "inner_activation": "sigmoid", "consume_less": "cpu"}
    parts = {gate: [np.split(w, 4, -1)[n] for w in (kernel, recurrent, bias)] for n, gate in enumerate("ifco")}
    stored = [array for gate in "icfo" for array in parts[gate]]
    found = specify(tmp_path, old(layer("LSTM", "lstm", **given), shape=[4, 2]), {"lstm": stored}, OLD)
    assert np.allclose(found.predict([x])[0], wanted)
    joined = old(layer("LSTM", "lstm", **{**given, "consume_less": "gpu"}), shape=[4, 2])
    assert np.allclose(specify(tmp_path, joined, {"lstm": [kernel, recurrent, bias]}, OLD).predict([x])[0], wanted)


@pytest.mark.parametrize(("mode", "wanted"), [(1, [-1.0, 1.0]), (0, [0.0, 2.0])])
def test_modes_of_batch_normalization(tmp_path, mode, wanted):
    """Mode 1 normalises each sample; mode 0 with the moving statistics."""
    given = layer("BatchNormalization", "bn", mode=mode, axis=-1, epsilon=0.0, momentum=0.9)
    weights = [np.ones(2), np.zeros(2), np.ones(2), np.ones(2)]
    config = old(given, shape=[2])
    assert specify(tmp_path, config, {"bn": weights}, OLD).predict([np.array([[1.0, 3.0]])])[0].tolist() == [wanted]


def merged(mode, **config):
    """`Sequential([Merge([a, b], mode)])`, whose branches' layers stand in it flat."""
    branches = [
        {
            "class_name": "Sequential",
            "config": [layer("Activation", n, activation="linear", batch_input_shape=[None, 2])],
        }
        for n in ("a", "b")
    ]
    given = layer("Merge", "merge", mode=mode, mode_type="raw", layers=branches, **config)
    return {"class_name": "Sequential", "config": [given]}


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("sum", [[4.0, 6.0]]),
        ("mul", [[3.0, 8.0]]),
        ("ave", [[2.0, 3.0]]),
        ("max", [[3.0, 4.0]]),
        ("concat", [[1.0, 2.0, 3.0, 4.0]]),
        ("dot", [[11.0]]),
        ("cos", [[[11 / np.sqrt(5 * 25)]]]),
    ],
)
def test_merge(tmp_path, mode, wanted):
    model = specify(tmp_path, merged(mode, concat_axis=-1, dot_axes=-1), version=OLD)
    found = model.predict([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])[0]
    assert np.allclose(found, wanted) and found.shape == np.shape(wanted)


def test_layers_that_are_gone(tmp_path):
    x = random(2, 3)
    weights = [random(3, 3), random(3, 3), random(3), random(3)]
    config = old(layer("Highway", "it", activation="linear", bias=True), shape=[3])
    found = specify(tmp_path, config, {"it": weights}, OLD).predict([x])[0]
    share = 1 / (1 + np.exp(-(x @ weights[1] + weights[3])))
    assert np.allclose(found, share * (x @ weights[0] + weights[2]) + (1 - share) * x, atol=1e-6)
    kernel, bias = random(4, 3, 2), random(4, 2)
    config = old(layer("MaxoutDense", "it", output_dim=2, nb_feature=4, bias=True), shape=[3])
    found = specify(tmp_path, config, {"it": [kernel, bias]}, OLD).predict([x])[0]
    assert np.allclose(found, (np.einsum("bi,kio->bko", x, kernel) + bias).max(1), atol=1e-6)


def test_dense_of_keras_1_refuses_a_mask(tmp_path):
    masking = layer("Masking", "masking", mask_value=0.0)
    dense = layer("Dense", "dense", output_dim=2, activation="linear", bias=False)
    model = specify(tmp_path, old(masking, dense, shape=[3, 2]), {"dense": [random(2, 2)]}, OLD)
    with pytest.raises(NotSpecified, match="refuses a mask"):
        model.predict([random(1, 3, 2)])
