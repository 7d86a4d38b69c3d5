"""keras/layers/normalization.py and its successors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

# `tf.nn.fused_batch_norm` raises a smaller epsilon to this (python/ops/nn_impl.py).
FUSED_MINIMUM = 1.001e-5


def several_axes(value: Any) -> list[int]:
    return [int(a) for a in value] if isinstance(value, list) else [int(value)]


def along(weight: Array, axes: Sequence[int], rank: int) -> Array:
    """A weight shaped for broadcasting against a value of that rank."""
    if weight.ndim == rank:
        return weight
    shape = [1] * rank
    for axis, size in zip(sorted(axes), weight.shape, strict=True):
        shape[axis] = size
    return weight.reshape(shape)


class BatchNormalization(Layer):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta with the moving statistics.

    Images with channels in axis 1 or 3 run fused, which raises an epsilon below 1.001e-5.
    """

    wants_floats = True
    since = "1.0"
    source = "keras/layers/normalization.py; keras/backend/tensorflow_backend.py `batch_normalization`"
    history = (
        "Keras 1: mode 1 normalises each sample, mode 2 the batch; running_std holds the variance",
        "fused: multi-backend Keras on TensorFlow from 2.2.0 (channels last), tf.keras always",
        "tf.keras: renorm adds three weights; training=True uses the batch",
    )
    masking = "passes"
    names = ("BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization")

    def read(self, options: Options, make: Make) -> None:
        self.axes = several_axes(options.take("axis", -1))
        self.epsilon = float(options.take("epsilon", 1e-3))
        self.center = bool(options.take("center", True))
        self.scale = bool(options.take("scale", True))
        self.renorm = bool(options.take("renorm", False))
        self.mode = int(options.take("mode", 0))
        options.ignore("momentum", "renorm_clipping", "renorm_momentum", "fused", "synchronized")
        options.only("virtual_batch_size", None)
        options.only("adjustment", None)
        # keras-resnet's under Keras's own name: frozen, it is called with training=False.
        options.only("freeze", True)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        trainable = [name for name, there in (("gamma", self.scale), ("beta", self.center)) if there]
        fixed = ["mean", "variance"]
        return trainable, [*fixed, "stddev", "renorm_mean", "renorm_stddev"] if self.renorm else fixed

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        x = tensor.value
        axes = [a % x.ndim for a in self.axes]
        if self.mode == 1:
            return Tensor(self.by_sample(x, context), tensor.mask)
        if self.mode == 2 or self.trains(context):
            if self.renorm or (context.training and self.epsilon < FUSED_MINIMUM):
                raise self.unspecified("training=True with renorm or a tiny epsilon")
            others = tuple(a for a in range(x.ndim) if a not in axes)
            mean, variance = np.mean(x, others, keepdims=True), np.var(x, others, keepdims=True)
        else:
            mean, variance = (along(self.weight(n, context), axes, x.ndim) for n in ("mean", "variance"))
        found = (x - mean) / np.sqrt(variance + x.dtype.type(self.effective_epsilon(axes, x.ndim)))
        return Tensor(self.scaled(found, axes, context), tensor.mask)

    def trains(self, context: Context) -> bool:
        """TensorFlow 2 never trains a frozen one."""
        if not context.training or self.trainable:
            return context.training
        return self.author.standalone or not self.author.tensorflow_since(2, 0)

    def by_sample(self, x: Array, context: Context) -> Array:
        mean = np.mean(x, -1, keepdims=True)
        deviation = np.sqrt(np.var(x, -1, keepdims=True) + self.epsilon)
        return self.scaled((x - mean) / (deviation + self.epsilon), [x.ndim - 1], context)

    def scaled(self, x: Array, axes: list[int], context: Context) -> Array:
        if self.scale:
            x = x * along(self.weight("gamma", context), axes, x.ndim)
        return x + along(self.weight("beta", context), axes, x.ndim) if self.center else x

    def effective_epsilon(self, axes: list[int], rank: int) -> float:
        if self.epsilon >= FUSED_MINIMUM or rank != 4 or len(axes) != 1 or axes[0] not in (1, 3):
            return self.epsilon
        if self.renorm or self.author.theano or (self.author.keras or (9,)) < (2, 2):
            return self.epsilon
        if self.author.standalone and axes[0] == 1:
            raise self.unspecified("an epsilon below 1.001e-5 on channels_first")
        return FUSED_MINIMUM


class LayerNormalization(Layer):
    """Over the given axes of each sample."""

    wants_floats = True
    since = "tf.keras 2.0"
    source = "tf_keras/src/layers/normalization/layer_normalization.py"
    history = ("an epsilon below 1.001e-5 is never fused, so it stands",)
    masking = "passes"
    names = ("LayerNormalization",)

    def read(self, options: Options, make: Make) -> None:
        self.axes = several_axes(options.take("axis", -1))
        self.epsilon = float(options.take("epsilon", 1e-3))
        self.center = bool(options.take("center", True))
        self.scale = bool(options.take("scale", True))

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return [name for name, there in (("gamma", self.scale), ("beta", self.center)) if there], ()

    def compute(self, value: Array, context: Context) -> Array:
        axes = tuple(a % value.ndim for a in self.axes)
        mean, variance = np.mean(value, axes, keepdims=True), np.var(value, axes, keepdims=True)
        found = (value - mean) / np.sqrt(variance + value.dtype.type(self.epsilon))
        if self.scale:
            found = found * along(self.weight("gamma", context), axes, value.ndim)
        return np.asarray(found + along(self.weight("beta", context), axes, value.ndim) if self.center else found)


class GroupNormalization(Layer):
    """Over groups of channels and all other axes; `groups=-1` is one channel a group."""

    wants_floats = True
    since = "tf.keras 2.11"
    source = "tf_keras/src/layers/normalization/group_normalization.py"
    masking = "passes"
    names: ClassVar[tuple[str, ...]] = ("GroupNormalization",)

    def read(self, options: Options, make: Make) -> None:
        self.groups = int(options.take("groups", 32))
        self.axis = int(options.take("axis", -1))
        self.epsilon = float(options.take("epsilon", 1e-3))
        self.center = bool(options.take("center", True))
        self.scale = bool(options.take("scale", True))

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return [name for name, there in (("gamma", self.scale), ("beta", self.center)) if there], ()

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        if tensor.mask is not None:
            raise self.unspecified("a mask")
        return Tensor(self.compute(tensor.value, context))

    def compute(self, value: Array, context: Context) -> Array:
        axis = self.axis % value.ndim
        channels = value.shape[axis]
        groups = channels if self.groups == -1 else self.groups
        moved = np.moveaxis(value, axis, -1)
        split = moved.reshape(*moved.shape[:-1], groups, channels // groups)
        axes = (*range(1, moved.ndim - 1), moved.ndim)
        mean, variance = np.mean(split, axes, keepdims=True), np.var(split, axes, keepdims=True)
        found = ((split - mean) / np.sqrt(variance + self.epsilon)).reshape(moved.shape).astype(value.dtype)
        if self.scale:
            found = found * self.weight("gamma", context)
        if self.center:
            found = found + self.weight("beta", context)
        return np.moveaxis(found, -1, axis)


class UnitNormalization(Layer):
    """x / sqrt(max(sum of squares, 1e-12))."""

    wants_floats = True
    since = "tf.keras 2.9"
    source = "tf_keras/src/layers/normalization/unit_normalization.py"
    masking = "passes"
    names = ("UnitNormalization",)

    def read(self, options: Options, make: Make) -> None:
        self.axes = tuple(several_axes(options.take("axis", -1)))

    def compute(self, value: Array, context: Context) -> Array:
        total = np.sum(np.square(value), axis=self.axes, keepdims=True)
        return np.asarray(value / np.sqrt(np.maximum(total, value.dtype.type(1e-12))))


class Around(Layer):
    """A wrapper that computes what the layer inside does, and drops masks."""

    layer: Layer

    def children(self) -> Sequence[tuple[str, Layer]]:
        return (("layer", self.layer),)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        found = self.layer(inputs, context)
        if any(tensor.mask is not None for tensor in self.several(inputs)):
            raise self.unspecified("a mask")
        return found


class SpectralNormalization(Around):
    """At inference the wrapped layer with the kernel as it is stored."""

    since = "tf.keras 2.13"
    source = "tf_keras/src/layers/normalization/spectral_normalization.py"
    names = ("SpectralNormalization",)

    def read(self, options: Options, make: Make) -> None:
        self.layer = make.config(options.take("layer"))
        options.ignore("power_iterations")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (), ("vector_u",)

    def differs_in_training(self) -> bool:
        return True
