"""Who wrote the weights, and the defaults of then under which an architecture is built."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import FIXTURES, small_model, write_checkpoint
from k2to3.api.reading import read_author
from k2to3.errors import BadConfig, NothingToDo, UsageError, WeightMismatch
from k2to3.keras2.constructor_defaults import defaults_of
from k2to3.proof.factory.words import translated
from k2to3.sources.authorship import Evidence, author

SILENT_KERAS1 = FIXTURES / "keras-1.2.2-theano__weights_only.h5"


def told(version, said=None):
    found = author(Evidence(version, "tensorflow"), read_author(said, None))
    return {(d.class_name, d.argument): d.values for d in defaults_of(found)}


@pytest.mark.parametrize(
    ("version", "said", "gate", "reset"),
    [
        ("1.2.2", None, ("hard_sigmoid",), (False,)),
        ("2.2.5", None, ("hard_sigmoid",), (False,)),
        ("2.3.1", None, None, (False,)),
        ("2.1.6-tf", None, ("hard_sigmoid",), (False,)),
        ("2.2.4-tf", None, ("hard_sigmoid", "sigmoid"), (False, True)),
        ("2.2.4-tf", "tf-1.15", ("hard_sigmoid",), (False,)),
        ("2.2.4-tf", "tf-2.0", None, None),
        ("2.3.0-tf", None, None, None),
        ("2.15.0", None, None, None),
    ],
)
def test_defaults_of_the_generations(version, said, gate, reset):
    found = told(version, said)
    assert found.get(("LSTM", "recurrent_activation")) == found.get(("GRUCell", "recurrent_activation")) == gate
    assert found.get(("GRU", "reset_after")) == reset
    assert ("SimpleRNN", "recurrent_activation") not in found and ("ConvLSTM2D", "recurrent_activation") not in found


def test_the_first_keras_had_other_epsilons():
    assert told("1.0.7")["BatchNormalization", "epsilon"] == (1e-6,)
    assert told("1.1.2")["BatchNormalization", "epsilon"] == (1e-5,)
    assert ("BatchNormalization", "epsilon") not in told("1.2.0")
    assert told(None)["BatchNormalization", "epsilon"] == (1e-6, 1e-5, 0.001)
    assert ("BatchNormalization", "epsilon") not in told(None, "1.2.2")


@pytest.mark.parametrize("said", ["3.1", "tf-3.0", "TF2", "2", "2.4.0; rm"])
def test_a_version_that_is_none(said):
    with pytest.raises(UsageError, match="no version of Keras"):
        read_author(said, None)


def test_what_the_file_says_is_not_contradicted():
    for version, said in (("2.2.4", "2.2.5"), ("2.2.4-tf", "tf-2.2"), ("2.2.4", "tf-1.13"), ("2.15.0", "tf-2.14")):
        with pytest.raises(UsageError, match="--keras-version"):
            author(Evidence(version, "tensorflow"), read_author(said, None))
    with pytest.raises(UsageError, match="its backend attribute says 'tensorflow'"):
        author(Evidence("2.2.4", "tensorflow", "tensorflow"), read_author(None, "theano"))
    with pytest.raises(UsageError, match="no name ends in ':0'"):
        author(Evidence(None, None, "theano"), read_author(None, "tensorflow"))


def test_names_outrank_the_architecture():
    later = {"keras_version": "2.2.4", "backend": "tensorflow"}
    assert author(Evidence(None, None, "theano"), config=later).theano
    assert not author(Evidence(None, None, "tensorflow"), config={**later, "backend": "theano"}).theano
    assert author(Evidence(None, None, None), config={**later, "backend": "theano"}).theano
    assert str(author(Evidence(None, None, "theano"), config={"keras_version": "1.1.2"})) == "Keras 1.1.2 on theano"


@pytest.mark.parametrize(("stated", "name"), [("theano", "dense/kernel:0"), ("tensorflow", "dense/kernel")])
def test_a_file_that_contradicts_itself(tmp_path, stated, name):
    config, _ = small_model()
    weights = {"dense": {name: np.ones((4, 3), "float32"), name.replace("kernel", "bias"): np.zeros(3, "float32")}}
    path = write_checkpoint(tmp_path / "w.h5", config, weights, version="2.2.4", backend=stated)
    for verb in (k2to3.plan, k2to3.inspect):
        with pytest.raises(WeightMismatch, match=f"backend was {stated}, but the names") as caught:
            verb(path)
        assert "--backend-of-author" in str(caught.value)
    for backend in ("theano", "tensorflow"):
        assert k2to3.plan(path, backend_of_author=backend).writer == f"Keras 2.2.4 on {backend}"


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_keras_3_names_its_weights_as_theano_did(tmp_path, backend):
    """`model.save("model.h5")` of Keras 3, the most common file of all: nothing in it is contradictory."""
    config, _ = small_model()
    weights = {"dense": {"sequential/dense/kernel": np.ones((4, 3)), "sequential/dense/bias": np.zeros(3)}}
    path = write_checkpoint(tmp_path / "w.h5", config, weights, version="3.3.3", backend=backend)
    for verb in (k2to3.plan, k2to3.inspect):
        with pytest.raises(NothingToDo, match=r"written by Keras 3.3.3"):
            verb(path)


def test_every_verb_gives_one_answer(tmp_path):
    """A Keras 2 JSON beside weights of Keras 1 on Theano: the kernels are flipped all the same."""
    config = json.loads((FIXTURES / "keras-1.2.2-theano__weights_only.arch.json").read_text())
    ported = tmp_path / "ported.json"
    ported.write_text(json.dumps(config | {"keras_version": "1.2.2", "backend": "tensorflow"}))
    alone = k2to3.inspect(SILENT_KERAS1).writer
    assert alone == "Keras 1.x on theano"
    for verb in (k2to3.inspect, k2to3.plan):
        assert verb(SILENT_KERAS1, architecture=ported).writer == "Keras 1.2.2 on theano"


@pytest.mark.parametrize(
    ("class_name", "args", "kwargs", "keras1", "wanted"),
    [
        ("Conv2D", (32, 3, 5), {"border_mode": "same", "dim_ordering": "th"}, False,
         {"filters": 32, "kernel_size": (3, 5), "padding": "same", "data_format": "channels_first"}),
        ("Conv2D", (32,), {"nb_row": 3, "nb_col": 3, "subsample": (2, 2), "bias": False}, True,
         {"kernel_size": (3, 3), "strides": (2, 2), "use_bias": False}),
        ("Conv1D", (8, 3, "uniform", "relu"), {"input_dim": 4, "input_length": 9}, True,
         {"filters": 8, "kernel_size": 3, "activation": "relu", "input_shape": (9, 4)}),
        ("Dense", (), {"output_dim": 5, "init": "normal", "W_regularizer": None, "input_dim": 3}, True,
         {"units": 5, "kernel_regularizer": None, "input_dim": 3}),
        ("LSTM", (6, "uniform", "orthogonal", "one", "tanh", "sigmoid"), {"dropout_W": 0.2}, True,
         {"units": 6, "activation": "tanh", "recurrent_activation": "sigmoid", "dropout": 0.2}),
        ("Dropout", (), {"p": 0.5}, True, {"rate": 0.5}),
        ("BatchNormalization", (1e-5,), {}, True, {"epsilon": 1e-5}),
        ("MaxPooling1D", (), {"pool_length": 3, "stride": 2}, True, {"pool_size": 3, "strides": 2}),
    ],
)  # fmt: skip
def test_words_of_keras_1(class_name, args, kwargs, keras1, wanted):
    _, found, _ = translated(class_name, args, kwargs, keras1)
    assert wanted.items() <= found.items()
    assert not {"init", "nb_row", "output_dim", "p", "border_mode"} & found.keys()


def test_words_of_keras_2_stay():
    assert translated("Dense", (10, "relu"), {"name": "d"}, True) == ((10, "relu"), {"name": "d"}, {})
    assert translated("Conv2D", (32, (3, 3), 2), {}, True) == ((32, (3, 3), 2), {}, {})
    assert translated("BatchNormalization", (), {"mode": 2}, True)[2] == {"mode": 2}


SCRIPT = """
import sys
from types import SimpleNamespace
sys.path.append({folder!r})
from keras.layers.recurrent import LSTM
from keras.models import Sequential
from keras.optimizers import Adam
import keras.layers, keras.models

def genuine():
    from keras.engine.topology import Merge, merge
    from keras1 import MODELS
    return MODELS["shared_nested"](SimpleNamespace(layers=keras.layers, models=keras.models, backend="tensorflow"))[0]

def gates():
    model = Sequential([LSTM(3, input_shape=(6, 4))])
    model.compile(Adam(lr=0.1, decay=1e-6), loss="mse", class_mode="categorical")
    return model
"""


def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(folder=str(FIXTURES / "authoring")))
    return path


def stripped(source: Path, target: Path) -> Path:
    """Weights alone, as Keras 1 wrote them: without a version."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for key in old["model_weights"]:
            old["model_weights"].copy(key, new)
        new.attrs["layer_names"] = old["model_weights"].attrs["layer_names"]
    return target


@pytest.mark.keras
def test_a_script_of_keras_1(tmp_path):
    """`merge`, a nested model, and BatchNormalization without an epsilon, which each Keras 1 took for another."""
    weights = stripped(FIXTURES / "keras-1.2.2__shared_nested.h5", tmp_path / "w.h5")
    given = {"architecture": f"{script(tmp_path)}:genuine"}
    with pytest.raises(
        BadConfig, match=r"BatchNormalization is built without epsilon.*1e-06 or 1e-05 or 0.001"
    ) as caught:
        k2to3.plan(weights, **given)
    assert "--keras-version 1.2.2" in str(caught.value)
    report = k2to3.convert(
        weights,
        tmp_path / "new.keras",
        reference=FIXTURES / "keras-1.2.2__shared_nested.npz",
        keras_version="1.2.2",
        judge="specification",
        **given,
    )
    assert report.status == "proved" and report.evidence.outputs and report.writer == "Keras 1.2.2 on tensorflow"


def gated(path: Path, version: str) -> Path:
    shapes = {"lstm/kernel:0": (4, 12), "lstm/recurrent_kernel:0": (3, 12), "lstm/bias:0": (12,)}
    weights = {"lstm": {name: np.full(shape, 0.5, "float32") for name, shape in shapes.items()}}
    return write_checkpoint(path, None, weights, version=version, whole=False)


@pytest.mark.keras
def test_each_default_that_was_supplied_is_named(tmp_path):
    given = {"architecture": f"{script(tmp_path)}:gates"}
    report = k2to3.plan(gated(tmp_path / "w.h5", "2.2.4"), **given)
    (found,) = [f for f in report.findings if "where the code does not say it" in f.text]
    assert (found.kind, found.layer, found.class_name) == ("drift", "lstm", "LSTM")
    assert "recurrent_activation='hard_sigmoid', which Keras 2.2.4" in found.text
    tensorflow = gated(tmp_path / "t.h5", "2.2.4-tf")
    with pytest.raises(BadConfig, match=r"'hard_sigmoid' or 'sigmoid', and the file fits TensorFlow 1.13 to 2.1"):
        k2to3.plan(tensorflow, **given)
