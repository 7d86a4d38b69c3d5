"""Layers that computed otherwise in old Kerases, for the reference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import tensorflow as tf
import tf_keras


class _Untranslated:
    """AutoGraph translates what is not Keras's own, for loops and branches on tensors; there are none here."""

    def _should_use_autograph(self) -> bool:
        return False


class ModalBatchNormalization(_Untranslated, tf_keras.layers.BatchNormalization):  # type: ignore[misc]
    """Keras 1's: `mode` 2 normalises by the batch at inference too, 1 every sample by itself."""

    def __init__(self, mode: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mode = mode

    def call(self, inputs: Any, training: Any = None) -> Any:
        if self.mode != 1:
            return super().call(inputs, training=True)
        mean, variance = tf.nn.moments(inputs, axes=[-1], keepdims=True)
        return self.gamma * (inputs - mean) / (tf.sqrt(variance + self.epsilon) + self.epsilon) + self.beta

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}


class Merge(_Untranslated, tf_keras.layers.Layer):  # type: ignore[misc]
    """Keras 1's, of the modes that are names (keras 1.2.2, engine/topology.py)."""

    def __init__(self, mode: str, concat_axis: int = -1, dot_axes: Any = -1, **kwargs: Any) -> None:
        super().__init__(**{key: value for key, value in kwargs.items() if key in ("name", "trainable", "dtype")})
        layers = tf_keras.layers
        axes = [a[0] if isinstance(a, list) else a for a in dot_axes] if isinstance(dot_axes, list) else dot_axes
        self.dot = layers.Dot(axes)
        self.inner = {
            "sum": layers.Add(), "mul": layers.Multiply(), "ave": layers.Average(), "max": layers.Maximum(),
            "concat": layers.Concatenate(concat_axis), "dot": self.dot, "cos": None,
        }[mode]  # fmt: skip
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        if self.inner is not None:
            return self.inner(inputs)
        first, second = inputs
        squares = self.dot([first, first]) * self.dot([second, second])
        length = tf.maximum(tf.sqrt(tf.maximum(squares, 0.0)), 1e-7)
        return tf.expand_dims(self.dot(inputs) / length, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if self.inner in (None, self.dot) or mask is None or not any(m is not None for m in mask):
            return None
        return self.inner.compute_mask(inputs, mask)


class Softmax(_Untranslated, tf_keras.layers.Softmax):  # type: ignore[misc]
    """Before TF 2.4 it took no masks."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return super().call(inputs)


class Flatten(_Untranslated, tf_keras.layers.Flatten):  # type: ignore[misc]
    """Before Keras 2.1.6 it moved no axis."""

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__("channels_last", **kwargs)


class TimeDistributed(_Untranslated, tf_keras.layers.TimeDistributed):  # type: ignore[misc]
    """Before Keras 2.2 its layer saw no masks, and made none."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return super().call(inputs, training=training)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask


class RandomCrop(_Untranslated, tf_keras.layers.RandomCrop):  # type: ignore[misc]
    """Before TF 2.7 it resized first and cropped then (2.2 took any image higher than wide for a tall one)."""

    square = False

    def call(self, inputs: Any, training: Any = False) -> Any:
        rows, columns = inputs.shape[1:3]
        tall = rows / columns > (1.0 if self.square else self.height / self.width)
        size = (
            [int(self.width * rows / columns), self.width] if tall else [self.height, int(self.height * columns / rows)]
        )
        found = tf.image.resize(inputs, size)
        top, left = int((size[0] - self.height) / 2), int((size[1] - self.width) / 2)
        return found[:, top : top + self.height, left : left + self.width]


class SquareRandomCrop(RandomCrop):
    """TF 2.2's."""

    square = True


SCRATCH = "_scratch_graph"
"""How tf-keras names the graph in which a layer only learns the shape of what it gives."""


class _OfCpu(_Untranslated):
    """A recurrent layer that is not drawn where a model only learns its shapes, and never for GPUs too."""

    _could_use_gpu_kernel: bool

    # Bidirectional and TimeDistributed hand a mask on where they see the argument, so nothing may wrap this.
    def call(self, inputs: Any, mask: Any = None, training: Any = None, initial_state: Any = None) -> Any:
        if _only_shapes(self, inputs):
            return _placeholders(self, inputs)
        return _drawn(self, super().call, inputs, mask=mask, training=training, initial_state=initial_state)  # type: ignore[misc]


def _only_shapes(layer: Any, inputs: Any) -> bool:
    return (
        not tf.executing_eagerly()
        and tf.is_tensor(inputs)
        and inputs.shape.rank == 3
        and not layer.stateful
        and tf.compat.v1.get_default_graph().name.endswith(SCRATCH)
    )


def _placeholders(layer: Any, inputs: Any) -> Any:
    shapes = layer.compute_output_shape(inputs.shape)
    several = isinstance(shapes, list)
    found = [tf.compat.v1.placeholder(layer.compute_dtype, shape) for shape in (shapes if several else [shapes])]
    return found if several else found[0]


def _drawn(layer: Any, call: Any, inputs: Any, **kwargs: Any) -> Any:
    able = layer._could_use_gpu_kernel
    layer._could_use_gpu_kernel = able and tf.executing_eagerly()
    try:
        return call(inputs, **kwargs)
    finally:
        layer._could_use_gpu_kernel = able


class LSTM(_OfCpu, tf_keras.layers.LSTM):  # type: ignore[misc]
    """As it is."""


class GRU(_OfCpu, tf_keras.layers.GRU):  # type: ignore[misc]
    """As it is."""


DRAWN: Mapping[str, Any] = MappingProxyType({"LSTM": LSTM, "GRU": GRU})
"""Layers that compute as they are, and are built sooner."""


def old_layers(config: str, job: dict[str, Any]) -> dict[str, Any]:
    """Class name in the architecture → the class that it means; `config` is JSON."""
    found: dict[str, Any] = {}
    for name, wanted, stands in (
        ("ModalBatchNormalization", ModalBatchNormalization, True),
        ("Merge", Merge, job["keras1"]),
        ("Softmax", Softmax, job["unmasked_softmax"]),
        ("Flatten", Flatten, job["unmoved_flatten"]),
        ("TimeDistributed", TimeDistributed, job["unmasked_steps"]),
        ("RandomCrop", SquareRandomCrop if job["square_crops"] else RandomCrop, job["old_crops"]),
    ):
        if stands and f'"class_name": "{name}"' in config:
            found[name] = wanted
    return found
