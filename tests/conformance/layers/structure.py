"""Policies, nesting, frozen parts, applications' own layers."""

from __future__ import annotations

from typing import Any

from tests.conformance.layers.table import Table, ids, reals

TABLE = Table()


def _network(k: Any, x: Any) -> Any:
    y = k.layers.Conv2D(4, 3, activation="relu")(x)
    y = k.layers.BatchNormalization()(y)
    y = k.layers.GlobalAveragePooling2D()(y)
    return k.layers.Dense(3, activation="hard_sigmoid")(y)


def _sequence(k: Any, x: Any) -> Any:
    y = k.layers.Embedding(9, 4, mask_zero=True)(x)
    y = k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True))(y)
    y = k.layers.LayerNormalization()(y)
    return k.layers.Dense(2)(k.layers.GlobalAveragePooling1D()(y))


for policy, tolerance in (("mixed_float16", 3e-3), ("mixed_bfloat16", 2e-2), ("float16", 3e-3), ("float64", 1e-6)):
    TABLE.add("Policy", f"{policy} images", reals(8, 8, 3), _network, policy=policy, tolerance=tolerance)
    TABLE.add("Policy", f"{policy} tokens", ids(5, high=9), _sequence, policy=policy, tolerance=tolerance)
TABLE.add(
    "Sequential",
    "nested",
    reals(5, 4),
    lambda k, x: k.layers.Dense(2)(k.Sequential([k.layers.LSTM(3, return_sequences=True), k.layers.Flatten()])(x)),
)
TABLE.add("Functional", "nested twice", reals(4), lambda k, x: _twice(k, x))
TABLE.add("Functional", "hard nested", reals(4), lambda k, x: k.layers.Dense(2)(_inner(k, 4, "hard_sigmoid")(x)))
TABLE.add("Model", "shared", (reals(4), reals(4)), lambda k, a, b: _shared(k, a, b))


def _inner(k: Any, width: int, activation: str) -> Any:
    x = k.Input((width,))
    return k.Model(x, k.layers.Activation(activation)(k.layers.Dense(width)(x)))


def _twice(k: Any, x: Any) -> Any:
    inner = _inner(k, 4, "tanh")
    return inner(inner(x))


def _shared(k: Any, a: Any, b: Any) -> Any:
    layer = k.layers.Dense(3)
    return k.layers.Add()([layer(a), layer(b)])


TABLE.add("InputLayer", "batch", reals(4, batch=2), lambda k, x: k.layers.Dense(3)(x))
TABLE.add("InputLayer", "integers", ids(4, dtype="int64"), lambda k, x: k.layers.Embedding(8, 2)(x))


def _layer_scale(k: Any, x: Any) -> Any:
    from tf_keras.src.applications.convnext import LayerScale, StochasticDepth

    return k.layers.Add()([x, StochasticDepth(0.2)(LayerScale(1e-6, 4)(x))])


def _custom_scale(k: Any, a: Any, b: Any) -> Any:
    from tf_keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    return k.layers.Activation("relu")(CustomScaleLayer(0.17)([a, b]))


TABLE.add("LayerScale", "ConvNeXt", reals(5, 6, 4), _layer_scale)
TABLE.add("StochasticDepth", "ConvNeXt", reals(5, 6, 4), _layer_scale)
TABLE.add("CustomScaleLayer", "InceptionResNetV2", (reals(5, 6, 4), reals(5, 6, 4)), _custom_scale)


def _linear(k: Any, *inputs: Any) -> Any:
    from tf_keras.src.premade_models.linear import LinearModel

    return LinearModel(3, activation="sigmoid")(list(inputs) if len(inputs) > 1 else inputs[0])


def _wide_deep(k: Any, a: Any, b: Any) -> Any:
    from tf_keras.src.premade_models.linear import LinearModel
    from tf_keras.src.premade_models.wide_deep import WideDeepModel

    deep = k.Sequential([k.layers.Dense(4, activation="relu"), k.layers.Dense(1)])
    return WideDeepModel(LinearModel(1), deep, activation="sigmoid")([a, b])


TABLE.add("LinearModel", "one", reals(4), _linear)
TABLE.add("WideDeepModel", "two", (reals(4), reals(3)), _wide_deep)
