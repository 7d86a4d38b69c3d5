"""Meanings that changed, asked for by the author's generation, and only where they differ."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.activations import BY_NAME
from k2to3.proof.keras2.author import read_author
from k2to3.proof.keras2.batch_dot import batch_dot
from k2to3.sources.author import parse_writer
from shapes import entry, layer, lstm, random, sequential, specify


def author(version, config=None, names=(), backend="tensorflow"):
    return read_author(parse_writer(version, backend), config or {}, names)


@pytest.mark.parametrize(
    ("version", "config", "names", "range_"),
    [
        ("2.2.4-tf", {}, (), ((1, 13), (2, 1))),
        ("2.2.4-tf", {"x": {"class_name": "Zeros", "config": {"dtype": "float32"}}}, (), ((1, 13), (1, 15))),
        ("2.2.4-tf", {"x": {"class_name": "Zeros", "config": {}}}, (), ((2, 0), (2, 1))),
        ("2.2.4-tf", {"x": layer("InputLayer", "i", sparse=False)}, (), ((1, 13), (2, 0))),
        ("2.2.4-tf", {"x": layer("InputLayer", "i", sparse=False, ragged=False)}, (), ((1, 15), (2, 1))),
        ("2.3.0-tf", {}, ("lstm/lstm_cell/recurrent_kernel:0",), ((2, 2), (2, 2))),
        ("2.3.0-tf", {}, ("lstm/recurrent_kernel:0",), ((2, 1), (2, 1))),
        ("2.4.0", {"x": layer("TFOpLambda", "t")}, (), ((2, 4), (2, 4))),
        ("2.4.0", {"x": layer("TensorFlowOpLayer", "t")}, (), ((2, 3), (2, 3))),
        ("2.13.1", {}, (), ((2, 13), (2, 13))),
    ],
)
def test_what_else_a_file_holds_narrows_the_tensorflow_down(version, config, names, range_):
    found = author(version, config, names)
    assert (found.first, found.last) == range_


def test_evidence_that_contradicts_the_version_is_not_believed():
    found = author("2.4.0", {"x": {"class_name": "Zeros", "config": {"dtype": "float32"}}})
    assert (found.first, found.last) == ((2, 3), (2, 4))


def test_a_question_that_the_file_leaves_open_has_no_answer():
    found = author("2.2.4-tf")
    assert found.tensorflow_since(1, 13) and not found.tensorflow_since(2, 2)
    with pytest.raises(NotSpecified, match=r"fits 1\.13 to 2\.1"):
        found.tensorflow_since(2, 0)


def test_keras_1_is_known_by_the_names_of_its_weights():
    assert author("1.2.2", names=("dense_1_W",), backend=None).theano
    assert not author("1.2.2", names=("dense_1_W:0",), backend=None).theano


TF2 = {"x": {"class_name": "Zeros", "config": {}}}
TF1 = {"x": {"class_name": "Zeros", "config": {"dtype": "float32"}}}


def test_batch_dot_of_four_dimensions():
    x, y = random(2, 3, 5, 4), random(2, 3, 4, 5)
    old, new = (2, 3, 5, 5), (2, 3, 5, 3, 5)
    shapes = {
        v: batch_dot(x, y, (3, 2), author(v, c)).shape
        for v, c in (("2.2.4", {}), ("2.2.5", {}), ("2.15.0", {}), ("2.2.4-tf", TF1))
    }
    assert shapes == {"2.2.4": old, "2.2.5": new, "2.15.0": new, "2.2.4-tf": old}
    assert batch_dot(x, y, (3, 2), author("2.2.4-tf", TF2)).shape == new
    assert batch_dot(x, y, (3, 2), author("2.2.4", backend="theano")).shape == new
    with pytest.raises(NotSpecified):
        batch_dot(x, y, (3, 2), author("2.2.4-tf"))


def test_where_the_meanings_agree_nobody_is_asked():
    x = random(4, 6)
    assert np.allclose(batch_dot(x, x, (1, 1), author("2.2.4-tf"))[:, 0], np.sum(x * x, 1))
    x = random(2, 3, 4)
    assert np.allclose(batch_dot(x, x, (2, 2), author("2.2.4-tf")), np.einsum("bik,bjk->bij", x, x))


def upsampled(folder, version, backend="tensorflow", **config):
    given = layer("UpSampling2D", "up", size=[2, 1], data_format="channels_last", **config)
    x = np.array([0, 2, 4], np.float32).reshape(1, 3, 1, 1)
    return (
        specify(folder, sequential(entry("x", [3, 1, 1]), given), {}, version, backend).predict([x])[0].ravel().tolist()
    )


def test_bilinear_upsampling_had_no_half_pixel_centres(tmp_path):
    assert upsampled(tmp_path, "2.3.1", interpolation="bilinear") == [0, 1, 2, 3, 4, 4]
    assert upsampled(tmp_path, "2.15.0", interpolation="bilinear") == [0, 0.5, 1.5, 2.5, 3.5, 4]
    assert upsampled(tmp_path, "2.2.2") == [0, 0, 2, 2, 4, 4]


def test_tensorflow_1_13_did_not_write_the_interpolation(tmp_path):
    with pytest.raises(NotSpecified, match="never wrote"):
        upsampled(tmp_path, "2.2.4-tf")


def test_hard_sigmoid_has_keras_2s_slope():
    x = np.array([-3.0, -2.5, 0.0, 1.0, 2.5])
    assert np.allclose(BY_NAME["hard_sigmoid"](x), [0, 0, 0.5, 0.7, 1])


def test_flatten_moves_channels_only_where_the_file_says_so(tmp_path):
    x = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    plain = sequential(entry("x", [2, 3]), layer("Flatten", "flat"))
    moved = sequential(entry("x", [2, 3]), layer("Flatten", "flat", data_format="channels_first"))
    assert specify(tmp_path, plain).predict([x])[0].tolist() == [[0, 1, 2, 3, 4, 5]]
    assert specify(tmp_path, moved).predict([x])[0].tolist() == [[0, 3, 1, 4, 2, 5]]


@pytest.mark.parametrize(("version", "fused"), [("2.1.6", False), ("2.2.4", True), ("2.15.0", True)])
def test_fused_normalization_raises_a_tiny_epsilon(tmp_path, version, fused):
    config = layer("BatchNormalization", "bn", axis=-1, epsilon=1e-6, center=False, scale=False)
    model = specify(tmp_path, sequential(entry("x", [1, 1, 1]), config), {"bn": [np.zeros(1), np.zeros(1)]}, version)
    found = float(model.predict([np.ones((1, 1, 1, 1))])[0].ravel()[0])
    assert np.isclose(found, 1 / np.sqrt(1.001e-5 if fused else 1e-6))


def test_a_gru_without_reset_after_means_false(tmp_path):
    config = layer("GRU", "gru", units=2, activation="tanh", recurrent_activation="sigmoid")
    weights = [random(3, 6), random(2, 6), random(6)]
    specify(tmp_path, sequential(entry("x", [4, 3]), config), {"gru": weights}, "2.0.9")
    with pytest.raises(NotSpecified, match="reset_after"):
        specify(tmp_path, sequential(entry("x", [4, 3]), config), {"gru": [*weights[:2], random(2, 6)]}, "2.0.9")


def test_the_order_of_stacked_states(tmp_path):
    cells = [{**lstm("a", 2), "class_name": "LSTMCell"}, {**lstm("b", 3), "class_name": "LSTMCell"}]
    for cell in cells:
        del cell["config"]["return_sequences"]
    stack = layer("StackedRNNCells", "stack", cells=cells)
    config = sequential(entry("x", [4, 1]), layer("RNN", "rnn", cell=stack, return_state=True))
    weights = [random(1, 8), random(2, 8), random(8), random(2, 12), random(3, 12), random(12)]
    orders = {}
    for version in ("2.1.6", "2.2.2", "2.2.3", "2.15.0"):
        run = specify(tmp_path, config, {"rnn": weights}, version).run([np.ones((1, 4, 1))])
        orders[version] = [tensor.value.shape[-1] for tensor in run.calls["rnn"][0][1:]]
    old, new = [3, 3, 2, 2], [2, 2, 3, 3]
    assert orders == {"2.1.6": old, "2.2.2": old, "2.2.3": new, "2.15.0": new}
