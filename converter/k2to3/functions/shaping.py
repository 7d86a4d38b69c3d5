"""Operations that reorder and reshape, but compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers, normal_axis, shape_items, static
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.extents import same_extent
from k2to3.functions.operands import as_tensor, constant_array
from k2to3.functions.values import RuntimeDim, RuntimeInteger, RuntimeNumber, Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape

symbol = Family()


def is_plain(*values: Tensor) -> bool:
    """No masks: a built-in layer does here what an op would."""
    return all(value.mask is None and value.auto is None for value in values)


@symbol("tf.reshape")
def reshape(emitter: Emitter, tensor: Value, shape: Value, name: Value = None) -> Any:
    """Extents known at run time become -1, or are solved from the known ones."""
    target = shape_items(emitter, shape)
    if not isinstance(tensor, Tensor):
        if not holds_runtime(tensor):
            return np.reshape(constant_array(emitter, tensor), static(emitter, target, "shape"))
        if len(target) == 1 and isinstance(tensor, np.ndarray):
            return tensor
        tensor = as_tensor(emitter, tensor)
    kept = _keeps_batch(tensor, target)
    if kept is not None and is_plain(tensor) and len(target) > 1:
        found = (None, *resolved_shape(tensor.shape[1:], kept))
        return tensor if _same_shape(tensor, found) else emitter.call("Reshape", {"target_shape": kept}, tensor)
    wanted = _solve(emitter, tensor, target)
    found = resolved_shape(tensor.shape, wanted)
    if _same_shape(tensor, found):
        return tensor
    return emitter.op("numpy.Reshape", tensor, config={"newshape": wanted})


def _same_shape(tensor: Tensor, found: Shape) -> bool:
    return found == tensor.shape and None not in found[1:]


def _solve(emitter: Emitter, tensor: Tensor, target: list[Any]) -> list[int]:
    """The target with at most one -1."""
    ends = [index for index, item in enumerate(target) if not isinstance(item, int) or item == -1]
    if len(ends) <= 1:
        return [item if isinstance(item, int) else -1 for item in target]
    rest = quotient(tensor.shape, tensor, [item for item in target if item != -1])
    open_ends = [index for index in ends if isinstance(target[index], int)]
    if rest is not None and len(open_ends) == 1 and len(ends) == 2:
        return [rest if i == open_ends[0] else item if isinstance(item, int) else -1 for i, item in enumerate(target)]
    raise emitter.refuse(f"reshape to {len(ends)} extents that only the running model knows")


def _keeps_batch(tensor: Tensor, target: list[Any]) -> list[int] | None:
    """The target after the batch axis, with at most one -1, where the batch stays."""
    if not target or not tensor.shape or tensor.shape[0] is not None:
        return None
    if isinstance(target[0], RuntimeInteger):
        batch = same_extent(target[0], RuntimeDim(tensor, 0))
    else:
        batch = target[0] == -1 and quotient(tensor.shape[1:], tensor, target[1:], 1) == 1
    rest = [item if isinstance(item, int) else -1 for item in target[1:]]
    return rest if batch and rest.count(-1) <= 1 else None


def quotient(source: Shape, tensor: Tensor, target: Sequence[Any], first: int = 0) -> int | None:
    """The known number that remains when extents are divided by a target; None if there is none."""
    known, unknown = 1, []
    for axis, n in enumerate(source):
        if n is None:
            unknown.append(RuntimeDim(tensor, axis + first))
        else:
            known *= n
    divisor = 1
    for factor in (f for item in target for f in _factors(item)):
        if isinstance(factor, int):
            divisor *= factor
            continue
        match = next((dim for dim in unknown if same_extent(dim, factor)), None)
        if match is None:
            return None
        unknown.remove(match)
    return known // divisor if not unknown and divisor > 0 and known % divisor == 0 else None


def _factors(value: Value) -> list[Any]:
    if isinstance(value, RuntimeNumber) and value.operator == "multiply":
        return [*_factors(value.left), *_factors(value.right)]
    return [int(value) if isinstance(value, np.integer) else value]


def resolved_shape(source: Shape, target: Sequence[int]) -> Shape:
    """The shape after reshaping; None where it stays unknown."""
    if -1 not in target:
        return tuple(target)
    known = prod(n for n in target if n != -1)
    if None in source:
        # The unknown extent of the batch goes to the -1 in any case.
        return tuple(None if n == -1 else n for n in target)
    total = prod(n for n in source if n is not None)
    return tuple(total // known if n == -1 and known else n for n in target)


@symbol("tf.transpose")
def transpose(emitter: Emitter, a: Value, perm: Value = None, conjugate: Value = False, name: Value = None) -> Any:
    if not holds_runtime(a):
        return np.transpose(constant_array(emitter, a), None if perm is None else integers(emitter, perm, "perm"))
    tensor = as_tensor(emitter, a)
    rank = len(tensor.shape)
    if perm is None:
        axes = list(reversed(range(rank)))
    else:
        axes = [normal_axis(emitter, axis, rank) for axis in integers(emitter, perm, "perm")]
    if axes == list(range(rank)):
        return tensor
    if axes[0] == 0 and is_plain(tensor):
        return emitter.call("Permute", {"dims": axes[1:]}, tensor)
    return emitter.op("numpy.Transpose", tensor, config={"axes": axes})


def swapped(emitter: Emitter, x: Value) -> Any:
    """The last two axes exchanged."""
    if not isinstance(x, Tensor):
        return np.swapaxes(constant_array(emitter, x), -1, -2)
    return emitter.op("numpy.Swapaxes", x, config={"axis1": -1, "axis2": -2})


@symbol("tf.expand_dims")
def expand_dims(emitter: Emitter, input: Value, axis: Value = None, name: Value = None) -> Any:
    along = integer(emitter, axis, "axis")
    if not isinstance(input, Tensor):
        if isinstance(input, RuntimeInteger):
            return np.array([input], object)
        return np.expand_dims(constant_array(emitter, input) if not holds_runtime(input) else input, along)
    rank = len(input.shape) + 1
    along = normal_axis(emitter, along, rank)
    shape = (*input.shape[:along], 1, *input.shape[along:])
    if rank > 1 and along > 0 and is_plain(input) and None not in input.shape[1:] and input.shape[0] is None:
        return emitter.call("Reshape", {"target_shape": list(shape[1:])}, input)
    return emitter.op("numpy.ExpandDims", input, config={"axis": along})


@symbol("tf.squeeze")
def squeeze(emitter: Emitter, input: Value, axis: Value = None, name: Value = None) -> Any:
    if not isinstance(input, Tensor):
        found = input if isinstance(input, np.ndarray) else constant_array(emitter, input)
        return np.squeeze(found, None if axis in (None, []) else tuple(integers(emitter, axis, "axis")))
    rank = len(input.shape)
    if axis is None or axis == []:
        # An unknown extent may be 1 as well: TensorFlow would squeeze it then.
        if None in input.shape:
            raise emitter.refuse("squeeze without axis also removes the batch axis of a single example")
        along = [i for i, n in enumerate(input.shape) if n == 1]
    else:
        along = sorted({normal_axis(emitter, a, rank) for a in integers(emitter, axis, "axis")})
    for one in reversed(along):
        input = emitter.op("numpy.Squeeze", input, config={"axis": one})
    return input


@symbol("tf.reverse", "tf.reverse_v2")
def reverse(emitter: Emitter, tensor: Value, axis: Value, name: Value = None) -> Any:
    axes = integers(emitter, axis, "axis")
    if not isinstance(tensor, Tensor):
        return np.flip(np.asarray(tensor), tuple(axes))
    for one in axes:
        along = normal_axis(emitter, one, len(tensor.shape))
        tensor = emitter.op("numpy.Flip", tensor, config={"axis": along})
    return tensor


@symbol("tf.roll")
def roll(emitter: Emitter, input: Value, shift: Value, axis: Value, name: Value = None) -> Any:
    tensor = as_tensor(emitter, input)
    shifts = integers(emitter, shift, "shift")
    for one, by in zip(integers(emitter, axis, "axis"), shifts, strict=True):
        along = normal_axis(emitter, one, len(tensor.shape))
        tensor = emitter.op("numpy.Roll", tensor, config={"shift": by, "axis": along})
    return tensor
