"""Slices and ranges of a length that only the data tell: on TensorFlow alone."""

from __future__ import annotations

from k2to3.functions.emitter import Emitter
from k2to3.functions.indexing import index_operand, take
from k2to3.functions.operands import elementwise, materialise
from k2to3.functions.values import RuntimeInteger, Value
from k2to3.keras3.graph import Tensor

NOTE = "its length depends on the data: on TensorFlow alone"


def between(emitter: Emitter, tensor: Tensor, axis: int, start: Value, stop: Value) -> Tensor:
    """`tensor[start:stop]` along an axis, by the places that lie between the bounds."""
    key = [slice(None) if index == axis else 0 for index in range(len(tensor.shape))]
    row = emitter.op("numpy.GetItem", tensor, key) if len(key) > 1 else tensor
    ones = emitter.op("core.Cast", emitter.op("numpy.OnesLike", row), config={"dtype": "int32"})
    places = elementwise(emitter, "numpy.Subtract", emitter.op("numpy.Cumsum", ones, config={"axis": 0}), 1)
    whole = emitter.op("numpy.Sum", ones, config={"axis": None, "keepdims": False})
    kept = [
        elementwise(emitter, symbol, places, _bound(emitter, bound, whole))
        for symbol, bound in (("numpy.GreaterEqual", start), ("numpy.Less", stop))
        if bound is not None
    ]
    inside = kept[0] if len(kept) == 1 else elementwise(emitter, "numpy.LogicalAnd", *kept)
    emitter.note("rebuilt", NOTE)
    found: Tensor = take(emitter, tensor, _where(emitter, inside), axis)
    return found


def _where(emitter: Emitter, condition: Tensor) -> Tensor:
    return emitter.op_many("numpy.Nonzero", condition)[0]


def _bound(emitter: Emitter, bound: Value, whole: Tensor) -> Value:
    """A bound counted from the front; one beyond either end takes all up to there, as in Python."""
    if isinstance(bound, RuntimeInteger):
        bound = materialise(emitter, bound, "int32")
    if not isinstance(bound, Tensor):
        if bound >= 0:
            return int(bound)
        return elementwise(emitter, "numpy.Add", whole, int(bound))
    if bound.shape not in ((), (1,)):
        raise emitter.refuse("a slice bound that is several numbers")
    number = index_operand(emitter, bound)
    if number.dtype != "int32":
        number = emitter.op("core.Cast", number, config={"dtype": "int32"})
    behind = elementwise(emitter, "numpy.Less", number, 0)
    from_end = elementwise(emitter, "numpy.Add", number, whole)
    return emitter.op("numpy.Where", behind, from_end, number)
