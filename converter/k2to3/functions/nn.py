"""Activations, normalisations and losses of `tf.nn`, `keras.activations` and `keras.backend`."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.gathering import one_hot_of, where
from k2to3.functions.joining import concat
from k2to3.functions.operands import as_tensor, elementwise, known_extent, one_axis, static
from k2to3.functions.reductions import reduce
from k2to3.functions.registry import symbol
from k2to3.functions.shaping import is_plain, squeeze
from k2to3.functions.values import Value
from k2to3.keras3.graph import Tensor

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


@symbol("tf.nn.bias_add")
def bias_add(emitter: Emitter, input: Value, bias: Value, data_format: Value = None, name: Value = None) -> Any:
    tensor = as_tensor(emitter, input)
    if str(data_format or "NHWC").upper() in ("NCHW", "NCW", "NCDHW", "CHANNELS_FIRST"):
        width = [1] * (len(tensor.shape) - 2)
        if isinstance(bias, Tensor):
            raise emitter.refuse("a bias that is a tensor, in NCHW")
        bias = np.reshape(np.asarray(bias, tensor.dtype), (-1, *width))
    return add_tensors(emitter, tensor, bias)


@symbol("tf.nn.batch_normalization")
def batch_normalization(
    emitter: Emitter,
    x: Value,
    mean: Value,
    variance: Value,
    offset: Value = None,
    scale: Value = None,
    variance_epsilon: Value = 1e-3,
    name: Value = None,
) -> Any:
    """In TensorFlow's order of operations: x·inv + (offset − mean·inv)."""
    inverse = elementwise(emitter, "math.Rsqrt", add_tensors(emitter, variance, variance_epsilon))
    if scale is not None:
        inverse = elementwise(emitter, "numpy.Multiply", inverse, scale)
    shift = elementwise(emitter, "numpy.Multiply", mean, inverse)
    shift = elementwise(emitter, "numpy.Subtract", 0.0 if offset is None else offset, shift)
    return add_tensors(emitter, elementwise(emitter, "numpy.Multiply", x, inverse), shift)


@symbol("tf.nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy(emitter: Emitter, labels: Value = None, logits: Value = None, name: Value = None) -> Any:
    """max(x, 0) − x·z + log(1 + exp(−|x|)), as TensorFlow computes it."""
    product = elementwise(emitter, "numpy.Multiply", logits, labels)
    head = elementwise(emitter, "numpy.Subtract", elementwise(emitter, "nn.Relu", logits), product)
    size = elementwise(emitter, "numpy.Negative", elementwise(emitter, "numpy.Absolute", logits))
    tail = elementwise(emitter, "numpy.Log1p", elementwise(emitter, "numpy.Exp", size))
    return add_tensors(emitter, head, tail)


@symbol("tf.nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy(
    emitter: Emitter, labels: Value = None, logits: Value = None, pos_weight: Value = None, name: Value = None
) -> Any:
    """(1 − z)·x + (1 + (q − 1)·z)·(log(1 + exp(−|x|)) + max(−x, 0))."""
    rest = elementwise(emitter, "numpy.Multiply", elementwise(emitter, "numpy.Subtract", 1.0, labels), logits)
    more = elementwise(emitter, "numpy.Multiply", elementwise(emitter, "numpy.Subtract", pos_weight, 1.0), labels)
    weight = add_tensors(emitter, more, 1.0)
    size = elementwise(emitter, "numpy.Negative", elementwise(emitter, "numpy.Absolute", logits))
    tail = elementwise(emitter, "numpy.Log1p", elementwise(emitter, "numpy.Exp", size))
    below = elementwise(emitter, "nn.Relu", elementwise(emitter, "numpy.Negative", logits))
    return add_tensors(emitter, rest, elementwise(emitter, "numpy.Multiply", weight, add_tensors(emitter, tail, below)))


@symbol("tf.nn.log_poisson_loss")
def log_poisson_loss(
    emitter: Emitter, targets: Value, log_input: Value, compute_full_loss: Value = False, name: Value = None
) -> Any:
    if compute_full_loss:
        raise emitter.refuse("log_poisson_loss with Stirling's approximation")
    product = elementwise(emitter, "numpy.Multiply", log_input, targets)
    return elementwise(emitter, "numpy.Subtract", elementwise(emitter, "numpy.Exp", log_input), product)


@symbol("tf.nn.softmax_cross_entropy_with_logits", "tf.nn.softmax_cross_entropy_with_logits_v2")
def softmax_cross_entropy(
    emitter: Emitter, labels: Value = None, logits: Value = None, axis: Value = -1, name: Value = None
) -> Any:
    logs = log_softmax(emitter, logits, axis)
    product = elementwise(emitter, "numpy.Multiply", labels, logs)
    return elementwise(emitter, "numpy.Negative", reduce(emitter, "Sum", product, axis, False))


@symbol("tf.nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy(
    emitter: Emitter, labels: Value = None, logits: Value = None, name: Value = None
) -> Any:
    chosen = one_hot_of(emitter, labels, known_extent(emitter, logits, -1), logits.dtype)
    return softmax_cross_entropy(emitter, chosen, logits)


EPSILON = 1e-7


def _clipped(emitter: Emitter, output: Value) -> Any:
    low = elementwise(emitter, "numpy.Maximum", output, EPSILON)
    return elementwise(emitter, "numpy.Minimum", low, 1.0 - EPSILON)


@symbol("K.binary_crossentropy")
def binary_crossentropy(emitter: Emitter, target: Value, output: Value, from_logits: Value = False) -> Any:
    """−(t·log(o + ε) + (1 − t)·log(1 − o + ε)) on clipped outputs."""
    if from_logits:
        return sigmoid_cross_entropy(emitter, target, output)
    clipped = _clipped(emitter, output)
    logs = elementwise(emitter, "numpy.Log", elementwise(emitter, "numpy.Add", clipped, EPSILON))
    found = elementwise(emitter, "numpy.Multiply", target, logs)
    rest = elementwise(emitter, "numpy.Add", elementwise(emitter, "numpy.Subtract", 1.0, clipped), EPSILON)
    other = elementwise(
        emitter,
        "numpy.Multiply",
        elementwise(emitter, "numpy.Subtract", 1.0, target),
        elementwise(emitter, "numpy.Log", rest),
    )
    return elementwise(emitter, "numpy.Negative", add_tensors(emitter, found, other))


@symbol("K.categorical_crossentropy")
def categorical_crossentropy(
    emitter: Emitter, target: Value, output: Value, from_logits: Value = False, axis: Value = -1
) -> Any:
    if from_logits:
        return softmax_cross_entropy(emitter, target, output, axis)
    share = elementwise(emitter, "numpy.TrueDivide", output, reduce(emitter, "Sum", output, axis, True))
    logs = elementwise(emitter, "numpy.Log", _clipped(emitter, share))
    product = elementwise(emitter, "numpy.Multiply", target, logs)
    return elementwise(emitter, "numpy.Negative", reduce(emitter, "Sum", product, axis, False))


@symbol("K.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(
    emitter: Emitter,
    target: Value,
    output: Value,
    from_logits: Value = False,
    axis: Value = -1,
    ignore_class: Value = None,
) -> Any:
    """Without logits Keras 2 takes the logarithm of the clipped output as logits."""
    if ignore_class is not None or one_axis(emitter, axis, len(output.shape)) != len(output.shape) - 1:
        raise emitter.refuse("sparse_categorical_crossentropy with this axis or ignore_class")
    logits = output if from_logits else elementwise(emitter, "numpy.Log", _clipped(emitter, output))
    if len(target.shape) == len(output.shape):
        target = squeeze(emitter, target, -1)
    return sparse_softmax_cross_entropy(emitter, cast(emitter, target, "int32"), logits)


@symbol("tf.nn.local_response_normalization", "tf.nn.lrn")
def local_response_normalization(
    emitter: Emitter,
    input: Value,
    depth_radius: Value = 5,
    bias: Value = 1.0,
    alpha: Value = 1.0,
    beta: Value = 0.5,
    name: Value = None,
) -> Any:
    """Sums over neighbouring channels as a product with a band matrix."""
    from k2to3.functions.linalg import einsum

    channels = known_extent(emitter, input, -1)
    i, j = np.indices((channels, channels))
    band = (abs(i - j) <= int(depth_radius)).astype(dtype_of(input))
    sums = einsum(emitter, "abcd,de->abce", elementwise(emitter, "numpy.Square", input), band)
    base = elementwise(emitter, "numpy.Add", elementwise(emitter, "numpy.Multiply", sums, float(alpha)), float(bias))
    return elementwise(emitter, "numpy.TrueDivide", input, elementwise(emitter, "numpy.Power", base, float(beta)))
