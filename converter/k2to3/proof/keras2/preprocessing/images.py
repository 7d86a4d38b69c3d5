"""Images: tf_keras/src/layers/preprocessing/image_preprocessing.py, utils/image_utils.py `smart_resize`."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2 import resize
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, floating


def as_floats(value: Array, context: Context) -> Array:
    """Numbers to compute with."""
    return value if floating(value) else value.astype(context.dtype)


def whole_kind(dtype: str | None) -> str | None:
    """A dtype of whole numbers."""
    return dtype if dtype is not None and dtype != "bfloat16" and np.dtype(dtype).kind in "iu" else None


class ImageLayer(Layer):
    """Any number of leading axes; channels last. A mask ends here."""

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/image_preprocessing.py"

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        value = self.compute(self.cast(tensor.value, context), context)
        return Tensor(value if self.whole() is None else value.astype(self.whole()), self.next_mask(tensor.mask))

    def cast(self, value: Array, context: Context) -> Array:
        """To the compute dtype of the layer, as all but a few do first and last."""
        kind = self.whole()
        return as_floats(value, context) if kind is None else value.astype(kind)

    def whole(self) -> str | None:
        """The layer's policy where it is one of whole numbers."""
        kind = whole_kind(self.dtype)
        if kind is not None and (self.author.standalone or not self.author.tensorflow_since(2, 8)):
            raise self.unspecified(f"policy {kind!r} before TensorFlow 2.8")
        return kind

    def resized(self, value: Array, height: int, width: int, method: str) -> Array:
        leading = value.shape[:-3]
        try:
            flat = value.reshape(-1, *value.shape[-3:])
            found = resize.images(flat, height, width, method, True)
        except KeyError:
            raise self.unspecified(f"interpolation {method!r}") from None
        return found.reshape(*leading, *found.shape[1:])

    def smartly(self, value: Array, height: int, width: int, method: str = "bilinear") -> Array:
        """The largest part of the wanted aspect ratio, from the middle, resized."""
        rows, columns = value.shape[-3:-1]
        crop_rows = min(rows, int(np.float32(columns * height) / np.float32(width)))
        crop_columns = min(columns, int(np.float32(rows * width) / np.float32(height)))
        top = int(np.float32(rows - crop_rows) / np.float32(2))
        left = int(np.float32(columns - crop_columns) / np.float32(2))
        part = value[..., top : top + crop_rows, left : left + crop_columns, :]
        return self.resized(part, height, width, method)


class Resizing(ImageLayer):
    """`tf.image.resize` without antialiasing."""

    history = ("2.6: crop_to_aspect_ratio",)
    names = ("Resizing",)

    def read(self, options: Options, make: Make) -> None:
        self.height, self.width = int(options.take("height")), int(options.take("width"))
        self.method = str(options.take("interpolation", "bilinear")).lower()
        self.crops = bool(options.take("crop_to_aspect_ratio", False))

    def cast(self, value: Array, context: Context) -> Array:
        """What comes out is cast; what goes in keeps its fractions, as far as float32 has them."""
        cuts = self.whole() is not None and self.method != "nearest"
        return value.astype(np.float32) if cuts else as_floats(value, context)

    def compute(self, value: Array, context: Context) -> Array:
        if self.whole() is not None and self.method not in ("bilinear", "nearest"):
            raise self.unspecified(f"what a cast to {self.whole()} leaves of the rounding of {self.method}")
        function = self.smartly if self.crops else self.resized
        return function(value, self.height, self.width, self.method)


class CenterCrop(ImageLayer):
    """The middle; an image that is too small is resized first, to its largest part of the wanted aspect ratio."""

    history = ("an image that is too small: read in 2.21 only",)
    names = ("CenterCrop",)

    def read(self, options: Options, make: Make) -> None:
        self.height, self.width = int(options.take("height")), int(options.take("width"))

    def compute(self, value: Array, context: Context) -> Array:
        rows, columns = value.shape[-3] - self.height, value.shape[-2] - self.width
        if rows < 0 or columns < 0:
            if self.author.standalone or not self.author.tensorflow_since(2, 8):
                raise self.unspecified("an image smaller than the crop, before TensorFlow 2.8")
            return self.smartly(value, self.height, self.width)
        top, left = int(rows / 2), int(columns / 2)
        return value[..., top : top + self.height, left : left + self.width, :]


class RandomCrop(ImageLayer):
    """At inference the largest part of the wanted aspect ratio, resized."""

    history = ("before 2.8 otherwise: not read",)
    names = ("RandomCrop",)

    def read(self, options: Options, make: Make) -> None:
        self.height, self.width = int(options.take("height")), int(options.take("width"))
        options.ignore("seed", "rng_type")

    def differs_in_training(self) -> bool:
        return True

    def compute(self, value: Array, context: Context) -> Array:
        if self.author.standalone or not self.author.tensorflow_since(2, 8):
            raise self.unspecified("RandomCrop before TensorFlow 2.8")
        return self.smartly(value, self.height, self.width)


class Augmentation(ImageLayer):
    """Nothing at inference but the cast."""

    names = (
        "RandomFlip", "RandomZoom", "RandomRotation", "RandomTranslation", "RandomContrast", "RandomBrightness",
    )  # fmt: skip

    def differs_in_training(self) -> bool:
        return True

    def read(self, options: Options, make: Make) -> None:
        options.ignore("factor", "height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed")
        options.ignore("rng_type", "mode", "value_range")

    def compute(self, value: Array, context: Context) -> Array:
        return value


class RandomExtent(ImageLayer):
    """Nothing at inference, not even the cast."""

    names = ("RandomHeight", "RandomWidth")

    def differs_in_training(self) -> bool:
        return True

    def read(self, options: Options, make: Make) -> None:
        options.ignore("factor", "interpolation", "seed", "rng_type")

    def compute(self, value: Array, context: Context) -> Array:
        return value

    def whole(self) -> str | None:
        return None

    def cast(self, value: Array, context: Context) -> Array:
        return value


class Rescaling(ImageLayer):
    """x * scale + offset."""

    names = ("Rescaling",)

    def whole(self) -> str | None:
        return whole_kind(self.dtype)

    def read(self, options: Options, make: Make) -> None:
        self.scale = np.asarray(options.take("scale"), np.float64)
        self.offset = np.asarray(options.take("offset", 0.0), np.float64)

    def compute(self, value: Array, context: Context) -> Array:
        kind = value.dtype
        return np.asarray(value * self.scale.astype(kind) + self.offset.astype(kind))
