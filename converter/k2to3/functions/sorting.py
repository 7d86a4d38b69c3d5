"""Order: argmax, top_k, sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2to3.functions.arguments import integer, one_axis
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import dtype_name
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.values import Value

symbol = Family()


def _extreme(class_name: str) -> Callable[..., Any]:
    def apply(
        emitter: Emitter, input: Value, axis: Value = None, output_type: Value = "int64", name: Value = None
    ) -> Any:
        """The default axis is 0, not all of them."""
        tensor = as_tensor(emitter, input)
        along = one_axis(emitter, 0 if axis is None else axis, len(tensor.shape))
        found = emitter.op(f"numpy.{class_name}", tensor, config={"axis": along})
        return cast(emitter, found, dtype_name(emitter, output_type or "int64"))

    def first_release(
        emitter: Emitter,
        input: Value,
        axis: Value = None,
        name: Value = None,
        dimension: Value = None,
        output_type: Value = "int64",
    ) -> Any:
        return apply(emitter, input, dimension if axis is None else axis, output_type)

    short = class_name.lower()
    symbol(f"tf.math.{short}")(apply)
    symbol(*(f"tf.compat.v1.{name}" for name in (f"math.{short}", short, f"arg_{short[3:]}")))(first_release)
    return apply


argmax = _extreme("Argmax")
argmin = _extreme("Argmin")


@symbol("tf.math.top_k")
def top_k(
    emitter: Emitter,
    input: Value,
    k: Value = 1,
    sorted: Value = True,
    index_type: Value = "int32",
    name: Value = None,
) -> Any:
    tensor = as_tensor(emitter, input)
    count = integer(emitter, k, "k")
    # Sorted in any case: the order of the others differs between backends.
    values, index = emitter.op_many("math.TopK", tensor, config={"k": count, "sorted": True})
    return [values, emitter.op("core.Cast", index, config={"dtype": "int32"})]


@symbol("tf.math.in_top_k")
def in_top_k(emitter: Emitter, targets: Value, predictions: Value, k: Value, name: Value = None) -> Any:
    config = {"k": integer(emitter, k, "k")}
    return emitter.op("math.InTopK", targets, predictions, config=config)


@symbol("tf.compat.v1.math.in_top_k", "tf.compat.v1.nn.in_top_k")
def in_top_k_v1(emitter: Emitter, predictions: Value, targets: Value, k: Value, name: Value = None) -> Any:
    return in_top_k(emitter, targets, predictions, k)


def _descending(emitter: Emitter, direction: Value) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise emitter.refuse(f"direction {direction!r}")
    return bool(direction == "DESCENDING")


@symbol("tf.sort")
def sort(emitter: Emitter, values: Value, axis: Value = -1, direction: Value = "ASCENDING", name: Value = None) -> Any:
    tensor = as_tensor(emitter, values)
    along = one_axis(emitter, axis, len(tensor.shape))
    found = emitter.op("numpy.Sort", tensor, config={"axis": along})
    return emitter.op("numpy.Flip", found, config={"axis": along}) if _descending(emitter, direction) else found


@symbol("tf.argsort")
def argsort(
    emitter: Emitter,
    values: Value,
    axis: Value = -1,
    direction: Value = "ASCENDING",
    stable: Value = False,
    name: Value = None,
) -> Any:
    tensor = as_tensor(emitter, values)
    along = one_axis(emitter, axis, len(tensor.shape))
    if _descending(emitter, direction):
        tensor = elementwise(emitter, "numpy.Negative", tensor)
    found = emitter.op("numpy.Argsort", tensor, config={"axis": along})
    return emitter.op("core.Cast", found, config={"dtype": "int32"})
