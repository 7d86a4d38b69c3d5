"""Sequential and Functional models: the graph, run call by call, masks included.

Keras runs the inner graph of a nested model with the masks of its inputs, and its outputs carry the masks of
the inner graph (engine/topology.py `run_internal_graph`, engine/functional.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from k2to3.keras2.model import OP_LAYERS, Call, LayerRecord, Ref, leaves, map_leaves
from k2to3.proof.keras2.input_layer import InputLayer
from k2to3.proof.keras2.layer import Context, Layer, Make, Traced
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Structure, Tensor, flatten, floating, map_tensors


class Network(Layer):
    """A model; `layers` in the order of the file, which is `model.layers`."""

    since = "1.0"
    source = "keras/engine/topology.py"
    masking = "passes"
    names = ("Sequential", "Model", "Functional", "Network", "Container", "PreprocessingStage")

    def __init__(self, record: LayerRecord, make: Make) -> None:
        assert record.model is not None
        self.model = record.model
        self.layers = {item.name: make.record(item) for item in self.model.layers}
        self.records: dict[str, LayerRecord] = {item.name: item for item in self.model.layers}
        super().__init__(record, make)
        self.trainable = self.model.trainable
        self.dtype = None

    def read(self, options: Options, make: Make) -> None:
        options.ignore(*options.values)

    def children(self) -> Sequence[tuple[str, Layer]]:
        return [("layers", layer) for layer in self.layers.values()]

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        found = self.run(list(flatten(inputs)), context)
        outputs = [found[ref] for ref in leaves(self.model.outputs)]
        return outputs[0] if len(outputs) == 1 else outputs

    def run(self, inputs: list[Tensor], context: Context) -> dict[Ref, Tensor]:
        """Every tensor of the graph."""
        places = list(leaves(self.model.inputs))
        if len(places) != len(inputs):
            raise self.unspecified(f"{len(inputs)} inputs for {len(places)}")
        found: dict[Ref, Tensor] = {}
        for ref, tensor in zip(places, inputs, strict=True):
            layer = self.layers[ref.layer]
            self._keep(found, ref.layer, 0, layer(tensor, context), context)
        waiting = [
            (name, number, call)
            for name, record in self.records.items()
            for number, call in enumerate(record.calls)
            if not isinstance(self.layers[name], InputLayer)
        ]
        while waiting:
            left = [item for item in waiting if not self._step(found, *item, context)]
            if len(left) == len(waiting):
                raise self.unspecified(f"call of {left[0][0]!r} waits for a tensor that nothing computes")
            waiting = left
        return found

    def _step(self, found: dict[Ref, Tensor], name: str, number: int, call: Call, context: Context) -> bool:
        if any(ref not in found for ref in call.refs()):
            return False
        arguments = map_leaves(found.__getitem__, call.args)
        if self.records[name].class_name not in OP_LAYERS:
            arguments = with_constants(arguments)
        kwargs = {key: map_leaves(found.__getitem__, value) for key, value in call.kwargs.items()}
        context.path.append(name)
        context.numbers.append(number)
        states = dict(context.states)
        outputs = self.layers[name](arguments, context, **kwargs)
        if context.trace is not None:
            outputs = map_tensors(single, outputs)
            path = tuple(zip(context.path, context.numbers, strict=True))
            traced = Traced(path, self.layers[name], arguments, kwargs, list(flatten(outputs)), states)
            context.trace.append(traced)
        context.path.pop()
        context.numbers.pop()
        self._keep(found, name, number, outputs, context)
        return True

    def _keep(self, found: dict[Ref, Tensor], name: str, number: int, outputs: Structure, context: Context) -> None:
        tensors = list(flatten(outputs))
        context.record(name, tensors)
        for index, tensor in enumerate(tensors):
            found[Ref(name, number, index)] = tensor


def with_constants(value: Any) -> Any:
    """Lists of numbers as tensors, which `Layer.__call__` made of them (engine/base_layer.py)."""
    if isinstance(value, list):
        numbers = np.asarray(value) if value and not any(flatten(value)) else None
        if numbers is None or numbers.dtype.kind not in "if":
            return [with_constants(item) for item in value]
        return Tensor(numbers.astype(np.float32 if numbers.dtype.kind == "f" else np.int32))
    return value


def single(tensor: Tensor) -> Tensor:
    """Values that another judge can be given as they are."""
    value = tensor.value
    return replace(tensor, value=value.astype(np.float32).astype(value.dtype)) if floating(value) else tensor
