"""Which extents of its input a layer's weights are made for: the first call says them, and no later one may differ."""

from __future__ import annotations

from k2to3.keras3.layers.facts import Use
from k2to3.keras3.types import Shape


def features(use: Use) -> Shape:
    """The last axis, or that of the channels."""
    recurrent = use.layer.class_name.startswith("ConvLSTM")
    first = use.config.get("data_format") == "channels_first"
    return (use.shape[1 + recurrent if first else -1],)


def along_axes(use: Use) -> Shape:
    """The axes that its config names."""
    axis = use.config.get("axis", -1)
    return tuple(use.shape[each] for each in (axis if isinstance(axis, (list, tuple)) else [axis]))


def all_but_shared(use: Use) -> Shape:
    """A slope for each element, but along `shared_axes`."""
    shared = use.config.get("shared_axes") or ()
    return tuple(extent for axis, extent in enumerate(use.shape) if axis and axis not in shared)


def in_kernel(use: Use) -> Shape:
    """The letters that the kernel of an equation has in common with the input."""
    given, kernel = use.config["equation"].split("->")[0].split(",")
    letters = given.replace("...", "")
    extents = use.shape[-len(letters) :] if given.startswith("...") else use.shape
    return tuple(extent for letter, extent in zip(letters, extents, strict=False) if letter in kernel)
