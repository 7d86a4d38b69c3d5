"""Activations of `tf.nn`, `keras.activations` and `keras.backend`."""

from __future__ import annotations

from typing import Any

from k2to3.functions.arguments import one_axis, static
from k2to3.functions.conditions import where
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.joining import concat
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.shaping import is_plain
from k2to3.functions.values import Value

symbol = Family()

SIMPLE = {
    "nn.Relu": ("tf.nn.relu",),
    "nn.Relu6": ("tf.nn.relu6",),
    "nn.Softplus": ("tf.math.softplus", "tf.nn.softplus", "K.softplus", "keras.activations.softplus"),
    "nn.Softsign": ("tf.nn.softsign", "K.softsign", "keras.activations.softsign"),
    "nn.Selu": ("tf.nn.selu", "keras.activations.selu"),
    "nn.LogSigmoid": ("tf.math.log_sigmoid",),
}


def _simple(target: str, names: tuple[str, ...]) -> None:
    def apply(emitter: Emitter, features: Value, name: Value = None) -> Any:
        return elementwise(emitter, target, features)

    symbol(*names)(apply)


for _target, _names in SIMPLE.items():
    _simple(_target, _names)


@symbol("keras.activations.sigmoid")
def sigmoid(emitter: Emitter, x: Value) -> Any:
    return elementwise(emitter, "nn.Sigmoid", x)


@symbol("keras.activations.exponential")
def exponential(emitter: Emitter, x: Value) -> Any:
    return elementwise(emitter, "numpy.Exp", x)


@symbol("keras.activations.linear")
def linear(emitter: Emitter, x: Value) -> Any:
    return x


@symbol("tf.nn.elu")
def elu_tf(emitter: Emitter, features: Value, name: Value = None) -> Any:
    return elu(emitter, features)


@symbol("K.elu", "keras.activations.elu")
def elu(emitter: Emitter, x: Value, alpha: Value = 1.0) -> Any:
    return emitter.op("nn.Elu", as_tensor(emitter, x), config={"alpha": float(static(emitter, alpha, "alpha"))})


@symbol("tf.nn.silu", "tf.nn.swish")
def silu(emitter: Emitter, features: Value, beta: Value = 1.0, name: Value = None) -> Any:
    scaled = features if static(emitter, beta, "beta") == 1 else elementwise(emitter, "numpy.Multiply", features, beta)
    return elementwise(emitter, "numpy.Multiply", features, elementwise(emitter, "nn.Sigmoid", scaled))


@symbol("keras.activations.swish", "keras.activations.silu")
def swish(emitter: Emitter, x: Value) -> Any:
    return silu(emitter, x)


@symbol("tf.nn.gelu")
def gelu_tf(emitter: Emitter, features: Value, approximate: Value = False, name: Value = None) -> Any:
    return gelu(emitter, features, approximate)


@symbol("keras.activations.gelu")
def gelu(emitter: Emitter, x: Value, approximate: Value = False) -> Any:
    """Keras 3's default is the approximation, TensorFlow's the exact one."""
    return emitter.op("nn.Gelu", as_tensor(emitter, x), config={"approximate": bool(approximate)})


@symbol("keras.activations.mish")
def mish(emitter: Emitter, x: Value) -> Any:
    curve = elementwise(emitter, "numpy.Tanh", elementwise(emitter, "nn.Softplus", x))
    return elementwise(emitter, "numpy.Multiply", x, curve)


@symbol("tf.nn.leaky_relu")
def leaky_relu(emitter: Emitter, features: Value, alpha: Value = 0.2, name: Value = None) -> Any:
    slope = float(static(emitter, alpha, "alpha"))
    return emitter.op("nn.LeakyRelu", as_tensor(emitter, features), config={"negative_slope": slope})


@symbol("tf.nn.crelu")
def crelu(emitter: Emitter, features: Value, axis: Value = -1, name: Value = None) -> Any:
    both = [features, elementwise(emitter, "numpy.Negative", features)]
    return elementwise(emitter, "nn.Relu", concat(emitter, both, axis))


@symbol("K.relu", "keras.activations.relu")
def relu(emitter: Emitter, x: Value, alpha: Value = 0.0, max_value: Value = None, threshold: Value = 0.0) -> Any:
    """With slope, ceiling and threshold, as Keras 2's backend computes it."""
    slope, high, edge = (static(emitter, v, "an argument") for v in (alpha, max_value, threshold))
    slope, edge = float(slope or 0), float(edge or 0)
    if not slope and not edge:
        found = elementwise(emitter, "nn.Relu", x)
        return found if high is None else elementwise(emitter, "numpy.Minimum", found, float(high))
    above = elementwise(emitter, "numpy.Greater", x, edge, dtype="bool") if edge else None
    positive = where(emitter, above, x, 0.0) if edge else elementwise(emitter, "nn.Relu", x)
    if high is not None:
        positive = elementwise(emitter, "numpy.Minimum", positive, float(high))
        if edge < 0:
            # Keras 2 clips at zero as well where there is a ceiling.
            positive = elementwise(emitter, "numpy.Maximum", positive, 0.0)
    if not slope:
        return positive
    turned = elementwise(emitter, "numpy.Subtract", edge, x)
    below = elementwise(emitter, "nn.Relu", turned)
    return elementwise(emitter, "numpy.Subtract", positive, elementwise(emitter, "numpy.Multiply", below, slope))


@symbol("K.hard_sigmoid", "keras.activations.hard_sigmoid")
def hard_sigmoid(emitter: Emitter, x: Value) -> Any:
    """Keras 2's: clip(0.2 x + 0.5, 0, 1); Keras 3's own has another slope."""
    scaled = elementwise(emitter, "numpy.Add", elementwise(emitter, "numpy.Multiply", x, 0.2), 0.5)
    return emitter.op("numpy.Clip", as_tensor(emitter, scaled), config={"x_min": 0.0, "x_max": 1.0})


@symbol("tf.nn.softmax")
def softmax(emitter: Emitter, logits: Value, axis: Value = None, name: Value = None) -> Any:
    tensor = as_tensor(emitter, logits)
    along = one_axis(emitter, -1 if axis is None else axis, len(tensor.shape))
    if along == len(tensor.shape) - 1 and along > 0 and is_plain(tensor):
        return emitter.call("Activation", {"activation": "softmax"}, tensor)
    return emitter.op("nn.Softmax", tensor, config={"axis": along})


@symbol("K.softmax", "keras.activations.softmax")
def softmax_k(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return softmax(emitter, x, axis)


@symbol("tf.nn.log_softmax")
def log_softmax(emitter: Emitter, logits: Value, axis: Value = None, name: Value = None) -> Any:
    tensor = as_tensor(emitter, logits)
    along = one_axis(emitter, -1 if axis is None else axis, len(tensor.shape))
    return emitter.op("nn.LogSoftmax", tensor, config={"axis": along})


@symbol("keras.activations.log_softmax")
def log_softmax_k(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return log_softmax(emitter, x, axis)
