"""Inside the worker: who says what Keras 2 computes. Two readings that were written apart.

`Specification` is our own executable specification, by the generation of the author and in float64; `TfKeras` is the
Keras 2 that is still maintained, adapted to old files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.handed import read_array
from k2to3.proof.keras2.layer import Step, Traced
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.keras2.specification import Specification
from k2to3.proof.keras2.tensor import Tensor, flatten, map_tensors
from k2to3.proof.running import call
from k2to3.sources.author import read_writer

Job = dict[str, Any]
Arrays = list[Any]
States = list[tuple[Any, Any]]


class TfKeras:
    """tf-keras on the record of the checkpoint."""

    name = "tf-keras"

    def __init__(self, model: Any, label: str, inputs: list[Job]) -> None:
        self.label, self._model, self._inputs = label, model, inputs
        self._before: States = []

    def predict(self, values: Arrays) -> Arrays:
        """All outputs; a stateful model goes on from the batch before."""
        self._before = _states(self._model)
        return call(self._model, values)

    def tried(self, values: Arrays) -> Arrays:
        """All outputs; a stateful model stays where it is."""
        before = _states(self._model)
        try:
            return call(self._model, values)
        finally:
            _restore(before)

    def moved(self, values: Arrays) -> Arrays:
        """The outputs when inputs and weights move in their last bit."""
        generator = np.random.default_rng(0)
        weights, after = self._model.get_weights(), _states(self._model)
        _restore(self._before)
        self._model.set_weights([_nudged(weight, generator) for weight in weights])
        # A token ID is a name, not a quantity: half a token is another token.
        tokens = [spec["vocabulary"] is not None for spec in self._inputs]
        moved = [value if token else _nudged(value, generator) for value, token in zip(values, tokens, strict=True)]
        try:
            return call(self._model, moved)
        finally:
            self._model.set_weights(weights)
            _restore(after)


class Specified:
    """The specification on the stored architecture and the stored weights."""

    name = "the specification"

    def __init__(self, specification: Specification, author: str) -> None:
        self._specification, self.label = specification, f"the specification of {author}"
        self._states: Mapping[int, Arrays] = {}
        self._before: Mapping[int, Arrays] = {}

    def predict(self, values: Arrays) -> Arrays:
        """All outputs in float64; a stateful model goes on from the batch before."""
        self._before = self._states
        found = self._specification.run(values, "float64", self._before)
        self._states = found.states
        return list(found.outputs)

    def tried(self, values: Arrays) -> Arrays:
        """All outputs; a stateful model stays where it is."""
        return self._specification.predict(values)

    def moved(self, values: Arrays) -> Arrays:
        """The same in float32: how far rounding alone takes it."""
        return list(self._specification.run(values, "float32", self._before).outputs)

    def calls(self, values: Arrays) -> tuple[list[Judged], Arrays]:
        """Every call of a layer in the order of the run, and all outputs; a stateful model goes on from before."""
        self._before = self._states
        traced, run = self._specification.trace(values, self._before)
        self._states = run.states
        calls = [Judged(call.path, call.layer.class_name, call.outputs, call.layer.dtype, call) for call in traced]
        return calls, list(run.outputs)

    def moved_call(self, call: Judged, part: slice | None = None) -> Arrays:
        """What one call gives in float32 on the same inputs; `part` are the time steps that it gets."""
        return [tensor.value for tensor in self._specification.again(call.traced, "float32", part)]

    def call(self, call: Judged, part: slice | None = None) -> Arrays:
        """What one call gives."""
        return [tensor.value for tensor in self._specification.again(call.traced, "float64", part)]

    def given(self, call: Judged) -> list[Tensor]:
        """All tensors that one call gets."""
        return [*flatten(call.traced.args), *flatten(call.traced.kwargs)]

    def small_call(self, call: Judged, factor: float, dtype: str = "float64") -> Arrays:
        """What one call gives on a multiple of its inputs."""

        def small(tensor: Tensor) -> Tensor:
            floats = tensor.value.dtype.kind == "f"
            return replace(tensor, value=tensor.value * factor) if floats else tensor

        traced = replace(call.traced, args=map_tensors(small, call.traced.args))
        return [tensor.value for tensor in self._specification.again(traced, dtype)]

    def steps(self, call: Judged) -> list[Step]:
        """The steps of the recurrences in one call."""
        return self._specification.steps(call.traced)

    def config(self, call: Judged) -> Job:
        """What the file says of a layer."""
        return self._specification.record(call.path).config


@dataclass(frozen=True)
class Judged:
    """One call of a layer, by a judge; `traced` is the judge's own word for it."""

    path: tuple[tuple[str, int], ...]
    class_name: str
    outputs: list[Tensor]
    dtype: str | None
    traced: Traced


def specified(job: Job) -> Specified:
    """The specification of the author's Keras for this checkpoint.

    Raises:
        NotSpecified: it has no entry for a part of it, or the user told how to read it.
    """
    if job["lambdas"] or job["custom_objects"] or job["own_rules"]:
        raise NotSpecified("the user told how to read the file")
    author = job["author"]
    writer = read_writer(author)
    model = read_model(job["stored_config"], writer)
    if isinstance(model.outputs, Mapping):
        raise NotSpecified("outputs by name")
    groups = {name: tuple(Handed(item, job["files"]) for item in items) for name, items in job["groups"].items()}
    specification = Specification(model, writer, groups, job["by_path"])  # type: ignore[arg-type]
    return Specified(specification, str(writer))


@dataclass(frozen=True)
class Handed:
    """An array of the checkpoint, as the specification asks for it (see `StoredTensor`)."""

    item: Job
    files: list[int | str]

    @property
    def name(self) -> str:
        return str(self.item["name"])

    @property
    def path(self) -> str:
        return str(self.item["path"])

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.item["shape"])

    @property
    def dtype(self) -> str:
        found = np.dtype(self.item["dtype"])
        return "bfloat16" if found.kind == "V" else found.newbyteorder("=").name

    def read(self) -> Any:
        return read_array(self.item, self.files)


def _states(model: Any) -> States:
    """What stateful layers hold, and their variables."""
    import tensorflow as tf

    stateful = [layer for layer in model._flatten_layers() if getattr(layer, "stateful", False)]
    held = [state for layer in stateful for state in tf.nest.flatten(getattr(layer, "states", None) or [])]
    return [(variable, variable.numpy()) for variable in held if hasattr(variable, "assign")]


def _restore(states: States) -> None:
    for variable, value in states:
        variable.assign(value)


def _nudged(value: Any, generator: np.random.Generator) -> Any:
    if value.dtype.kind != "f":
        return value
    step = generator.choice([-1.0, 1.0], size=value.shape) * np.finfo(value.dtype).eps
    return (value * (1 + step)).astype(value.dtype)
