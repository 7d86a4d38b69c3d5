"""The stated cause of a difference, taken away: what is left must be equal.

Each control repeats the ten steps of Keras 3 with one thing done as Keras 2 did it. It shows
that the reason the plan gives is the whole reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from k2to3.sources.read import read_checkpoint
from k2to3.training.drift import SLOWER
from k2to3.training.record import Optimizer, Training

from tests.conformance.training.arrays import as_keras3


class Control:
    """Nothing changed."""

    label = ""
    min_keras: str | None = None

    def prepare(self, model: Any) -> None:
        """Once, after loading."""

    def before(self, model: Any) -> None:
        """Before each step."""

    def after(self, model: Any, x: Any) -> None:
        """After each step on `x`."""


def control_for(source: Path, folder: Path, training: Training, min_keras: str | None) -> Control | None:
    """The control for what the plan says, or None."""
    assert training.optimizer is not None
    optimizer = training.optimizer.inner or training.optimizer
    text = " ".join(training.differs)
    if "--min-keras 3.10" in text:
        return Newer()
    if "250 times" in text:
        return LegacyNadam(source, optimizer)
    if "times 1.2" in text:
        return Stretched(source, folder, SLOWER.get(optimizer.class_name, 1), min_keras)
    if "left the rows" in text:
        return Lazy()
    if any("epsilon inside the square root" in reason for reason in training.close):
        return EpsilonOutside(optimizer)
    return None


class Newer(Control):
    """An archive for Keras 3.10 and later carries Nadam's state."""

    label, min_keras = "with --min-keras 3.10", "3.10"


class Stretched(Control):
    """Each change of a weight that is stored `k` times as large, times `k ** power`."""

    label = "with the steps of folded gates made as long as before"

    def __init__(self, source: Path, folder: Path, power: int, min_keras: str | None) -> None:
        import h5py
        import keras

        ones: dict[str, np.ndarray] = {}

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and name.startswith("model_weights"):
                ones[name] = np.ones(item.shape, item.dtype)

        with h5py.File(source) as file:
            file.visititems(visit)
        as_keras3(source, folder, ones, min_keras)
        twin = keras.saving.load_model(folder / "expected.keras", compile=False)
        self.factors = [value(v) ** power - 1 for v in twin.trainable_variables]
        self.old: list[Any] = []

    def before(self, model: Any) -> None:
        self.old = [value(v) for v in model.trainable_variables]

    def after(self, model: Any, x: Any) -> None:
        for variable, old, factor in zip(model.trainable_variables, self.old, self.factors, strict=True):
            new = value(variable)
            variable.assign(new + factor * (new - old))


class Lazy(Control):
    """Rows of an Embedding, and of its arrays in the optimizer, stay where the token is not in the batch."""

    label = "with the rows of absent tokens left alone"

    def before(self, model: Any) -> None:
        self.old = [(v, value(v)) for v in self._tables(model)]

    def _tables(self, model: Any) -> list[Any]:
        table = next(layer for layer in model.layers if type(layer).__name__ == "Embedding").embeddings
        same = [v for v in model.optimizer.variables if tuple(v.shape) == tuple(table.shape)]
        return [table, *same]

    def after(self, model: Any, x: Any) -> None:
        for variable, old in self.old:
            _put_back(variable, old, x)


class EpsilonOutside(Control):
    """Adagrad and RMSprop with epsilon added to the root."""

    label = "with epsilon outside the square root"

    def __init__(self, optimizer: Optimizer) -> None:
        self.config = optimizer.config

    def prepare(self, model: Any) -> None:
        from keras import ops

        optimizer, config = model.optimizer, self.config
        decay, centered = config.get("rho"), config.get("centered")
        arrays = optimizer._accumulators if decay is None else optimizer._velocities
        epsilon = float(config["epsilon"]) ** 0.5

        def update_step(gradient: Any, variable: Any, rate: Any) -> None:
            array = arrays[optimizer._get_variable_index(variable)]
            square = ops.square(gradient)
            new = array + square if decay is None else decay * array + (1 - decay) * square
            optimizer.assign(array, new)
            if centered:
                mean = optimizer._average_gradients[optimizer._get_variable_index(variable)]
                optimizer.assign(mean, decay * mean + (1 - decay) * gradient)
                new = new - ops.square(mean)
            optimizer.assign_sub(variable, rate * gradient / (ops.sqrt(new) + epsilon))

        optimizer.update_step = update_step


class LegacyNadam(Control):
    """Nadam as it was before TensorFlow 2.11: momentum rises with `0.96 ** (0.004 * step)`."""

    label = "with the formula and the arrays of the old Nadam"

    def __init__(self, source: Path, optimizer: Optimizer) -> None:
        self.config = optimizer.config
        with read_checkpoint(source) as checkpoint:
            arrays = [tensor.read() for tensor in checkpoint.optimizer_weights()]
            self.lazy = not checkpoint.writer.standalone
        self.steps = int(arrays[0])
        self.moments = [array for array in arrays[1:] if array.shape]

    def rise(self, step: Any) -> Any:
        return float(self.config["beta_1"]) * (1.0 - 0.5 * 0.96 ** (0.004 * step))

    def prepare(self, model: Any) -> None:
        optimizer = model.optimizer
        optimizer.iterations.assign(self.steps)
        # Standalone Keras did not store the product, but had it.
        optimizer._u_product.assign(np.prod([self.rise(step + 1) for step in range(self.steps)], dtype="float32"))
        for variable, array in zip([*optimizer._momentums, *optimizer._velocities], self.moments, strict=True):
            variable.assign(array)
        optimizer._backend_update_step = self._all(optimizer)
        optimizer.update_step = self._one(optimizer)

    def _all(self, optimizer: Any) -> Any:
        from keras import ops

        def backend_update_step(gradients: Any, variables: Any, rate: Any) -> None:
            product = optimizer._u_product * self.rise(ops.cast(optimizer.iterations + 1, "float32"))
            optimizer.assign(optimizer._u_product, product)
            super(type(optimizer), optimizer)._backend_update_step(gradients, variables, rate)

        return backend_update_step

    def _one(self, optimizer: Any) -> Any:
        from keras import ops

        first, second, epsilon = (float(self.config[key]) for key in ("beta_1", "beta_2", "epsilon"))

        def update_step(gradient: Any, variable: Any, rate: Any) -> None:
            gradient = ops.convert_to_tensor(gradient)
            step = ops.cast(optimizer.iterations + 1, "float32")
            now, then, product = self.rise(step), self.rise(step + 1), ops.convert_to_tensor(optimizer._u_product)
            index = optimizer._get_variable_index(variable)
            m = first * ops.convert_to_tensor(optimizer._momentums[index]) + (1 - first) * gradient
            v = second * ops.convert_to_tensor(optimizer._velocities[index]) + (1 - second) * ops.square(gradient)
            optimizer.assign(optimizer._momentums[index], m)
            optimizer.assign(optimizer._velocities[index], v)
            mean = (1 - now) * gradient / (1 - product) + then * m / (1 - product * then)
            root = ops.sqrt(v / (1 - ops.power(second, step))) + epsilon
            optimizer.assign_sub(variable, rate * mean / root)

        return update_step

    def before(self, model: Any) -> None:
        self.table = next((layer for layer in model.layers if type(layer).__name__ == "Embedding"), None)
        self.old = None if self.table is None else value(self.table.embeddings)

    def after(self, model: Any, x: Any) -> None:
        if self.lazy and self.table is not None:
            _put_back(self.table.embeddings, self.old, x)


def _put_back(variable: Any, old: Any, x: Any) -> None:
    new = value(variable)
    absent = [row for row in range(len(new)) if row not in set(np.ravel(x).tolist())]
    new[absent] = old[absent]
    variable.assign(new)


def value(variable: Any) -> np.ndarray:
    from keras import ops

    return np.array(ops.convert_to_numpy(variable))
