"""Masks by generation: what masked steps give out, and which layers pass a mask on."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.layer import Context
from k2to3.proof.keras2.tensor import Tensor
from shapes import entry, graph, layer, lstm, lstm_weights, sequential, specify

STEPS = np.array([[[0, 0], [1, 2], [0, 0], [3, 1]]], np.float32)
MASKING = layer("Masking", "masking", mask_value=0.0)
CELL = ("lstm/lstm_cell/kernel:0", "lstm/lstm_cell/recurrent_kernel:0", "lstm/lstm_cell/bias:0")
NO_CELL = tuple(name.replace("lstm_cell/", "") for name in CELL)


def with_state(**config):
    """Masked steps first, after and between, and a first state that is not zero."""
    nodes = [
        (entry("steps", [4, 2]), []),
        (entry("h", [3]), []),
        (entry("c", [3]), []),
        (MASKING, ["steps"]),
        (lstm(return_sequences=True, **config), ["masking", "h", "c"]),
    ]
    return graph(nodes, ["lstm"])


def outputs(folder, version, backend="tensorflow", **config):
    found = specify(folder, with_state(**config), {"lstm": lstm_weights()}, version, backend)
    state = np.full((1, 3), 0.5, np.float32)
    return found.predict([STEPS, state, state])[0]


@pytest.mark.parametrize(
    ("version", "backend", "config", "first"),
    [
        ("2.2.4", "tensorflow", {}, 0.5),
        ("2.2.4", "tensorflow", {"unroll": True}, 0.0),
        ("2.2.4", "theano", {}, 0.0),
        ("2.2.5", "tensorflow", {}, 0.0),
        ("2.3.1", "tensorflow", {}, 0.0),
        ("2.15.0", "tensorflow", {}, 0.0),
    ],
)
def test_a_masked_step_gives_the_first_state_or_the_output_before(tmp_path, version, backend, config, first):
    found = outputs(tmp_path, version, backend, **config)
    assert np.allclose(found[0, 0], first)
    assert np.array_equal(found[0, 2], found[0, 1])
    assert not np.allclose(found[0, 3], found[0, 2])


def test_zero_output_for_mask_gives_zeros(tmp_path):
    found = outputs(tmp_path, "2.15.0", zero_output_for_mask=True)
    assert np.array_equal(found[0, 2], np.zeros(3)) and found[0, 1].any()


def test_unrolled_and_backwards_the_zeros_stand_where_the_mask_was_not_turned(tmp_path):
    found = outputs(tmp_path, "2.15.0", zero_output_for_mask=True, unroll=True, go_backwards=True)
    assert [bool(step.any()) for step in found[0]] == [False, True, False, True]
    found = outputs(tmp_path, "2.15.0", zero_output_for_mask=True, go_backwards=True)
    assert [bool(step.any()) for step in found[0]] == [True, False, True, False]


def bidirectional(version, names, sequences=True, inner=None):
    inner = {"return_sequences": sequences, **(inner or {})}
    wrapped = layer("Bidirectional", "both", layer=lstm(**inner), merge_mode="concat")
    return sequential(entry("steps", [4, 2], sparse=False), MASKING, wrapped), version, names


@pytest.mark.parametrize(
    ("version", "names", "zeroed"),
    [
        ("2.2.4", (), False),
        ("2.3.1", (), False),
        ("2.3.0-tf", NO_CELL, False),
        ("2.3.0-tf", CELL, True),
        ("2.15.0", CELL, True),
    ],
)
def test_bidirectional_zeroes_masked_steps_since_tensorflow_2_2(tmp_path, version, names, zeroed):
    config, version, names = bidirectional(version, names)
    weights = {"both": lstm_weights() + lstm_weights()}
    names = [f"both/{way}_{name}" for way in ("forward", "backward") for name in names]
    found = specify(tmp_path, config, weights, version, names=names).predict([STEPS])[0]
    assert (not found[0, 2].any()) == zeroed


def test_tensorflow_2_1_zeroes_where_cudnn_could_not_run(tmp_path):
    config, version, _ = bidirectional("2.3.0-tf", (), inner={"recurrent_activation": "hard_sigmoid"})
    names = [f"both/{way}_{name}" for way in ("forward", "backward") for name in NO_CELL]
    weights = {"both": lstm_weights() + lstm_weights()}
    found = specify(tmp_path, config, weights, version, names=names).predict([STEPS])[0]
    assert not found[0, 2].any() and found[0, 1].any()


def test_where_the_file_fits_both_there_is_no_claim(tmp_path):
    config, version, _ = bidirectional("2.3.0-tf", ())
    found = specify(tmp_path, config, {"both": lstm_weights() + lstm_weights()}, version)
    with pytest.raises(NotSpecified, match=r"TensorFlow 2\.2, and the file fits 2\.1 to 2\.2"):
        found.predict([STEPS])


def test_tensorflow_1_13_zeroes_the_last_output_too_and_says_so_in_the_file(tmp_path):
    # Initializers with a dtype are of TensorFlow 1.
    unsaid = {"kernel_initializer": {"class_name": "Zeros", "config": {"dtype": "float32"}}}
    said = {**unsaid, "zero_output_for_mask": True}
    steps = STEPS[:, ::-1]
    ends_masked = []
    for inner in (unsaid, said):
        config, _, _ = bidirectional("", (), sequences=False, inner=inner)
        found = specify(tmp_path, config, {"both": lstm_weights() + lstm_weights()}, "2.2.4-tf")
        ends_masked.append(found.predict([steps])[0][0, :3])
    assert ends_masked[0].any() and not ends_masked[1].any()


@pytest.mark.parametrize(("version", "refuses"), [("2.1.6", True), ("2.2.3", False), ("2.15.0", False)])
def test_global_average_takes_a_mask_since_2_2_3(tmp_path, version, refuses):
    config = sequential(entry("steps", [4, 2]), MASKING, layer("GlobalAveragePooling1D", "mean"))
    found = specify(tmp_path, config, version=version)
    if refuses:
        with pytest.raises(NotSpecified, match="refuses a mask"):
            found.predict([STEPS])
    else:
        assert np.allclose(found.predict([STEPS])[0], [[2, 1.5]])


def after(class_name, version, folder, **config):
    """The mask that a layer leaves on a masked sequence."""
    nodes = sequential(entry("steps", [4, 2]), MASKING, layer(class_name, "it", **config))
    return specify(folder, nodes, version=version).run([STEPS]).calls["it"][0][0].mask


@pytest.mark.parametrize(
    ("class_name", "config", "version", "passes"),
    [
        ("ReLU", {}, "2.5.0", True),
        ("ReLU", {}, "2.3.0-tf", False),
        ("ReLU", {}, "2.3.1", True),
        ("Activation", {"activation": "relu"}, "2.15.0", True),
        ("Rescaling", {"scale": 2.0}, "2.15.0", False),
        ("Identity", {}, "2.15.0", False),
        ("Reshape", {"target_shape": [4, 2]}, "2.15.0", False),
        ("ZeroPadding1D", {"padding": 1}, "2.15.0", False),
    ],
)
def test_who_passes_a_mask_on(tmp_path, class_name, config, version, passes):
    assert (after(class_name, version, tmp_path, **config) is not None) == passes


def test_multi_backend_keras_refuses_a_mask_that_tf_keras_drops(tmp_path):
    with pytest.raises(NotSpecified, match="refuses a mask"):
        after("Reshape", "2.2.4", tmp_path, target_shape=[4, 2])


def masked_merge(class_name, folder, second_masked=True, **config):
    nodes = [(entry("a", [3, 2]), []), (entry("b", [3, 2]), []), (layer("Masking", "ma"), ["a"])]
    if second_masked:
        nodes.append((layer("Masking", "mb"), ["b"]))
    nodes.append((layer(class_name, "it", **config), ["ma", "mb" if second_masked else "b"]))
    a = np.array([[[1, 1], [1, 1], [0, 0]]], np.float32)
    b = np.array([[[1, 1], [0, 0], [1, 1]]], np.float32)
    return specify(folder, graph(nodes, ["it"])).run([a, b]).calls["it"][0][0].mask


def test_merges_take_the_conjunction_of_the_masks_there_are(tmp_path):
    assert masked_merge("Add", tmp_path).tolist() == [[True, False, False]]
    assert masked_merge("Add", tmp_path, second_masked=False).tolist() == [[True, True, False]]
    assert masked_merge("Concatenate", tmp_path, axis=-1).tolist() == [[True, False, False]]
    assert masked_merge("Concatenate", tmp_path, axis=1).tolist() == [[True, True, False, True, False, True]]
    assert masked_merge("Dot", tmp_path, axes=-1) is None


def test_time_distributed_gives_its_layer_the_mask_since_2_2(tmp_path):
    """An inner Masking makes a mask of its own; before, nobody asked it."""
    inner = layer("Masking", "inner")
    config = sequential(entry("steps", [2, 2, 2]), layer("TimeDistributed", "td", layer=inner))
    x = np.array([[[[1, 1], [0, 0]], [[0, 0], [2, 2]]]], np.float32)
    masks = [specify(tmp_path, config, version=v).run([x]).calls["td"][0][0].mask for v in ("2.1.6", "2.2.0", "2.15.0")]
    assert masks[0] is None
    assert masks[1].tolist() == masks[2].tolist() == [[[True, False], [False, True]]]


def test_attention_zeroes_masked_queries_and_leaves_masked_values_out(tmp_path):
    nodes = [
        (entry("q", [2, 2]), []),
        (entry("v", [3, 2]), []),
        (layer("Masking", "mq"), ["q"]),
        (layer("Masking", "mv"), ["v"]),
        (layer("Attention", "it"), ["mq", "mv"]),
    ]
    q = np.array([[[1, 0], [0, 0]]], np.float32)
    v = np.array([[[1, 2], [0, 0], [3, 4]]], np.float32)
    run = specify(tmp_path, graph(nodes, ["it"])).run([q, v])
    weights = np.exp([1, 3]) / np.exp([1, 3]).sum()
    assert np.allclose(run.outputs[0], [[weights @ [[1, 2], [3, 4]], [0, 0]]])
    assert run.calls["it"][0][0].mask.tolist() == [[True, False]]


def test_a_row_that_is_masked_as_a_whole_attends_evenly(tmp_path):
    """A billion swallows the scores in float32; in float64 they would come through."""
    nodes = [(entry("q", [1, 2]), []), (entry("v", [2, 2]), []), (layer("Attention", "it"), ["q", "v"])]
    attention = specify(tmp_path, graph(nodes, ["it"])).network.layers["it"]
    query, value = np.ones((1, 1, 2)), np.array([[[1.0, 2.0], [3.0, 4.0]]])
    masked = Tensor(value, np.zeros((1, 2), bool))
    found = attention([Tensor(query), masked], Context(np.dtype("float64")), return_attention_scores=True)
    assert found[1].value.tolist() == [[[0.5, 0.5]]]


def test_masks_of_the_first_tf_keras_were_not_read(tmp_path):
    with pytest.raises(NotSpecified, match=r"before TensorFlow 1\.13"):
        after("Activation", "2.1.6-tf", tmp_path, activation="relu")


@pytest.mark.parametrize(("version", "sees"), [("2.9.0", False), ("2.10.0", True)])
def test_multi_head_attention_sees_masks_since_2_10(tmp_path, version, sees):
    heads = layer("MultiHeadAttention", "it", num_heads=1, key_dim=2, use_bias=False)
    nodes = [(entry("x", [3, 2]), []), (MASKING, ["x"]), (heads, [("masking", {"value": ["masking", 0, 0]})])]
    one = np.eye(2).reshape(2, 1, 2)
    weights = {"it": [one, one, one, np.eye(2).reshape(1, 2, 2)]}
    model = specify(tmp_path, graph(nodes, ["it"]), weights, version)
    x = np.array([[[1, 2], [3, 1], [0, 0]]], np.float32)
    run = model.run([x])
    assert (run.calls["it"][0][0].mask is not None) == sees
    scores = np.exp(x[0, 0] @ x[0, : 2 if sees else 3].T / np.sqrt(2))
    assert np.allclose(run.outputs[0][0, 0], scores @ x[0, : len(scores)] / scores.sum())
