"""One-hot, multi-hot, counts: tf_keras/src/layers/preprocessing/preprocessing_utils.py `encode_categorical_inputs`."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.preprocessing.farmhash import fingerprint64, siphash
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def encoded(
    indices: Array, mode: str, depth: int, context: Context, layer: Layer, weights: Array | None = None
) -> Array:
    """Indices as they are, or counted along the last axis; negative ones count for nothing."""
    if mode == "int":
        return indices
    if indices.ndim == 0:
        indices = indices[np.newaxis]
    if mode == "one_hot" and indices.shape[-1] != 1:
        indices = indices[..., np.newaxis]
    if indices.ndim > 2:
        raise layer.unspecified(f"{mode} of more than two axes")
    rows = [counted(row, depth, w) for row, w in _rows(indices, weights)]
    found = np.stack(rows) if indices.ndim == 2 else rows[0]
    if mode in ("multi_hot", "one_hot"):
        found = found > 0
    elif mode not in ("count", "tf_idf"):
        raise layer.unspecified(f"output_mode={mode!r}")
    return found.astype(context.dtype)


def _rows(indices: Array, weights: Array | None) -> list[tuple[Array, Array | None]]:
    if indices.ndim == 1:
        return [(indices, weights)]
    return [(row, None if weights is None else weights[n]) for n, row in enumerate(indices)]


def counted(row: Array, depth: int, weights: Array | None = None) -> Array:
    row = np.asarray(row, dtype=np.int64)
    inside = (row >= 0) & (row < depth)
    return np.bincount(row[inside], None if weights is None else weights[inside], minlength=depth)


class CategoryEncoding(Layer):
    """A number outside of the tokens is refused."""

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/category_encoding.py"
    history = ("2.3 to 2.5: max_tokens, mode 'binary'", "2.6: num_tokens, one_hot")
    names = ("CategoryEncoding",)

    def read(self, options: Options, make: Make) -> None:
        tokens = options.take("num_tokens", None)
        tokens = options.take("max_tokens", None) if tokens is None else tokens
        if tokens is None:
            raise options.unspecified("a number of tokens that `adapt` found")
        self.tokens = int(tokens)
        mode = str(options.take("output_mode", "multi_hot"))
        self.mode = OLD_MODES.get(mode, mode)
        options.only("sparse", False)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        weights = kwargs.pop("count_weights", None)
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        value = tensor.value
        if value.size and (value.min() < 0 or value.max() >= self.tokens):
            raise self.unspecified("a number outside of the tokens")
        found = encoded(value, self.mode, self.tokens, context, self, None if weights is None else weights.value)
        return Tensor(found, self.next_mask(tensor.mask))


def texts(value: Array) -> list[bytes]:
    """As TensorFlow holds strings; whole numbers as `tf.as_string` writes them."""
    return [x if isinstance(x, bytes) else str(x).encode() for x in value.ravel().tolist()]


# What TensorFlow 2.3 to 2.5 wrote where no salt was given.
NO_SALT = [956888297470, 956888297470]


class Hashing(Layer):
    """FarmHash modulo the bins; with a salt SipHash. The mask value gets bin 0, and the others one bin less."""

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/hashing.py"
    history = ("2.3, 2.4: writes a salt although none was given", "2.6: mask_value", "2.8: output_mode")
    names = ("Hashing",)

    def read(self, options: Options, make: Make) -> None:
        self.bins = int(options.take("num_bins"))
        salt = options.take("salt", None)
        salt = [salt, salt] if isinstance(salt, int) else salt
        self.salt = None if salt is None or (salt == NO_SALT and self.author.first < (2, 5)) else tuple(salt)
        self.mask_value = options.take("mask_value", None)
        self.mode = str(options.take("output_mode", "int"))
        options.only("sparse", False)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        bins = self.bins - 1 if self.mask_value is not None and self.bins > 1 else self.bins
        found = np.array([self.hashed(x, bins) for x in texts(tensor.value)], np.int64).reshape(tensor.value.shape)
        if bins != self.bins:
            found = np.where(tensor.value == self.mask_value, 0, found + 1)
        return Tensor(encoded(found, self.mode, self.bins, context, self), self.next_mask(tensor.mask))

    def hashed(self, text: bytes, bins: int) -> int:
        return (fingerprint64(text) if self.salt is None else siphash(self.salt, text)) % bins
