"""Options of convolutions and pooling that no other checkpoint has: rows as in `options`."""

from __future__ import annotations

from typing import Any

from golden.options import Row, Shape, one

THEANO: dict[str, Any] = {"version": "2.2.4", "backend": "theano"}


def conv(variant: str, name: str, shape: Shape, kernel: tuple[int, ...], bias: int = 3, **config: Any) -> Row:
    """Kernels of some size on two channels; `bias` 0 is none."""
    weights = {"kernel": kernel, **({"bias": (bias,)} if bias else {})}
    settings: dict[str, Any] = {"filters": 3, "kernel_size": list(kernel[:-2])}
    return one(variant, name, shape, weights, **{**settings, **({} if bias else {"use_bias": False}), **config})


def separable(variant: str, name: str, shape: Shape, size: tuple[int, ...], depth: int = 1, **config: Any) -> Row:
    ones = (1,) * len(size)
    weights = {"depthwise_kernel": (*size, 2, depth), "pointwise_kernel": (*ones, 2 * depth, 3), "bias": (3,)}
    settings = {"filters": 3, "kernel_size": list(size), "depth_multiplier": depth}
    return one(variant, name, shape, weights, **{**settings, **config})


def depthwise(variant: str, name: str, shape: Shape, size: tuple[int, ...], depth: int = 1, **config: Any) -> Row:
    weights = {"depthwise_kernel": (*size, 2, depth), "bias": (2 * depth,)}
    return one(variant, name, shape, weights, **{"kernel_size": list(size), "depth_multiplier": depth, **config})


TURNED = [
    conv("dilated", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), dilation_rate=[2, 2], version="2.8.0"),
    conv("dilated, same", "Conv2DTranspose", (6, 7, 2), (4, 3, 3, 2), dilation_rate=2, padding="same"),
    conv("dilated, strides", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), dilation_rate=[2, 2], strides=[2, 1]),
    conv("dilated, more", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), dilation_rate=[2, 2], output_padding=[0, 1]),
    conv("dilated unequally", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), dilation_rate=[2, 3]),
    conv("dilated", "Conv3DTranspose", (4, 5, 6, 2), (2, 2, 2, 3, 2), dilation_rate=[2, 2, 2]),
    conv("dilated", "Conv1DTranspose", (6, 2), (3, 3, 2), dilation_rate=2),
    conv("more behind", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), strides=[3, 2], output_padding=[2, 1]),
    conv("more behind, same", "Conv2DTranspose", (6, 7, 2), (3, 4, 3, 2), strides=[3, 2], output_padding=[1, 1],
         padding="same"),
    conv("more on one side", "Conv2DTranspose", (6, 7, 2), (2, 3, 3, 2), strides=[3, 2], output_padding=[1, 0]),
    conv("more than a stride", "Conv2DTranspose", (6, 7, 2), (2, 2, 3, 2), strides=[2, 2], output_padding=[5, 1]),
    conv("more behind", "Conv1DTranspose", (6, 2), (3, 3, 2), strides=2, output_padding=1),
    conv("more behind", "Conv3DTranspose", (4, 5, 6, 2), (2, 2, 2, 3, 2), strides=2, output_padding=[1, 0, 1]),
    conv("first, strides", "Conv2DTranspose", (2, 6, 7), (3, 2, 3, 2), strides=[2, 3], data_format="channels_first"),
    conv("same, one stride", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), strides=[2, 1], padding="same", **THEANO),
    conv("same, strides 1", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), padding="same", **THEANO),
    conv("groups", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), groups=2),
    conv("groups of one", "Conv2DTranspose", (6, 7, 2), (3, 3, 3, 2), 0, groups=1),
]  # fmt: skip
CONV = [
    conv("one more axis", "Conv1D", (4, 6, 2), (3, 2, 3)),
    conv("two more axes", "Conv1D", (5, 4, 6, 2), (3, 2, 3), activation="tanh"),
    conv("one more axis, first", "Conv2D", (5, 2, 6, 7), (3, 2, 2, 3), data_format="channels_first"),
    conv("one more axis, open", "Conv2D", (None, 6, 7, 2), (3, 2, 2, 3)),
    conv("in a channel each", "Conv2D", (6, 7, 2), (3, 2, 1, 4), 4, filters=4, groups=2),
    conv("input_dim", "Conv1D", (6, 2), (3, 2, 3), input_dim=2),
    conv("input_length", "Conv1D", (6, 2), (3, 2, 3), input_length=6, input_dim=None),
    conv("causal, first", "Conv1D", (2, 6), (3, 2, 3), padding="causal", data_format="channels_first"),
    conv("causal, dilated", "Conv1D", (6, 2), (3, 2, 3), padding="causal", dilation_rate=[2]),
    conv("same, even", "Conv2D", (6, 7, 2), (2, 3, 2, 3), padding="same", **THEANO),
    conv("same, dilated, strides", "Conv2D", (6, 7, 2), (3, 3, 2, 3), padding="same", strides=2, **THEANO),
    conv("same, odd", "Conv2D", (6, 7, 2), (3, 3, 2, 3), padding="same", **THEANO),
    conv("same, even", "Conv1D", (6, 2), (4, 2, 3), padding="same", **THEANO),
    conv("first in three", "Conv3D", (2, 4, 5, 6), (2, 3, 2, 2, 3), data_format="channels_first", strides=[1, 2, 1]),
    separable("causal", "SeparableConv1D", (6, 2), (3,), padding="causal", dilation_rate=[2]),
    separable("causal, first", "SeparableConv1D", (2, 6), (3,), padding="causal", data_format="channels_first"),
    separable("deep, first", "SeparableConv2D", (2, 6, 7), (3, 2), 3, data_format="channels_first"),
    separable("groups", "SeparableConv2D", (6, 7, 2), (3, 2), groups=2),
    separable("other groups", "SeparableConv2D", (6, 7, 2), (3, 2), groups=3),
    separable("same, even", "SeparableConv2D", (6, 7, 2), (2, 2), 2, padding="same", **THEANO),
    separable("frozen", "SeparableConv1D", (6, 2), (3,), trainable=False),
    separable("one more axis", "SeparableConv1D", (4, 6, 2), (3,)),
    depthwise("dilated", "DepthwiseConv2D", (6, 7, 2), (3, 2), 2, dilation_rate=[2, 2]),
    depthwise("same, even", "DepthwiseConv2D", (6, 7, 2), (2, 2), 2, padding="same", **THEANO),
    depthwise("first", "DepthwiseConv1D", (2, 6), (3,), 2, data_format="channels_first", version="2.8.0"),
    depthwise("filters", "DepthwiseConv2D", (6, 7, 2), (3, 2), filters=5),
    one("frozen", "LocallyConnected1D", (6, 2), {"kernel": (4, 6, 3), "bias": (4, 3)}, filters=3, kernel_size=[3],
        trainable=False),
    one("same, sparse", "LocallyConnected2D", (3, 3, 2), {"kernel": (98, 3), "bias": (3, 3, 3)}, filters=3,
        kernel_size=[2, 2], padding="same", implementation=3),
    one("masked", "LocallyConnected1D", (6, 2), {"kernel": (4, 6, 3), "bias": (4, 3)}, filters=3, kernel_size=[3],
        masked=True),
]  # fmt: skip
MARGINS = {"top_pad": 1, "bottom_pad": 2, "left_pad": 3, "right_pad": 0}
POOLING = [
    one("uneven", "AveragePooling1D", (6, 2), pool_size=2, strides=1, padding="same"),
    one("uneven by strides", "AveragePooling2D", (6, 7, 2), pool_size=[3, 2], strides=[2, 2], padding="same"),
    one("uneven, first", "AveragePooling2D", (2, 6, 7), pool_size=2, strides=[1, 2], padding="same",
        data_format="channels_first"),
    one("uneven, open, one stride", "AveragePooling1D", (None, 2), pool_size=4, strides=[1], padding="same"),
    one("uneven, open, strides", "AveragePooling1D", (None, 2), pool_size=4, strides=2, padding="same"),
    one("even", "AveragePooling1D", (6, 2), pool_size=3, strides=1, padding="same"),
    one("even by strides", "AveragePooling1D", (7, 2), pool_size=3, strides=2, padding="same"),
    one("no keys", "AveragePooling3D", (4, 5, 6, 2), padding="same"),
    one("half", "AveragePooling1D", (6, 2), pool_size=2, strides=1, padding="same", dtype="float16"),
    *(
        one(f"same, {size} by {stride}", name, (7, 2), pool_size=size, strides=stride, padding="same", **THEANO)
        for name in ("MaxPooling1D", "AveragePooling1D")
        for size in (2, 3, 4, 5)
        for stride in (1, 2, 3)
    ),
    one("same, one stride of two", "MaxPooling2D", (6, 7, 2), pool_size=3, strides=[1, 2], padding="same", **THEANO),
    one("same, one size of two", "MaxPooling2D", (6, 7, 2), pool_size=[3, 5], strides=1, padding="same", **THEANO),
    one("same, open, 3", "MaxPooling1D", (None, 2), pool_size=3, strides=2, padding="same", **THEANO),
    one("same, open, 2", "MaxPooling1D", (None, 2), pool_size=2, strides=2, padding="same", **THEANO),
    one("same, first", "MaxPooling2D", (2, 6, 7), pool_size=2, strides=[2, 1], padding="same",
        data_format="channels_first", **THEANO),
    one("same, half", "MaxPooling1D", (7, 2), pool_size=2, strides=2, padding="same", dtype="float16", **THEANO),
    *(one("by its short name", f"{kind}Pool{rank}D", (*(4, 5, 6)[:rank], 2), pool_size=2)
      for kind in ("Max", "Avg") for rank in (1, 2, 3)),
    *(one("by its short name", f"GlobalMaxPool{rank}D", (*(4, 5, 6)[:rank], 2)) for rank in (1, 2, 3)),
    *(one("by its short name", f"GlobalAvgPool{rank}D", (*(4, 5, 6)[:rank], 2), keepdims=True, version="2.8.0")
      for rank in (1, 2, 3)),
    *(one("masked", f"Global{kind}Pooling1D", (6, 2), masked=True) for kind in ("Max", "Average")),
    one("masked", "ZeroPadding1D", (6, 2), masked=True, padding=1),
    one("masked", "Cropping1D", (6, 2), masked=True, cropping=[1, 2]),
    one("masked", "UpSampling1D", (6, 2), masked=True),
    one("sides by name", "ZeroPadding2D", (6, 7, 2), padding=MARGINS, dim_ordering="tf", version="1.2.2"),
    one("one side by name", "ZeroPadding2D", (6, 7, 2), padding={"top_pad": 2}, dim_ordering="tf", version="1.2.2"),
    one("four numbers", "ZeroPadding2D", (6, 7, 2), padding=[1, 2, 3, 0], dim_ordering="tf", version="1.2.2"),
    one("sides by name", "ZeroPadding1D", (6, 2), padding={"left_pad": 1, "right_pad": 2}, version="1.2.2"),
    one("sides of another rank", "ZeroPadding1D", (6, 2), padding={"top_pad": 1}, version="1.2.2"),
    one("sides by name, too late", "ZeroPadding2D", (6, 7, 2), padding=MARGINS),
    one("four numbers, too late", "ZeroPadding2D", (6, 7, 2), padding=[1, 2, 3, 0]),
    one("mixed", "ZeroPadding2D", (6, 7, 2), padding=[1, [2, 3]]),
    one("one number", "ZeroPadding2D", (6, 7, 2), padding=2),
    one("no key", "ZeroPadding3D", (4, 5, 6, 2)),
    one("two numbers", "ZeroPadding2D", (6, 7, 2), padding=[2, 1], data_format="channels_first"),
    one("first", "ZeroPadding1D", (2, 6), padding=1, data_format="channels_first"),
    one("first", "Cropping2D", (2, 6, 7), cropping=[[1, 0], [0, 2]], data_format="channels_first"),
    one("one number", "Cropping3D", (4, 5, 6, 2), cropping=1),
    one("one number", "UpSampling3D", (4, 5, 6, 2), size=3, data_format="channels_last"),
    one("no keys", "UpSampling2D", (6, 7, 2)),
    one("of 1.13", "UpSampling2D", (6, 7, 2), size=[2, 2], version="2.2.4-tf"),
    one("of 2.0", "UpSampling2D", (6, 7, 2), size=[2, 2], version="2.3.0-tf"),
    *(
        one(f"{method}, {told}", "UpSampling2D", shape, size=[2, 3], interpolation=method, version=version)
        for method in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "gaussian", "best")
        for told, shape, version in (
            ("standalone", (4, 5, 2), "2.3.1"),
            ("of TensorFlow", (4, 5, 2), "2.4.0"),
            ("open", (None, 5, 2), "2.4.0"),
            ("open, standalone", (4, None, 2), "2.3.1"),
        )
    ),
]  # fmt: skip
ROWS: list[Row] = [*TURNED, *CONV, *POOLING]
