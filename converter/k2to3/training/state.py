"""`optimizer/vars/N`: every variable of the Keras 3 optimizer, in its order.

The number of steps, the learning rate unless a schedule makes it, then the slots. The
layout is the same from Keras 3.3 to 3.15, except for Nadam, whose running product moved
from the front to the back in 3.10: an array in its place would not load. So Nadam's state
is written only when the archive need not open in anything older.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.sources.tensors import Array, StoredTensor
from k2to3.training.carry import carried, scalar, scaled
from k2to3.training.hyperparameters import NEVER
from k2to3.training.record import Optimizer
from k2to3.training.schedules import Unsupported
from k2to3.training.slots import AVERAGE, Slot, wanted_slots
from k2to3.training.stored import OptimizerSlots
from k2to3.training.variables import Trained
from k2to3.weights import Constant, Expression, Stored
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


@dataclass(frozen=True)
class NadamProduct(_Unary):
    """The product of Nadam's momenta over all steps so far, which no H5 file holds.

    TensorFlow 2.11 and later multiply once for each variable but one, where once a step
    is meant: a Python counter is compared in a traced function. Source:
    `_u_product_counter` in tf_keras/src/optimizers/nadam.py.
    """

    source: Expression
    beta: float
    variables: int

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return ()

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return "float32"

    @property
    def exact(self) -> bool:
        return False

    def compute(self) -> Array:
        product, step = 1.0, 0
        while product > 0 and step < int(self.source.compute()):
            step += 1
            times = self.variables - (step < self.variables)
            product *= (self.beta * (1 - 0.5 * 0.96**step)) ** times
        return np.array(product, dtype="float32")

    def __str__(self) -> str:
        return f"product of momenta over {self.source} steps"


NADAM_MOVED = 10


def optimizer_variables(
    optimizer: Optimizer, slots: OptimizerSlots, trained: Sequence[Trained], oldest: int = 0
) -> tuple[Expression, ...]:
    """The variables of `optimizer`, from the arrays of the file.

    `oldest` is the minor version of the oldest Keras 3 that the archive must open in.

    Raises:
        Unsupported: the state cannot be carried.
    """
    if optimizer.inner is not None:
        return (*_loss_scale(optimizer, slots), *optimizer_variables(optimizer.inner, slots, trained, oldest))
    if optimizer.class_name == "Nadam":
        _check_nadam(optimizer, oldest)
    if optimizer.class_name == "Ftrl" and any(scaled(t.expression) for t in trained):
        raise Unsupported("Ftrl computes weights from its own arrays, which folding does not reach")
    found = _head(optimizer, slots)
    for group in wanted_slots(optimizer.class_name, optimizer.config):
        for variable in trained:
            found += [_slot(optimizer, slot, slots, variable) for slot in group]
    if optimizer.class_name == "Nadam":
        found.append(NadamProduct(found[0], float(optimizer.config["beta_1"]), len(trained)))
    return tuple(found)


def _check_nadam(optimizer: Optimizer, oldest: int) -> None:
    if optimizer.legacy:
        raise Unsupported("Nadam raises its momentum 250 times as fast in Keras 3 as before TensorFlow 2.11")
    if oldest < NADAM_MOVED:
        raise Unsupported("Keras 3.10 moved a variable of Nadam; --min-keras 3.10 carries it")


def _head(optimizer: Optimizer, slots: OptimizerSlots) -> list[Expression]:
    steps = slots.scalars.get("iterations")
    found: list[Expression] = [_int64(steps) if steps else scalar(0, "int64", "steps")]
    rate = optimizer.config["learning_rate"]
    if not isinstance(rate, dict):
        found.append(scalar(rate, "float32", "learning rate"))
    return found


def _int64(tensor: StoredTensor) -> Expression:
    return Stored(tensor) if tensor.dtype == "int64" else Cast(Stored(tensor), "int64")


def _slot(optimizer: Optimizer, slot: Slot, slots: OptimizerSlots, variable: Trained) -> Expression:
    arrays = slots.find(slot.names)
    shape = variable.expression.shape
    if optimizer.class_name == "Adafactor":
        if not variable.expression.exact or not isinstance(variable.expression, Stored):
            raise Unsupported(f"Adafactor's factors of layer {variable.layer!r}, whose weights are rearranged")
        if len(shape) < 2 and slot.names[0] in ("r", "c"):
            return scalar(0, "float32", "unused")
    if arrays is None and slots.fresh and slot is not AVERAGE:
        return _start(optimizer, slot, variable)
    if arrays is None:
        raise Unsupported(f"the file holds no arrays {slot.names[0]!r}")
    return carried(variable.expression, arrays, slot.power)


def _start(optimizer: Optimizer, slot: Slot, variable: Trained) -> Expression:
    """What both Kerases begin with, where the model was compiled and never trained."""
    value = optimizer.config.get("initial_accumulator_value", 0.0) if slot.names[0] == "accumulator" else 0.0
    dtype = variable.expression.dtype
    # What could not be carried could not be started alike either.
    carried(variable.expression, {tensor.path: tensor for tensor in variable.expression.sources()}, slot.power)
    known = optimizer.class_name != "Adafactor" and dtype in ("float16", "float32", "float64")
    if not known or (value and scaled(variable.expression)):
        raise Unsupported(f"the file holds no arrays {slot.names[0]!r}")
    shape = variable.expression.shape
    # Zeros take no memory until they are read.
    return Constant(np.full(shape, value, dtype) if value else np.zeros(shape, dtype), "start")


def _loss_scale(optimizer: Optimizer, slots: OptimizerSlots) -> list[Expression]:
    steps, scale = slots.scalars.get("good_steps"), slots.scalars.get("scale")
    # The outer optimizer's own step count and learning rate are never used.
    unused = [scalar(0, "int64", "unused"), scalar(0.0, "float32", "unused")]
    if steps is None or scale is None or optimizer.config["dynamic_growth_steps"] == NEVER:
        # TensorFlow 2.4 and later store neither, and start again from the initial scale.
        initial = scalar(optimizer.config["initial_scale"], "float32", "initial scale")
        return [*unused, scalar(0, "int64", "steps"), initial]
    return [*unused, _int64(steps), Cast(Stored(scale), "float32")]
