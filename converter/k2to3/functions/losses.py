"""Losses that a model may hold: cross entropies of `tf.nn` and `keras.backend`."""

from __future__ import annotations

from typing import Any

from k2to3.functions.activations import log_softmax
from k2to3.functions.arguments import known_extent, one_axis
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.casting import cast
from k2to3.functions.emitter import Emitter
from k2to3.functions.encoding import one_hot_of
from k2to3.functions.entries import Family
from k2to3.functions.operands import elementwise
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import squeeze
from k2to3.functions.values import Value
from k2to3.keras3.graph import Tensor

symbol = Family()


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
CHANGED = (1, 14)


def _clipped(emitter: Emitter, output: Value) -> Any:
    low = elementwise(emitter, "numpy.Maximum", output, EPSILON)
    return elementwise(emitter, "numpy.Minimum", low, 1.0 - EPSILON)


def _from_tensorflow_1_14(emitter: Emitter, function: str) -> bool:
    """Whether its author's Keras was tf.keras of 1.14 or later, or took its losses from there.

    Raises:
        UnsupportedOption: the file fits releases before and after.
    """
    writer = emitter.writer
    if writer.standalone:
        return not writer.before(2, 3)
    first, last = writer.releases
    if first < CHANGED <= last:
        raise emitter.refuse(
            f"{function}(), which TensorFlow 1.14 changed; the file does not say its author",
            hint="--keras-version tf-1.13 or tf-1.15, whichever it was",
        )
    return first >= CHANGED


def _check_origin(emitter: Emitter, output: Value, activation: str) -> None:
    """Since TensorFlow 1.14 the loss of what a sigmoid or softmax gave is that of its logits."""
    operation = output.node.operation if isinstance(output, Tensor) else None
    config = getattr(operation, "config", {})
    direct = operation is not None and activation in (operation.class_name.lower(), config.get("activation"))
    if direct and _from_tensorflow_1_14(emitter, "a cross entropy"):
        raise emitter.refuse(f"a cross entropy of what a {activation} gave, which Keras 2 takes from its logits")


@symbol("K.binary_crossentropy")
def binary_crossentropy(emitter: Emitter, target: Value, output: Value, from_logits: Value = False) -> Any:
    """−(t·log(o + ε) + (1 − t)·log(1 − o + ε)) on clipped outputs; before Keras 2.3 and TensorFlow 1.14 of logits."""
    if from_logits:
        return sigmoid_cross_entropy(emitter, target, output)
    _check_origin(emitter, output, "sigmoid")
    clipped = _clipped(emitter, output)
    if not _from_tensorflow_1_14(emitter, "binary_crossentropy"):
        odds = elementwise(emitter, "numpy.TrueDivide", clipped, elementwise(emitter, "numpy.Subtract", 1.0, clipped))
        return sigmoid_cross_entropy(emitter, target, elementwise(emitter, "numpy.Log", odds))
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
    _check_origin(emitter, output, "softmax")
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
    if not from_logits:
        _check_origin(emitter, output, "softmax")
    logits = output if from_logits else elementwise(emitter, "numpy.Log", _clipped(emitter, output))
    if len(target.shape) == len(output.shape):
        target = squeeze(emitter, target, -1)
    return sparse_softmax_cross_entropy(emitter, cast(emitter, target, "int32"), logits)
