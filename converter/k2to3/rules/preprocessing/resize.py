"""Resampling that every backend does alike: matrices, and the bilinear of older TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras2.input_shape import extents_given
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.language import Body, Context
from k2to3.rules.preprocessing.resize_matrix import resize_matrix
from k2to3.weights import Constant

# The backends agree about these two only.
COMMON = frozenset({"nearest", "bilinear"})
EVERYWHERE = frozenset({"bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"})
TENSORFLOW = frozenset({"bicubic", "area", "lanczos3", "lanczos5"})


def by_matrices(context: Context, method: str, source: tuple[int, int], target: tuple[int, int]) -> list[Layer]:
    """Two EinsumDense layers on (batch, height, width, channels) that resample rows and columns."""
    rows = resize_matrix(method, source[0], target[0])
    columns = resize_matrix(method, source[1], target[1])
    context.note("rebuilt", f"{method} as constant matrices, which every backend multiplies alike")
    first = _constant(context, "bhwc,hy->bywc", (target[0], source[1], None), rows, f"{context.name}_rows")
    second = _constant(context, "bhwc,wx->bhxc", (target[0], target[1], None), columns, f"{context.name}_columns")
    return [first, second]


def _constant(context: Context, equation: str, output: tuple[int | None, ...], matrix: object, name: str) -> Layer:
    settings = {"equation": equation, "output_shape": [*output[:2], context.shape[-1]]}
    layer = context.layer("EinsumDense", settings, [Constant(matrix, "resampling")], name=name)  # type: ignore[arg-type]
    layer.trainable = False
    return layer


def legacy_bilinear(context: Context, size: list[int]) -> Body:
    """TensorFlow's bilinear upsampling without half-pixel centres, by whole factors.

    Repeating every cell `n` times and averaging windows of `n` mixes neighbours as
    (n - r) / n and r / n; the last cell meets a copy of itself.
    """
    name = context.name
    repeat = context.layer("UpSampling2D", {"size": size}, name=f"{name}_repeat")
    settings = {"pool_size": size, "strides": [1, 1], "padding": "valid"}
    mix = context.layer("AveragePooling2D", settings, name=f"{name}_mix")
    crop = context.layer("Cropping2D", {"cropping": [[0, 1], [0, 1]]}, name=f"{name}_crop")
    context.note("rebuilt", "bilinear as its writer computed it, without half-pixel centres")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor = one(inputs)
        for axis in (1, 2):
            tensor = _with_last_twice(graph, tensor, axis)
        return graph.call(crop, graph.call(mix, graph.call(repeat, tensor)))

    return body


def centred_bilinear(context: Context, size: list[int]) -> Body:
    """Bilinear upsampling with half-pixel centres, by whole factors, of images of any size.

    Repeating every cell and averaging windows as wide mixes neighbours by where the window lies; an even factor has its
    centres between the cells, so those are repeated twice as often and every second window is taken. The cells at the
    border meet copies of themselves. Keras 3's own layer cannot do it in a graph of TensorFlow since 3.14, which asks
    in `ops.image.resize` whether the size is above 0.
    """
    name = context.name
    repeats = [n if n % 2 else 2 * n for n in size]
    steps = [1 if n % 2 else 2 for n in size]
    margins = [[(n + 1) // 2] * 2 if n % 2 else [n + 1] * 2 for n in size]
    repeat = context.layer("UpSampling2D", {"size": repeats}, name=f"{name}_repeat")
    crop = context.layer("Cropping2D", {"cropping": margins}, name=f"{name}_crop")
    settings = {"pool_size": repeats, "strides": steps, "padding": "valid"}
    mix = context.layer("AveragePooling2D", settings, name=f"{name}_mix")
    context.note("rebuilt", "bilinear on images of unknown size, which Keras 3.14 and later cannot run in a graph")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor = one(inputs)
        for axis in (1, 2):
            tensor = _with_first_twice(graph, _with_last_twice(graph, tensor, axis), axis)
        return graph.call(mix, graph.call(crop, graph.call(repeat, tensor)))

    return body


def _with_first_twice(graph: Graph, tensor: Tensor, axis: int) -> Tensor:
    key = [slice(None)] * axis + [slice(None, 1)]
    return ops.concatenate(graph, [ops.get_item(graph, tensor, key), tensor], axis=axis)


def _with_last_twice(graph: Graph, tensor: Tensor, axis: int) -> Tensor:
    key = [slice(None)] * axis + [slice(-1, None)]
    return ops.concatenate(graph, [tensor, ops.get_item(graph, tensor, key)], axis=axis)


def needs_extents(context: Context, method: str) -> UnsupportedOption:
    return UnsupportedOption(
        f"{method} on images of unknown size, which Keras 3 cannot resample so",
        layer=context.record.name,
        key="interpolation",
        hint=extents_given("224,224,3"),
    )


def needs_floats(context: Context, method: str) -> UnsupportedOption:
    """Matrices give the same but for rounding, which a cast to whole numbers may turn into a difference of one."""
    return UnsupportedOption(
        f"{method} under a policy of whole numbers, whose rounding Keras 3 does not have",
        layer=context.record.name,
        key="interpolation",
        hint="save the model with another policy of that layer, float32, and cast what comes out of it",
    )
