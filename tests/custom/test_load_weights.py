"""`k2to3.load_weights`: a live Keras 3 model is filled with the weights of an old file, or left as it is."""

from __future__ import annotations

from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES
from k2to3.errors import UnsupportedLayer, UnsupportedOption, WeightMismatch

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
