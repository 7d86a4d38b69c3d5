"""A model of Keras 1 or 2, computed as its author's Keras computed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from k2to3.keras2.model import LayerRecord, Model, leaves
from k2to3.proof.keras2.author import read_author
from k2to3.proof.keras2.catalogue import Builder
from k2to3.proof.keras2.input_layer import InputLayer
from k2to3.proof.keras2.layer import Context, Step, Traced
from k2to3.proof.keras2.misreadings import misreadings
from k2to3.proof.keras2.network import Network
from k2to3.proof.keras2.stored import bind
from k2to3.proof.keras2.stored_by_path import bind_by_path
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, flatten, floating, map_tensors
from k2to3.sources.author import Writer
from k2to3.sources.checkpoint import WeightGroups


@dataclass(frozen=True)
class Evaluation:
    """What one `predict` computed.

    `calls` maps the path of a layer (`inner/dense_1` in a nested model) to the flat outputs of each of its
    calls, in order; `states` is what stateful layers hold afterwards.
    """

    outputs: list[Array]
    calls: Mapping[str, list[list[Tensor]]]
    states: Mapping[int, list[Array]]


class Specification:
    """`model` is what `read_model` makes of the architecture; `weights` what the checkpoint holds by layer
    name, or by the path of the owner (`by_path`, as `Checkpoint.by_path` says).

    Raises:
        NotSpecified: a layer, an option or the number of weights has no entry.
    """

    def __init__(self, model: Model, writer: Writer, weights: WeightGroups, by_path: bool = False) -> None:
        names = [tensor.name for tensors in weights.values() for tensor in tensors]
        config = {"layers": [{"class_name": r.class_name, "config": r.config} for r in _records(model)]}
        self.author = read_author(writer, config, names)
        record = LayerRecord("Sequential" if model.sequential else "Functional", model.name, {}, model=model)
        with misreadings([]):
            self.network = Network(record, Builder(self.author))
            (bind_by_path if by_path else bind)(self.network, weights)

    @property
    def inputs(self) -> list[str]:
        """Names of the input layers, in the order that `predict` takes."""
        return [ref.layer for ref in leaves(self.network.model.inputs)]

    def predict(self, inputs: Sequence[Array], dtype: str = "float64") -> list[Array]:
        """The outputs in model order, computed in `dtype`; stateful layers begin at zero."""
        return self._run(inputs, Context(np.dtype(dtype), keeps=False)).outputs

    def run(
        self, inputs: Sequence[Array], dtype: str = "float64", states: Mapping[int, list[Array]] | None = None
    ) -> Evaluation:
        """As `predict`, with every call; `states` of a run before lets stateful layers go on."""
        return self._run(inputs, Context(np.dtype(dtype), dict(states or {})))

    def trace(
        self, inputs: Sequence[Array], states: Mapping[int, list[Array]] | None = None
    ) -> tuple[list[Traced], Evaluation]:
        """Every call in the order of the run, in float64, with outputs as another judge can be given them."""
        traced: list[Traced] = []
        run = self._run(inputs, Context(np.dtype("float64"), dict(states or {}), keeps=False, trace=traced))
        return traced, run

    def again(self, call: Traced, dtype: str, part: slice | None = None) -> list[Tensor]:
        """One call by itself, on the same inputs; `part` are the time steps of the first that it gets."""
        if part is not None:
            call = replace(call, args=shortened(call.args, part))
        return self._again(call, Context(np.dtype(dtype), dict(call.states), keeps=False))

    def record(self, path: Sequence[tuple[str, int]]) -> LayerRecord:
        """What the file says of the layer that is called there."""
        network = self.network
        for name, _ in path[:-1]:
            inner = network.layers[name]
            assert isinstance(inner, Network)
            network = inner
        records: Mapping[str, LayerRecord] = network.records
        return records[path[-1][0]]

    def steps(self, call: Traced) -> list[Step]:
        """The steps of the recurrent layers that one call runs, in float64."""
        steps: list[Step] = []
        self._again(call, Context(np.dtype("float64"), dict(call.states), keeps=False, steps=steps))
        return steps

    def _again(self, call: Traced, context: Context) -> list[Tensor]:
        context.fixed_batch = self._fixed_batch()

        def cast(tensor: Tensor) -> Tensor:
            return replace(tensor, value=tensor.value.astype(context.dtype)) if floating(tensor.value) else tensor

        kwargs = {key: map_tensors(cast, value) for key, value in call.kwargs.items()}
        with misreadings([name for name, _ in call.path]), np.errstate(all="ignore"):
            return list(flatten(call.layer(map_tensors(cast, call.args), context, **kwargs)))

    def _run(self, inputs: Sequence[Array], context: Context) -> Evaluation:
        context.fixed_batch = self._fixed_batch()
        with misreadings(context.path), np.errstate(all="ignore"):
            found = self.network.run([Tensor(np.asarray(x)) for x in inputs], context)
        outputs = [found[ref].value for ref in leaves(self.network.model.outputs)]
        return Evaluation(outputs, context.calls, context.states)

    def _fixed_batch(self) -> bool:
        layers = [self.network.layers[name] for name in self.inputs]
        return any(isinstance(layer, InputLayer) and layer.shape and layer.shape[0] is not None for layer in layers)


def shortened(args: Structure, part: slice) -> Structure:
    """The first tensor, with some of its time steps."""
    if isinstance(args, Tensor):
        return Tensor(args.value[:, part], None if args.mask is None else args.mask[:, part])
    if isinstance(args, list) and args:
        return [shortened(args[0], part), *args[1:]]
    return args


def _records(model: Model) -> Iterable[LayerRecord]:
    for record in model.layers:
        yield record
        if record.model is not None:
            yield from _records(record.model)
