"""Layers that move, repeat, add or cut what they get."""

from __future__ import annotations

from math import prod

from k2to3.errors import UnsupportedOption
from k2to3.keras3.layers.facts import LayerFacts, Rows, Use, drops, kept
from k2to3.keras3.layers.space import join, margins, pair, split
from k2to3.keras3.types import Shape


def flattened(use: Use) -> list[Shape]:
    batch, *inner = use.shape
    if not inner:
        return [(batch, 1)]
    return [(batch, None if None in inner else prod(n or 0 for n in inner))]


def reshaped(use: Use) -> list[Shape]:
    """
    Raises:
        UnsupportedOption: the input has another number of elements; Keras 2 fails when the model runs.
    """
    target = list(use.config["target_shape"])
    inner, known = use.shape[1:], prod(n for n in target if n != -1)
    total = None if None in inner else prod(n or 0 for n in inner)
    if total is not None and (total % known if known and -1 in target else total != known):
        raise UnsupportedOption(f"reshapes an input of shape {use.shape} to {target}", layer=use.layer.name)
    if -1 in target:
        target[target.index(-1)] = None if total is None or not known else total // known
    return [(use.shape[0], *target)]


def permuted(use: Use) -> list[Shape]:
    """
    Raises:
        UnsupportedOption: it is not given each axis once.
    """
    dims, rank = use.config["dims"], len(use.shape)
    if sorted(dims) != list(range(1, rank)):
        text = f"{list(dims)} is no order of the axes of an input of shape {use.shape}"
        raise UnsupportedOption(text, layer=use.layer.name, key="dims")
    return [(use.shape[0], *(use.shape[axis] for axis in use.config["dims"]))]


def repeated(use: Use) -> list[Shape]:
    return [(use.shape[0], use.config["n"], use.shape[1])]


def padded(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    sides = margins(use.config["padding"], len(space))
    found = [None if n is None else n + a + b for n, (a, b) in zip(space, sides, strict=True)]
    return [join(use.layer, use.shape[0], found, channels)]


def cropped(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    sides = margins(use.config["cropping"], len(space))
    found = [None if n is None else n - a - b for n, (a, b) in zip(space, sides, strict=True)]
    if any(n is not None and n <= 0 for n in found):
        raise UnsupportedOption(f"crops an input of shape {use.shape} away; Keras 3 refuses", layer=use.layer.name)
    return [join(use.layer, use.shape[0], found, channels)]


def upsampled(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    size = pair(use.config["size"], len(space))
    found = [None if n is None else n * k for n, k in zip(space, size, strict=True)]
    return [join(use.layer, use.shape[0], found, channels)]


PADDING = LayerFacts(outputs=padded, dtype=kept, mask=drops)
CROPPING = LayerFacts(outputs=cropped, dtype=kept, mask=drops)
UPSAMPLING = LayerFacts(outputs=upsampled, dtype=kept, mask=drops)

ROWS: Rows = {
    "Cropping1D": CROPPING,
    "Cropping2D": CROPPING,
    "Cropping3D": CROPPING,
    "Flatten": LayerFacts(outputs=flattened, dtype=kept, mask=drops),
    "Permute": LayerFacts(outputs=permuted, dtype=kept, mask=drops),
    "RepeatVector": LayerFacts(outputs=repeated, dtype=kept, mask=drops),
    "Reshape": LayerFacts(outputs=reshaped, dtype=kept, mask=drops),
    "UpSampling1D": UPSAMPLING,
    "UpSampling2D": UPSAMPLING,
    "UpSampling3D": UPSAMPLING,
    "ZeroPadding1D": LayerFacts(outputs=padded, dtype=kept, mask=drops, keys_since={"data_format": 5}),
    "ZeroPadding2D": PADDING,
    "ZeroPadding3D": PADDING,
}
