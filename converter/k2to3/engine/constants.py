"""Constants that a layer is called on: Keras 3's layers take tensors of the model alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor


def as_tensors(graph: Graph, record: LayerRecord, args: Structure) -> Structure:
    """The arguments with tensors in place of constants, hung on an input of the model.

    Raises:
        UnsupportedOption: a constant that is no array of numbers, or a model that takes strings alone.
    """
    if _is_numbers(args):
        return _hung(graph, record, args)
    if isinstance(args, list):
        return [as_tensors(graph, record, item) for item in args]
    if isinstance(args, (Tensor, dict)):
        return args
    raise UnsupportedOption(f"is called on the constant {' '.join(str(args).split())[:60]}", layer=record.name)


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _hung(graph: Graph, record: LayerRecord, value: Any) -> Tensor:
    """The constant, added to the sum of zeros in the shape of an input."""
    given = next((tensor for tensor in graph.inputs if tensor.dtype != "string"), None)
    if given is None:
        raise UnsupportedOption("is called on a constant, in a model of strings", layer=record.name)
    array = np.asarray(value)
    kind = "float32" if array.dtype.kind == "f" else "int32"
    zeros = ops.cast(graph, ops.zeros_like(graph, given), kind)
    nothing = ops.sum(graph, zeros, None)
    return ops.add(graph, nothing, array.astype(kind), name=f"{record.name.replace('/', '_')}_constant")
