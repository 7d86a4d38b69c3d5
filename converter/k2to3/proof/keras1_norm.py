"""BatchNormalization with the modes of Keras 1, for the reference (keras 1.2.2, layers/normalization.py)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras


class ModalBatchNormalization(tf_keras.layers.BatchNormalization):  # type: ignore[misc]
    """`mode` 2 normalises by the batch at inference too, 1 every sample by itself."""

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
