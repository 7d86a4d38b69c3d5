"""`optimizer/vars/N`: every variable of the Keras 3 optimizer, in its order.

The number of steps, the learning rate unless a schedule makes it, then the slots. The
layout is the same from Keras 3.3 to 3.15, except for Nadam, whose running product moved
from the front to the back in 3.10: an array in its place would not load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from k2to3.source.tensors import Array, StoredTensor
from k2to3.training.carry import carried, scalar, scaled
from k2to3.training.record import Optimizer
from k2to3.training.schedules import Unsupported
from k2to3.training.slots import Slot, wanted_slots
from k2to3.training.stored import Slots
from k2to3.training.variables import Trained
from k2to3.weights import Expression, Stored
from k2to3.weights.expression import _Unary


@dataclass(frozen=True)
class Cast(_Unary):
    """A scalar in another type: Keras 1 counted steps in float32, Keras 3 in int64."""

    source: Expression
    target: str

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.source.shape

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.target

    @property
    def exact(self) -> bool:
        return self.target == self.source.dtype

    def compute(self) -> Array:
        return np.asarray(self.source.compute()).astype(self.target)

    def __str__(self) -> str:
        return f"{self.source} as {self.target}"


def optimizer_variables(optimizer: Optimizer, slots: Slots, trained: Sequence[Trained]) -> tuple[Expression, ...]:
    """The variables of `optimizer`, from the arrays of the file.

    Raises:
        Unsupported: the state cannot be carried.
    """
    if optimizer.inner is not None:
        return (*_loss_scale(optimizer, slots), *optimizer_variables(optimizer.inner, slots, trained))
    if optimizer.class_name == "Nadam":
        raise Unsupported("Keras 3.10 moved a variable of Nadam, so no archive suits every release")
    if optimizer.class_name == "Ftrl" and any(scaled(t.expression) for t in trained):
        raise Unsupported("Ftrl computes weights from its own arrays, which folding does not reach")
    found = _head(optimizer, slots)
    for group in wanted_slots(optimizer.class_name, optimizer.config):
        for variable in trained:
            found += [_slot(optimizer, slot, slots, variable) for slot in group]
    return tuple(found)


def _head(optimizer: Optimizer, slots: Slots) -> list[Expression]:
    steps = slots.scalars.get("iterations")
    found: list[Expression] = [_int64(steps) if steps else scalar(0, "int64", "steps")]
    rate = optimizer.config["learning_rate"]
    if not isinstance(rate, dict):
        found.append(scalar(rate, "float32", "learning rate"))
    return found


def _int64(tensor: StoredTensor) -> Expression:
    return Stored(tensor) if tensor.dtype == "int64" else Cast(Stored(tensor), "int64")


def _slot(optimizer: Optimizer, slot: Slot, slots: Slots, variable: Trained) -> Expression:
    arrays = slots.find(slot.names)
    shape = variable.expression.shape
    if optimizer.class_name == "Adafactor":
        if not variable.expression.exact or not isinstance(variable.expression, Stored):
            raise Unsupported(f"Adafactor's factors of layer {variable.layer!r}, whose weights are rearranged")
        if len(shape) < 2 and slot.names[0] in ("r", "c"):
            return scalar(0, "float32", "unused")
    if arrays is None:
        raise Unsupported(f"the file holds no arrays {slot.names[0]!r}")
    return carried(variable.expression, arrays, slot.power)


def _loss_scale(optimizer: Optimizer, slots: Slots) -> list[Expression]:
    if not {"scale", "good_steps"} <= set(slots.scalars):
        raise Unsupported("the file holds no loss scale")
    steps, scale = slots.scalars["good_steps"], slots.scalars["scale"]
    # The outer optimizer's own step count and learning rate are never used.
    unused = [scalar(0, "int64", "unused"), scalar(0.0, "float32", "unused")]
    return [*unused, _int64(steps), Cast(Stored(scale), "float32") if scale.dtype != "float32" else Stored(scale)]
