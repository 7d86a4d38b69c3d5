"""`k2to3.load_weights`: a live Keras 3 model is filled with the weights of an old file, or left as it is."""

from __future__ import annotations

from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES
from k2to3.errors import UnsupportedLayer, UnsupportedOption, WeightMismatch
from k2to3.live.described import in_words_of_keras2

pytestmark = pytest.mark.keras


def text(gates: str = "hard_sigmoid", **config: Any) -> Any:
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(11, 4, mask_zero=True),
            layers.LSTM(3, recurrent_activation=gates, **config),
            layers.Dense(2, activation="softmax"),
        ]
    )


def words(gates: str = "hard_sigmoid", head: int = 2) -> Any:
    import keras

    layers = keras.layers
    given = keras.Input((6,), dtype="int32")
    found = layers.LSTM(3, recurrent_activation=gates, name="lstm")(layers.Embedding(10, 4, name="table")(given))
    return keras.Model(given, layers.Dense(head, name="head")(found))


def check(model: Any, name: str) -> None:
    with np.load(FIXTURES / f"{name}.npz") as stored:
        np.testing.assert_allclose(np.asarray(model(stored["in0"])), stored["out0"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["keras-1.2.2-theano__text_lstm", "keras-1.2.2__text_lstm", "keras-2.2.4__text_lstm"])
def test_whole_models(name):
    """Four gates in twelve arrays, Keras 1's order, the slope of hard_sigmoid; layers named otherwise."""
    model = text()
    found = k2to3.load_weights(model, FIXTURES / f"{name}.h5")
    assert found.variables == 6
    check(model, name)


@pytest.mark.parametrize("name", ["keras-1.2.2-theano__weights_only", "keras-1.2.2__weights_only"])
def test_weights_alone(name):
    model = words()
    assert k2to3.load_weights(model, FIXTURES / f"{name}.h5").writer.startswith("Keras 1.x on")
    check(model, name)


def test_a_model_that_says_something_else_is_left_as_it_is():
    model = text("sigmoid")
    before = [np.asarray(variable) for variable in model.variables]
    with pytest.raises(UnsupportedOption, match=r"the file means 'hard_sigmoid', the model says 'sigmoid'"):
        k2to3.load_weights(model, FIXTURES / "keras-2.2.4__text_lstm.h5")
    with pytest.raises(UnsupportedOption, match="go_backwards"):
        k2to3.load_weights(text(go_backwards=True), FIXTURES / "keras-2.2.4__text_lstm.h5")
    for variable, value in zip(model.variables, before, strict=True):
        assert np.array_equal(np.asarray(variable), value)


def test_a_default_that_has_changed_is_asked_for():
    source = FIXTURES / "keras-1.2.2__weights_only.h5"
    with pytest.raises(UnsupportedOption, match="weights alone do not tell") as caught:
        k2to3.load_weights(words("sigmoid"), source)
    assert "recurrent_activation='hard_sigmoid'" in str(caught.value) and "defaults_said=True" in str(caught.value)
    assert k2to3.load_weights(words("sigmoid"), source, defaults_said=True).variables == 6


def test_what_one_side_lacks():
    import keras

    source = FIXTURES / "keras-1.2.2__weights_only.h5"
    with pytest.raises(WeightMismatch, match="shape"):
        k2to3.load_weights(words(head=5), source)
    model = words()
    other = keras.Model(model.inputs, keras.layers.Dense(7, name="new")(model.get_layer("lstm").output))
    found = k2to3.load_weights(other, source, partial=True)
    assert (found.not_in_model, found.not_in_file, found.variables) == (("head",), ("new",), 4)


def test_a_layer_that_computes_otherwise(tmp_path):
    """`Activation("hard_sigmoid")` has no weights, and another slope in Keras 3."""
    import keras
    from conftest import dense_layer, sequential, small_model, write_checkpoint

    _, weights = small_model()
    activation = {"class_name": "Activation", "config": {"name": "a", "activation": "hard_sigmoid"}}
    config = sequential(dense_layer(batch_input_shape=[None, 4]), activation)
    for whole in (True, False):
        path = write_checkpoint(tmp_path / "w.h5", config, {**weights, "a": {}}, whole=whole)
        for names in (("dense", "a"), ("other", "b")):
            model = keras.Sequential(
                [
                    keras.Input((4,)),
                    keras.layers.Dense(3, name=names[0]),
                    keras.layers.Activation("hard_sigmoid", name=names[1]),
                ]
            )
            with pytest.raises(UnsupportedLayer, match=r"does not compute|operations"):
                k2to3.load_weights(model, path)


def by_hand(axis: int = -1, slope: float = 0.3) -> Any:
    """As a user writes it, with Keras 3's defaults: axes from the end, and 0.3 of 64 bits."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((5, 3)),
            layers.BatchNormalization(name="bn", axis=axis),
            layers.TimeDistributed(layers.BatchNormalization(), name="steps"),
            layers.LeakyReLU(negative_slope=slope, name="leaky"),
            layers.Normalization(name="norm"),
        ]
    )


@pytest.mark.parametrize("whole", [True, False])
def test_models_written_by_hand(tmp_path, whole):
    from conftest import sequential, write_checkpoint

    inner = {"class_name": "BatchNormalization", "config": {"name": "inner", "axis": [1]}}
    layers = [
        ("BatchNormalization", "bn", {"axis": [2], "batch_input_shape": [None, 5, 3]}),
        ("TimeDistributed", "steps", {"layer": inner}),
        ("LeakyReLU", "leaky", {"alpha": 0.30000001192092896}),
        ("Normalization", "norm", {"axis": [2]}),
    ]
    config = sequential(*({"class_name": kind, "config": {"name": name, **rest}} for kind, name, rest in layers))
    batch = ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")
    weights = {name: {key: np.full(3, n + 1, "float32") for n, key in enumerate(batch)} for name in ("bn", "steps")}
    statistics = {"mean:0": np.ones(3, "float32"), "variance:0": np.full(3, 4, "float32"), "count:0": np.array(1)}
    weights |= {"leaky": {}, "norm": statistics}
    path = write_checkpoint(tmp_path / "w.h5", config, weights, whole=whole)
    given = {} if whole else {"defaults_said": True}
    model = by_hand()
    assert k2to3.load_weights(model, path, **given).variables == 11
    once = (0 - 3) / np.sqrt(4.001) + 2
    twice = (once - 3) / np.sqrt(4.001) + 2
    np.testing.assert_allclose(np.asarray(model(np.zeros((2, 5, 3)))), np.full((2, 5, 3), (twice - 1) / 2), rtol=1e-5)
    if whole:
        for wrong, key in ((by_hand(axis=1), "axis"), (by_hand(slope=0.3001), "negative_slope")):
            with pytest.raises(UnsupportedOption, match=f"{key}.*the file means"):
                k2to3.load_weights(wrong, path)


def test_attention_without_what_keras_3_added():
    import keras

    config = keras.layers.MultiHeadAttention(2, 3).get_config()
    assert not {"use_gate", "sliding_window", "flash_attention"} & set(in_words_of_keras2(config))
