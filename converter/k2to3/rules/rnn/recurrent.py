"""Recurrent layers: `time_major`, `implementation` and others are gone."""

from __future__ import annotations

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.cells import parse_cell
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Slots
from k2to3.rules.common import activity, forgotten_regularizer
from k2to3.rules.language import CallSite, Composite, Context, Described, Masks, Native, rule
from k2to3.rules.rnn.any_cell import Order, read_any_cell, reads_rows
from k2to3.rules.rnn.cell_steps import Cell
from k2to3.rules.rnn.cell_wrappers import with_residual
from k2to3.rules.rnn.cudnn import could_use_cudnn
from k2to3.rules.rnn.recurrence import Flags, composite, holds_state, outcome, reordered, swapped
from k2to3.rules.rnn.recurrent_cells import cell_slots, family, read_cell
from k2to3.rules.rnn.unrolled import Masked, StepCell, residual, unrolled
from k2to3.sources.json_text import Json

FLAGS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")


def sequence_masks(context: Context, masks: Masks) -> Masks:
    """The input's mask on sequences, none on a last output or on states."""
    return [masks[0]] if context.config.peek("return_sequences", False) else [None]


def read_flags(context: Context) -> Flags:
    config = context.config
    return Flags(
        bool(config.peek("return_sequences")),
        bool(config.peek("return_state")),
        bool(config.peek("go_backwards")),
        config.flag("time_major", False),
    )


def sequence_settings(context: Context) -> Json:
    """Flags common to all recurrent layers, those that are off left out."""
    config = context.config
    settings: Json = {flag: True for flag in FLAGS if config.flag(flag, False)}
    if config.flag("zero_output_for_mask", False):
        settings["zero_output_for_mask"] = True
    config.ignore("input_length", "input_dim")
    return settings


def refuse_forgotten_zeros(site: CallSite) -> None:
    """
    Raises:
        UnsupportedOption: a mask, where TF 2.1 forgot `zero_output_for_mask` or not.
    """
    record = site.record
    if not record.config.get("zero_output_for_mask") or site.conversion.writer.version != (2, 3, 0):
        return
    if site.mask is not None and could_use_cudnn(record) and not site.names_cells():
        raise UnsupportedOption("TF 2.1 forgot it where CuDNN could have run", key="zero_output_for_mask")


@rule(
    "LSTM",
    "GRU",
    "SimpleRNN",
    "CuDNNLSTM",
    "CuDNNGRU",
    "LSTMV1",
    "LSTMV2",
    "GRUV1",
    "GRUV2",
    slots=cell_slots,
    masks=sequence_masks,
    check=refuse_forgotten_zeros,
)
def recurrent(context: Context) -> Native | Composite:
    """`time_major` is refused by Keras 3, `hard_sigmoid` gates have another slope."""
    flags = read_flags(context)
    settings = sequence_settings(context)
    record = context.record
    if record.class_name.startswith("CuDNN"):
        context.note("rebuilt", f"as a plain {family(record.class_name)}")
    context.weights = context.weights.children.get("cell", context.weights)
    parts = read_cell(context, context.shape[2])
    if parts.lacks:
        return unroll(context, Cell(context, parts).steps(), flags, settings, parts.lacks)
    cell_settings, variables = parts.native(context)
    cell = Layer("cell", f"{parts.kind}Cell", variables=variables)
    layer = context.layer(parts.kind, settings | cell_settings | activity(context), cell=cell)
    return outcome(context, layer, flags)


def unroll(context: Context, cell: StepCell, flags: Flags, settings: Json, why: str, order: Order = None) -> Composite:
    """The layer time step by time step.

    Raises:
        UnsupportedOption: stateful, or the number of steps is unknown or too high.
    """
    if settings.get("stateful"):
        raise UnsupportedOption(
            f"has to be unrolled ({why}), and keeps no state from batch to batch then",
            layer=context.record.name,
            key="stateful",
        )
    forgotten_regularizer(context)
    early = holds_state(context.writer) and not settings.get("unroll")
    zero = bool(settings.get("zero_output_for_mask"))
    late = zero and bool(settings.get("unroll")) and flags.backwards
    run = unrolled(context, cell, flags, Masked(zero and not late, early, late))
    context.note("rebuilt", f"unrolled over its time steps, from Dense layers and ops: {why}")
    if order is not None:
        run = reordered(run, order)
    return composite(swapped(run, flags.sequences) if flags.time_major else run, inline=False)


def rnn_slots(layer: Described) -> Slots:
    _refuse_constants(layer)
    cell = parse_cell(layer.config.peek("cell"), layer.record.name)
    return Slots(children={"cell": layer.slots(cell)}, trainable=layer.record.trainable)


def _refuse_constants(layer: Described) -> None:
    """Cells of an author's that take constants: Keras 3's `RNN` has no such argument.

    Raises:
        UnsupportedOption: there are such constants.
    """
    if layer.config.peek("num_constants"):
        raise UnsupportedOption(
            "Keras 3's RNN hands no constants to its cell",
            layer=layer.record.name,
            key="num_constants",
            hint="a rule of yours for RNN (--rules) that repeats them along time beside the features of every step",
        )


# The first state of a stack, which masked steps gave (see `holds_state`), in Keras 2.2.3 and 2.2.4.
LOWEST = "its masked steps give the state of the lowest cell"


@rule("RNN", slots=rnn_slots, masks=sequence_masks)
def rnn(context: Context) -> Native | Composite:
    """Cells are converted like those layers; what Keras 3 has no cell for is unrolled.

    Unrolled: peepholes, odd activations, residuals around masked sequences or inside stacks.
    Refused there: an unknown number of time steps, stateful layers.
    """
    config = context.config
    record = parse_cell(config.take("cell"), context.record.name)
    _check_frames(context, record)
    config.drop("num_constants", None, 0)
    config.ignore("cell_config")
    flags = read_flags(context)
    settings = sequence_settings(context)
    found = read_any_cell(context, record, context.weights.child("cell"), context.shape[2])
    masked = context.masked or context.kwargs.get("mask") is not None
    lowest = found.height > 1 and found.order is None and holds_state(context.writer) and not settings.get("unroll")
    lacks = found.lacks or (LOWEST if lowest and masked else "")
    if found.residual and not lacks and masked:
        lacks = "a residual around a masked sequence"
    if lacks:
        steps = found.steps()
        return unroll(context, residual(steps) if found.residual else steps, flags, settings, lacks, found.order)
    cell = found.layer()
    layer = context.layer("RNN", {"cell": cell, **settings, **activity(context)}, cell=cell)
    if found.residual:
        return with_residual(context, layer, flags, found.order)
    return outcome(context, layer, flags, found.order, maskable=not lowest)


def _check_frames(context: Context, cell: LayerRecord) -> None:
    """Keras's own cells read one row of features at each time step; those of an author read what they like.

    Raises:
        BadConfig: more axes, or fewer.
    """
    if reads_rows(cell) and len(context.shape) != 3:
        text = f"its input has {len(context.shape)} axes with the batch; its cell takes 3"
        raise BadConfig(text, layer=context.record.name)


def stacked_slots(layer: Described) -> Slots:
    children = {
        str(index): layer.slots(parse_layer(value)) for index, value in enumerate(layer.config.peek("cells") or [])
    }
    return Slots(children=children, trainable=layer.record.trainable)


@rule(
    "LSTMCell",
    "GRUCell",
    "SimpleRNNCell",
    "LSTMCellV1",
    "LSTMCellV2",
    "GRUCellV1",
    "GRUCellV2",
    "PeepholeLSTMCell",
    slots=cell_slots,
)
def cell(context: Context) -> Native:
    """Only inside RNN."""
    raise BadConfig("a cell stands outside an RNN layer", layer=context.record.name)


@rule("StackedRNNCells", slots=stacked_slots)
def stacked(context: Context) -> Native:
    """Only inside RNN."""
    raise BadConfig("cells stand outside an RNN layer", layer=context.record.name)
