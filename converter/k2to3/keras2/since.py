"""Since when Keras has a class: before that, its name means a class of the user's.

Measured in the public namespaces `keras.layers` and `tf.keras.layers` of Keras 2.2.4, 2.3.1
and TensorFlow 1.15 to 2.15. Multi-backend Keras never had any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from shlex import quote

from k2to3.errors import UnsupportedLayer
from k2to3.keras2.model import LayerRecord
from k2to3.sources.author import Writer

# Keras version (as written into files) of the first TensorFlow that has the class.
SINCE: dict[str, tuple[int, ...]] = {
    "AdditiveAttention": (2,),
    "Attention": (2,),
    "LayerNormalization": (2,),
    "Normalization": (2,),
    "Rescaling": (2,),
    "SyncBatchNormalization": (2,),
    "Conv1DTranspose": (2, 4),
    "EinsumDense": (2, 4),
    "MultiHeadAttention": (2, 4),
    "ConvLSTM1D": (2, 5),
    "ConvLSTM3D": (2, 5),
    "DepthwiseConv1D": (2, 7),
    "UnitNormalization": (2, 9),
    "GroupNormalization": (2, 11),
    "Identity": (2, 11),
    "SpectralNormalization": (2, 13),
}


def check_age(record: LayerRecord, writer: Writer, others: Callable[[str], Iterable[str]]) -> None:
    """Refuse a class that the writing Keras did not have.

    `others` gives the classes of packages that have the same name, as `--treat-as` would call them.

    Raises:
        UnsupportedLayer: it is a class of the user's of the same name.
    """
    name = record.class_name
    since = SINCE.get(name)
    if since is None or (writer.tensorflow and not writer.before(*since)):
        return
    ways = "".join(f", or if it is that one {_as(name, other)}" for other in others(name))
    raise UnsupportedLayer(
        f"{writer} has no layer {name!r}: it is a class of the author's own",
        layer=record.name,
        hint=f"if it does what Keras's does: {_as(name, name)}{ways}; else --custom-objects or --rules",
    )


def _as(name: str, other: str) -> str:
    """The option as a shell takes it."""
    return f"--treat-as {quote(name)}={quote(other)}"
