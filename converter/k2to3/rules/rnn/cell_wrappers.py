"""Cells around cells: `DeviceWrapper`, `DropoutWrapper` and `ResidualWrapper` of TensorFlow."""

from __future__ import annotations

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Slots
from k2to3.rules.common import NEUTRAL
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.rules.rnn.recurrence import Flags, SequenceCall, composite, native, reordered, swapped

WRAPPERS = ("DeviceWrapper", "DropoutWrapper", "ResidualWrapper")


def inner_cell(record: LayerRecord) -> LayerRecord:
    value = record.config.get("cell")
    if not isinstance(value, dict):
        raise BadConfig("has no cell", layer=record.name, key="cell")
    return parse_layer(value)


def wrapper_slots(layer: Described) -> Slots:
    return layer.slots(inner_cell(layer.record))


@rule(*WRAPPERS, slots=wrapper_slots)
def cell_wrapper(context: Context) -> Native:
    """Gone in Keras 3: a device is dropped, a residual is an Add behind the layer.

    Only inside RNN; residuals around masked sequences or inside stacks are unrolled.
    Refused: DropoutWrapper, which is random at inference too, and residual functions of one's own.
    """
    raise BadConfig("a cell stands outside an RNN layer", layer=context.record.name)


def read_wrapper(record: LayerRecord) -> bool:
    """Whether a wrapper adds the input to the output of its cell.

    Raises:
        UnsupportedOption: a wrapper that Keras 3 cannot do without.
    """
    config = Config(record.config, record.name)
    config.ignore(*NEUTRAL, "dtype", "cell", "device", "seed", "input_size", "variational_recurrent")
    for key in ("input_keep_prob", "output_keep_prob", "state_keep_prob"):
        if config.take(key, 1.0) != 1.0:
            raise UnsupportedOption("drops out at inference as well", layer=record.name, key=key)
    if config.take("residual_fn", None) is not None:
        raise UnsupportedOption("a function of its own", layer=record.name, key="residual_fn")
    config.ignore("residual_fn_type", "residual_fn_module")
    config.finish()
    return record.class_name == "ResidualWrapper"


def with_residual(context: Context, layer: Layer, flags: Flags, order: list[int] | None) -> Composite:
    """The input added to the output; states never see the sum, so this is exact without masks.

    Raises:
        UnsupportedOption: a later call with a mask, where Keras 2 repeats the sum of an earlier step.
    """
    total = context.layer("Add", name=f"{context.name}_residual")
    context.note("rebuilt", "ResidualWrapper: the input is added behind the layer")
    inner = native(layer)

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        if turn.mask is not None:
            raise UnsupportedOption("a residual around a masked sequence", layer=context.record.name, key="cell")
        outputs = inner(graph, turn)
        beside = _beside(graph, turn.source, flags.sequences, flags.backwards)
        outputs[0] = graph.call(total, [beside, outputs[0]])
        return outputs

    around = run if order is None else reordered(run, order)
    return composite(swapped(around, flags.sequences) if flags.time_major else around)


def _beside(graph: Graph, tensor: Tensor, sequences: bool, backwards: bool) -> Tensor:
    """The inputs in the order of the outputs, or the one of the last step."""
    if not sequences:
        return ops.get_item(graph, tensor, [slice(None), 0 if backwards else -1])
    return ops.flip(graph, tensor, axis=1) if backwards else tensor
