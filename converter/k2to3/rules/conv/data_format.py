"""`channels_first` on every device: TensorFlow's CPU kernels convolve channels_last only.

A channels_first convolution is rebuilt as Permute, the same convolution channels_last (the
kernel has one layout in both), and Permute back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.rules.language import Composite, Context, Native

Convert = Callable[[Context], Native | Composite]


def everywhere(convert: Convert) -> Convert:
    """Wrap the rule of a layer on (batch, channels, *space) inputs."""

    def wrapped(context: Context) -> Native | Composite:
        if context.config.peek("data_format") != "channels_first":
            return convert(context)
        rank = len(context.shape) - 1
        to_last = [*range(2, rank + 1), 1]
        to_first = [rank, *range(1, rank)]
        return permuted(context, convert, to_last, to_first)

    wrapped.__doc__ = convert.__doc__
    wrapped.__module__ = convert.__module__
    return wrapped


def permuted(context: Context, convert: Convert, to_last: list[int], to_first: list[int]) -> Composite:
    """Convert as channels_last between two Permute layers."""
    shape, dtype = context.shape, next(tensors(context.inputs)).dtype
    context.config.override("data_format", "channels_last")
    moved = (shape[0], *(shape[axis] for axis in to_last))
    context.inputs = Graph().input("input", moved, dtype)
    outcome = convert(context)
    context.note("rebuilt", "channels_first: between two Permute layers, so that it runs on every device")
    front = context.layer("Permute", {"dims": to_last}, name=f"{context.name}_to_last")
    rear = context.layer("Permute", {"dims": to_first}, name=f"{context.name}_to_first")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        found: Structure = graph.call(front, inputs)
        found = graph.call(outcome.layer, found) if isinstance(outcome, Native) else outcome.body(graph, found, kwargs)
        return graph.call(rear, found)

    return Composite(body)
