"""The whole: nested models, shared layers, weights in their order, states, what has no entry."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.catalogue import ENTRIES
from k2to3.proof.keras2.preprocessing.farmhash import fingerprint64, siphash
from shapes import entry, graph, layer, lstm, lstm_weights, random, sequential, specify


def dense(name, units=2, **config):
    return layer("Dense", name, units=units, activation="linear", **config)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_entry_says_since_when_and_where_that_is_written(name):
    found = ENTRIES[name]
    assert found.since and found.source and found.__doc__


@pytest.mark.parametrize(
    ("given", "weights", "reason"),
    [
        (layer("Mystery", "it"), [], "no entry for class 'Mystery'"),
        (layer("Flatten", "it", order="C"), [], "unknown key 'order' with value 'C'"),
        (dense("it"), [], "0 weights are stored, and its entry knows 2"),
        (dense("it"), [random(3, 2), random(2), random(2)], "3 weights are stored"),
        (layer("Dropout", "it", rate=0.1, noise="loud"), [], "unknown key 'noise'"),
        (layer("Dense", "it", units=None, activation=7), [], "activation 7"),
        (layer("Activation", "it", activation="snake"), [], "activation 'snake'"),
        (layer("UpSampling2D", "it", size=[2, 2], interpolation="psychic"), [], "psychic"),
        (layer("TFOpLambda", "it", function="math.bessel_i0"), [], "no entry for tf.math.bessel_i0"),
    ],
)
def test_what_has_no_entry_is_never_guessed(tmp_path, given, weights, reason):
    shape = [2, 2, 1] if "UpSampling" in given["class_name"] else [3]
    with pytest.raises(NotSpecified, match=reason) as caught:
        specify(tmp_path, sequential(entry("x", shape), given), {"it": weights} if weights else {}).predict(
            [random(1, *shape)]
        )
    assert caught.value.layer == "it"


def test_a_shape_that_does_not_fit_is_a_misreading_and_not_a_crash(tmp_path):
    with pytest.raises(NotSpecified, match="ValueError") as caught:
        specify(tmp_path, sequential(entry("x", [3]), dense("it")), {"it": [random(4, 2), random(2)]}).predict(
            [random(1, 3)]
        )
    assert caught.value.layer == "it"


@pytest.mark.parametrize("value", [None, [], "x", -1, {"a": 1}])
@pytest.mark.parametrize("key", ["kernel_size", "strides", "padding", "groups", "dilation_rate"])
def test_damaged_values_are_no_crash(tmp_path, key, value):
    given = {"filters": 1, "kernel_size": [1], "activation": "linear", "use_bias": False, key: value}
    config = sequential(entry("x", [3, 1]), layer("Conv1D", "it", **given))
    with pytest.raises(NotSpecified):
        specify(tmp_path, config, {"it": [np.ones((1, 1, 1))]}).predict([random(1, 3, 1)])


def test_inside_of_models_trainable_weights_come_first(tmp_path):
    """A frozen Dense goes behind, and so do moving statistics."""
    inner = sequential(
        entry("y", [2]),
        dense("a", use_bias=False, trainable=False),
        layer("BatchNormalization", "bn", axis=-1, epsilon=0.0, center=False),
        dense("b", use_bias=False),
    )
    inner["config"]["name"] = "inner"
    gamma, b, a = np.array([2.0, 3.0]), np.eye(2) * 5, np.eye(2) * 7
    weights = [gamma, b, a, np.zeros(2), np.ones(2)]
    found = specify(tmp_path, sequential(entry("x", [2]), inner), {"inner": weights}).predict([np.ones((1, 2))])
    assert found[0].tolist() == [[70.0, 105.0]]


def test_a_frozen_model_keeps_the_order_of_its_layers(tmp_path):
    inner = sequential(
        entry("y", [1]),
        layer("BatchNormalization", "bn", axis=-1, epsilon=0.0, trainable=False),
        dense("d", 1, use_bias=False, trainable=False),
    )
    inner["config"] |= {"name": "inner", "trainable": False}
    weights = [[2.0], [1.0], [3.0], [4.0], [[10.0]]]
    found = specify(tmp_path, sequential(entry("x", [1]), inner), {"inner": weights}).predict([np.array([[7.0]])])
    assert found[0].tolist() == [[((7 - 3) / 2 * 2 + 1) * 10]]


def test_every_call_can_be_asked_for_by_path(tmp_path):
    inner = sequential(entry("y", [2]), dense("d", use_bias=False))
    inner["config"]["name"] = "inner"
    nodes = [(entry("x", [2]), []), (inner, ["x"]), (layer("Activation", "act", activation="relu"), ["inner"])]
    outer = graph(nodes, ["act"])
    # Call 0 of a nested model is its own, on its own input.
    outer["config"]["layers"][2]["inbound_nodes"] = [[["inner", 1, 0, {}]]]
    model = specify(tmp_path, outer, {"inner": [np.eye(2) * -1]})
    run = model.run([np.array([[1.0, -2.0]])])
    assert set(run.calls) == {"x", "inner", "inner/y", "inner/d", "act"}
    assert run.calls["inner/d"][0][0].value.tolist() == [[-1.0, 2.0]]
    assert run.outputs[0].tolist() == [[0.0, 2.0]]


def test_inputs_are_rounded_to_their_dtype_and_then_computed_wide(tmp_path):
    model = specify(tmp_path, sequential(entry("x", [1]), layer("Activation", "a", activation="linear")))
    found = model.predict([np.array([[0.1]])])[0]
    assert found.dtype == np.float64 and found[0, 0] == np.float64(np.float32(0.1))
    half = sequential(entry("x", [1], "float16"), layer("Activation", "a", activation="linear", dtype="float16"))
    assert specify(tmp_path, half).predict([np.array([[0.1]])])[0][0, 0] == np.float64(np.float16(0.1))


def test_a_missing_last_axis_is_added(tmp_path):
    model = specify(tmp_path, sequential(entry("x", [1]), dense("d", use_bias=False)), {"d": [[[2.0, 3.0]]]})
    assert model.predict([np.array([1.0, 2.0])])[0].tolist() == [[2.0, 3.0], [4.0, 6.0]]


def test_an_id_outside_of_the_table_has_no_claim(tmp_path):
    given = layer("Embedding", "e", input_dim=3, output_dim=2)
    model = specify(tmp_path, sequential(entry("x", [1]), given), {"e": [random(3, 2)]})
    model.predict([np.array([[2]])])
    for outside in (3, -1):
        with pytest.raises(NotSpecified, match="outside of the table"):
            model.predict([np.array([[outside]])])


def test_stateful_layers_go_on_from_the_run_before(tmp_path):
    first = entry("x", [2, 2])
    first["config"]["batch_input_shape"][0] = 1
    model = specify(tmp_path, sequential(first, lstm(stateful=True)), {"lstm": lstm_weights()})
    x = random(1, 4, 2)
    begin = model.run([x[:, :2]])
    rest = model.run([x[:, 2:]], states=begin.states)
    whole = specify(
        tmp_path,
        sequential(entry("x", [4, 2]), lstm()),
        {"lstm": list(model.network.layers["lstm"].cell.weights.values())},
    ).predict([x])[0]
    assert np.allclose(rest.outputs[0], whole)
    assert not np.allclose(model.predict([x[:, 2:]])[0], whole)


def test_training_true_asks_for_noise_or_for_the_batch(tmp_path):
    nodes = [(entry("x", [2]), []), (layer("Dropout", "it", rate=0.5), [("x", {"training": True})])]
    with pytest.raises(NotSpecified, match="training=True"):
        specify(tmp_path, graph(nodes, ["it"])).predict([random(2, 2)])
    norm = layer("BatchNormalization", "it", axis=-1, center=False, scale=False)
    nodes = [(entry("x", [2]), []), (norm, [("x", {"training": True})])]
    x = random(50, 2)
    found = specify(tmp_path, graph(nodes, ["it"]), {"it": [np.full(2, 9.0), np.ones(2)]}).predict([x])[0]
    assert np.allclose(found.mean(0), 0, atol=1e-12)


def test_cudnn_weights_are_laid_out_otherwise(tmp_path):
    """Also under a plain LSTM, whose file was saved from a CuDNN layer."""
    kernel, recurrent, bias = lstm_weights()
    stored = [
        np.hstack([k.reshape(k.shape[::-1], order="F").T for k in np.hsplit(kernel, 4)]),
        np.hstack([k.T for k in np.hsplit(recurrent, 4)]),
        np.concatenate([bias - 1, np.ones(12)]),
    ]
    x = random(2, 3, 2)
    config = sequential(entry("x", [3, 2]), lstm())
    plain = specify(tmp_path, config, {"lstm": [kernel, recurrent, bias]}).predict([x])[0]
    assert np.allclose(specify(tmp_path, config, {"lstm": stored}).predict([x])[0], plain, atol=1e-6)
    cudnn = sequential(entry("x", [3, 2]), layer("CuDNNLSTM", "lstm", units=3))
    assert np.allclose(specify(tmp_path, cudnn, {"lstm": stored}, "2.2.4").predict([x])[0], plain, atol=1e-6)


@pytest.mark.parametrize(
    ("times", "fast", "strong"),
    [
        (3, 236984763922318035, 1281619019382926323),
        (6, 210667131387682641, 593633326140993457),
        (12, 157473854831850784, 1195545774057191763),
        (40, 783274271640179281, 963631085028143848),
    ],
)
def test_hashes_are_those_of_tensorflow(times, fast, strong):
    """`tf.strings.to_hash_bucket_fast` and `_strong` of TensorFlow 2.21, in 2**61 - 1 buckets."""
    text, buckets = b"omar" * times, 2**61 - 1
    assert (fingerprint64(text) % buckets, siphash((133, 137), text) % buckets) == (fast, strong)
    assert fingerprint64(b"a") == 12917804110809363939


def test_text_is_lowered_as_ascii_and_padded(tmp_path):
    given = layer("TextVectorization", "t", vocabulary=["the", "cat", "é"], output_sequence_length=4, max_tokens=None)
    model = specify(tmp_path, sequential(entry("x", [1], "string"), given))
    found = model.predict([np.array([["The  CAT!"], ["É é, dog the cat"]])])[0]
    assert found.tolist() == [[2, 3, 0, 0], [1, 4, 1, 2]]
