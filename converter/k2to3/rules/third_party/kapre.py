"""Spectrograms of kapre before 0.3, which keep the kernels of their Fourier transform and the mel bands in the file.

Source: kapre 0.2.0, kapre/time_frequency.py. Other packages have classes of these names, and in the first releases
decibels were of the whole batch, so these are only used when asked for:
`--treat-as Melspectrogram='kapre>Melspectrogram'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from k2to3.errors import BadConfig
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import one_tensor

SETTINGS = ("sr", "fmin", "fmax", "htk", "norm", "trainable_kernel", "trainable_fb")
"""Of the constants, which are in the file, or of training."""
LEAST, RANGE = 1e-10, 80.0


@rule("kapre>Spectrogram", "kapre>Melspectrogram", slots=as_stored, masks="drop", origin="kapre")
def spectrogram(context: Context) -> Composite:
    """kapre's Spectrogram and Melspectrogram: two convolutions over the stored kernels, bands by Dense, and ops."""
    one_tensor(context)
    config, bins = context.config, context.config.integer("n_dft", 512)
    config.ignore(*SETTINGS)
    if len(context.shape) != 3:
        raise BadConfig(f"{list(context.shape)} is not channels of a signal", layer=context.record.name)
    hop, padding = config.take("n_hop", None) or bins // 2, config.take("padding", "same")
    parts = [_transform(context, part, bins, hop, padding) for part in ("real", "imag")]
    power, decibels = config.number("power_spectrogram", 2.0), config.flag("return_decibel_spectrogram", False)
    first = config.take("image_data_format", "channels_last") == "channels_first"
    bands = _bands(context, bins) if context.record.class_name.endswith("Melspectrogram") else None
    of_bands = config.number("power_melgram", 1.0), config.flag("return_decibel_melgram", False)
    context.note("rebuilt", "from Conv2D over the stored kernels, Dense and ops")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        signal = ops.expand_dims(graph, ops.transpose(graph, one(inputs), [0, 2, 1]), axis=-1)
        real, imaginary = (ops.square(graph, graph.call(part, signal)) for part in parts)
        found = _finished(graph, ops.add(graph, real, imaginary, name=f"{context.name}_power"), power, decibels)
        if bands is not None:
            found = _finished(graph, graph.call(bands, found), *of_bands)
        # Here (batch, time, channels, frequencies).
        return ops.transpose(graph, found, [0, 2, 3, 1] if first else [0, 3, 1, 2], name=f"{context.name}_image")

    return Composite(body)


def _transform(context: Context, part: str, bins: int, hop: int, padding: str) -> Layer:
    weight = context.find_weight(rf"(.*_)?{part}_kernels(_\d+)?", bins, 1, 1, bins // 2 + 1)
    settings = {
        "filters": bins // 2 + 1,
        "kernel_size": [bins, 1],
        "strides": [hop, 1],
        "padding": padding,
        "use_bias": False,
    }
    return context.layer("Conv2D", settings, [weight], name=f"{context.name}_{part}")


def _bands(context: Context, bins: int) -> Layer:
    count = context.config.integer("n_mels", 128)
    weight = context.find_weight(r"(?!.*(real|imag)_kernels).*", bins // 2 + 1, count)
    return context.layer("Dense", {"units": count, "use_bias": False}, [weight], name=f"{context.name}_mel")


def _finished(graph: Graph, x: Tensor, power: float, decibels: bool) -> Tensor:
    """Another power than the second, and decibels below the loudest of each sample."""
    if power != 2.0:
        root = ops.sqrt(graph, x)
        x = root if power == 1.0 else graph.op("numpy.Power", root, power)
    if not decibels:
        return x
    loudness = ops.multiply(graph, graph.op("numpy.Log", ops.maximum(graph, x, LEAST)), 10 / log(10))
    most = ops.max(graph, loudness, axis=[1, 2, 3], keepdims=True)
    return ops.maximum(graph, ops.subtract(graph, loudness, most), -RANGE)
