"""An optimizer's arrays under the transformation of their weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from k2to3.sources.tensors import Array, StoredTensor
from k2to3.training.schedules import Unsupported
from k2to3.weights import Constant, Expression, Stored
from k2to3.weights.expression import Multiply, Sum
from k2to3.weights.normalised import Normalised
from k2to3.weights.pruned import Pruned


def carried(expression: Expression, arrays: Mapping[str, StoredTensor], power: int) -> Expression:
    """The same expression over the arrays of one slot in place of the weights.

    Where the weight is multiplied by `k`, the array is by `k ** power`.

    Raises:
        Unsupported: there is no array for a weight, or the weight is a sum.
    """
    if isinstance(expression, Stored):
        if expression.tensor.path not in arrays:
            raise Unsupported(f"the file holds no optimizer array for weight {expression.tensor.name!r}")
        return Stored(arrays[expression.tensor.path])
    if isinstance(expression, Constant):
        raise Unsupported(f"{expression} is new in Keras 3, and would be trained")
    if isinstance(expression, (Normalised, Pruned, Sum)):
        raise Unsupported(f"two trained weights became one ({expression})")
    if isinstance(expression, Multiply):
        factor = np.power(expression.factor.astype(np.float64), power)
        inner = carried(expression.source, arrays, power)
        return Multiply(inner, factor, f"{expression.label} to the power {power}") if power else inner
    return _rebuilt(expression, arrays, power)


def _rebuilt(expression: Expression, arrays: Mapping[str, StoredTensor], power: int) -> Expression:
    assert is_dataclass(expression)
    changed: dict[str, Any] = {}
    for field in fields(expression):
        value = getattr(expression, field.name)
        if isinstance(value, Expression):
            changed[field.name] = carried(value, arrays, power)
        elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
            changed[field.name] = tuple(carried(item, arrays, power) for item in value)
    return replace(expression, **changed)


def scaled(expression: Expression) -> bool:
    """Whether any element is a multiple of a stored one (`hard_sigmoid`, folded)."""
    return any(isinstance(part, Multiply) for part in parts(expression))


def parts(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it."""
    yield expression
    if not is_dataclass(expression):
        return
    for field in fields(expression):
        value = getattr(expression, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Expression):
                yield from parts(item)


def scalar(value: Any, dtype: str, label: str) -> Constant:
    array: Array = np.array(value, dtype=dtype)
    return Constant(array, label)
