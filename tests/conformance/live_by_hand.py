"""`k2to3.load_weights` into models that are written by hand in Keras 3, from files of tf-keras with the same code.

    python tests/conformance/live_by_hand.py [NAME ...]

Each model is built twice by one function, once of each Keras; tf-keras saves it whole and its weights alone, and what
the filled Keras 3 model computes is compared with what tf-keras does. Prints a line for each and a count; exits 1 when
one computes otherwise without `defaults_said`. Where the defaults of the two Kerases differ, the whole file is refused.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))

import k2to3
import keras
import numpy as np
import tf_keras

Build = Callable[[Any], list[Any]]
CHAINS: dict[str, tuple[tuple[int, ...], str, Build]] = {
    "bn2d": (
        (8, 8, 3),
        "float32",
        lambda L: [
            L.Conv2D(4, 3, padding="same", activation="relu"),
            L.BatchNormalization(),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(2, activation="softmax"),
        ],
    ),
    "bn1": ((5,), "float32", lambda L: [L.Dense(4), L.BatchNormalization(), L.LeakyReLU(), L.Dense(2)]),
    "ln": ((5, 6), "float32", lambda L: [L.LayerNormalization(), L.Dense(3)]),
    "ln2": ((5, 6), "float32", lambda L: [L.LayerNormalization(axis=[1, 2]), L.Dense(3)]),
    "gn": ((5, 5, 8), "float32", lambda L: [L.GroupNormalization(4), L.Dense(3)]),
    "un": ((5, 6), "float32", lambda L: [L.Dense(3), L.UnitNormalization()]),
    "prelu": (
        (5, 5, 3),
        "float32",
        lambda L: [L.Conv2D(4, 3), L.PReLU(shared_axes=[1, 2]), L.GlobalAveragePooling2D()],
    ),
    "lstm": ((5, 4), "float32", lambda L: [L.LSTM(3, return_sequences=True), L.LSTM(2), L.Dense(2)]),
    "gru": ((5, 4), "float32", lambda L: [L.GRU(3, return_sequences=True), L.GRU(2), L.Dense(2)]),
    "bi": (
        (5, 4),
        "float32",
        lambda L: [L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Bidirectional(L.GRU(2), merge_mode="sum")],
    ),
    "rnn": ((5, 4), "float32", lambda L: [L.SimpleRNN(3, return_sequences=True), L.RNN(L.LSTMCell(2))]),
    "stack": ((5, 4), "float32", lambda L: [L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(2)]))]),
    "convlstm": ((3, 6, 6, 2), "float32", lambda L: [L.ConvLSTM2D(3, 3), L.BatchNormalization(), L.Flatten()]),
    "sep": (
        (8, 8, 3),
        "float32",
        lambda L: [L.SeparableConv2D(4, 3), L.DepthwiseConv2D(3), L.Conv2DTranspose(2, 3, strides=2)],
    ),
    "sep1": (
        (8, 3),
        "float32",
        lambda L: [
            L.SeparableConv1D(4, 3),
            L.Conv1D(3, 2, padding="causal"),
            L.MaxPooling1D(),
            L.Conv1DTranspose(2, 3),
        ],
    ),
    "c3": ((6, 6, 6, 2), "float32", lambda L: [L.Conv3D(3, 3), L.AveragePooling3D(2), L.Conv3DTranspose(2, 2)]),
    "td": (
        (5, 4),
        "float32",
        lambda L: [
            L.TimeDistributed(L.Dense(3, activation="relu")),
            L.TimeDistributed(L.BatchNormalization()),
            L.GlobalMaxPooling1D(),
        ],
    ),
    "emb": ((6,), "int32", lambda L: [L.Embedding(20, 4, mask_zero=True), L.LSTM(3), L.Dense(2)]),
    "emb2": (
        (6,),
        "int32",
        lambda L: [
            L.Embedding(20, 4),
            L.SpatialDropout1D(0.2),
            L.Bidirectional(L.LSTM(3, dropout=0.2, recurrent_dropout=0.1)),
            L.Dense(2, kernel_regularizer="l2"),
        ],
    ),
    "mask": ((6, 3), "float32", lambda L: [L.Masking(0.0), L.GRU(3), L.Softmax()]),
    "act": (
        (5,),
        "float32",
        lambda L: [
            L.Dense(4, activation="elu"),
            L.Dense(4, activation="selu"),
            L.Dense(3, activation="swish"),
            L.Dense(3, activation="gelu"),
            L.Dense(3, activation="softplus"),
            L.Dense(3, activation="relu"),
            L.ReLU(max_value=6),
            L.ELU(),
        ],
    ),
    "norm": ((3,), "float32", lambda L: [L.Normalization(), L.Dense(2)]),
    "resc": (
        (8, 8, 3),
        "float32",
        lambda L: [
            L.Rescaling(1 / 255.0),
            L.ZeroPadding2D(1),
            L.Conv2D(2, 3),
            L.Cropping2D(1),
            L.UpSampling2D(),
            L.Dropout(0.5),
            L.GaussianNoise(0.1),
            L.Reshape((-1, 2)),
            L.Permute((2, 1)),
        ],
    ),
    "dil": (
        (9, 9, 2),
        "float32",
        lambda L: [
            L.Conv2D(4, 3, dilation_rate=2, groups=2),
            L.BatchNormalization(scale=False, epsilon=1e-5, momentum=0.9),
            L.AveragePooling2D(2, padding="same"),
            L.GlobalMaxPooling2D(keepdims=True),
        ],
    ),
    "cf": ((2, 5), "float32", lambda L: [L.Dense(3), L.BatchNormalization(axis=1), L.Flatten(), L.RepeatVector(2)]),
    "spec": ((5,), "float32", lambda L: [L.SpectralNormalization(L.Dense(3)), L.Dense(2)]),
    "ein": (
        (5, 4),
        "float32",
        lambda L: [L.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d"), L.Dense(2)],
    ),
}


def chain(kind: Any, name: str) -> Any:
    shape, dtype, build = CHAINS[name]
    return kind.Sequential([kind.Input(shape, dtype=dtype), *build(kind.layers)])


def graph(kind: Any, name: str) -> Any:
    """Shared layers, attention, merges and a nested model."""
    layers = kind.layers
    a, b, shared = kind.Input((6, 4), name="a"), kind.Input((6, 4), name="b"), layers.Dense(4, name="shared")
    p, q = shared(a), shared(b)
    parts = [layers.Add()([p, q]), layers.MultiHeadAttention(2, 3)(p, q), layers.Attention()([p, q])]
    found = layers.LayerNormalization()(layers.Concatenate()([*parts, layers.Multiply()([p, q])]))
    inner = kind.Sequential([kind.Input((6, 16)), layers.Dense(5), layers.BatchNormalization()], name="inner")(found)
    last = layers.Dense(2)(layers.GlobalAveragePooling1D()(inner))
    return kind.Model([a, b], [last, layers.AdditiveAttention()([inner, inner])])


def filled(model: Any, generator: np.random.Generator) -> None:
    """Weights that differ everywhere."""
    for weight in model.weights:
        value = np.asarray(weight)
        if value.dtype.kind == "f":
            variance = "variance" in weight.name
            weight.assign(
                generator.uniform(0.5, 1.5, value.shape) if variance else generator.normal(0, 0.4, value.shape)
            )
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def inputs(model: Any, generator: np.random.Generator) -> list[Any]:
    return [
        generator.integers(0, 20, (3, *tensor.shape[1:])).astype("int32")
        if tensor.dtype == "int32"
        else generator.normal(size=(3, *tensor.shape[1:])).astype("float32")
        for tensor in model.inputs
    ]


def outcomes(name: str, folder: Path) -> Iterator[str]:
    """How the whole file came out, and the weights alone."""
    build = chain if name in CHAINS else graph
    generator = np.random.default_rng(0)
    old, new = build(tf_keras, name), build(keras, name)
    filled(old, generator)
    given = inputs(old, generator)
    wanted = old.predict(given, verbose=0)
    for whole in (True, False):
        path = str(folder / "old.h5")
        (old.save if whole else old.save_weights)(path)
        try:
            k2to3.load_weights(new, path, **({} if whole else {"defaults_said": True}))
        except k2to3.K2to3Error as error:
            yield f"refused: {error.message[:160]}"
            continue
        found = new.predict(given, verbose=0)
        pairs = zip(wanted, found, strict=True) if isinstance(wanted, list) else [(wanted, found)]
        gap = max(float(np.abs(one - other).max()) for one, other in pairs)
        yield "equal" if gap < 1e-5 else f"{'WRONG' if whole else 'other defaults'}: {gap:.2g}"


def main() -> int:
    names = sys.argv[1:] or [*CHAINS, "graph"]
    good = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            try:
                found = list(outcomes(name, Path(folder)))
            except Exception as error:
                found = [f"cannot be built: {type(error).__name__}: {str(error)[:120]}"]
            good += found == ["equal", "equal"]
            wrong += any(item.startswith("WRONG") for item in found)
            print(name, "|", " | ".join(found), flush=True)
    print(f"{good} of {len(names)} filled and equal, whole and weights alone; {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
