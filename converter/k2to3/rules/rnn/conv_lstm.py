"""ConvLSTM: Keras 2's default `recurrent_activation` is hard_sigmoid, Keras 3's is sigmoid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import read_activation
from k2to3.rules.common import activity, trained
from k2to3.rules.conv.conv import rank_of, read_format, spatial
from k2to3.rules.core.core import kernel_and_bias
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.rules.rnn.recurrence import converted, outcome, read_turn
from k2to3.rules.rnn.recurrent import read_flags, sequence_masks, sequence_settings
from k2to3.rules.rnn.recurrent_cells import DEFAULTS, GATES, KERAS1, fold_gates
from k2to3.sources.json_text import Json
from k2to3.weights import Concat, Expression, Flip


def conv_lstm_slots(layer: Described) -> Slots:
    if layer.writer.keras1:
        names = tuple(f"{part}_{gate}" for gate in KERAS1["LSTM"] for part in ("W", "U", "b"))
        return Slots(names, trainable=layer.record.trainable)
    found = kernel_and_bias(layer).trained
    return Slots(("kernel", "recurrent_kernel", *found[1:]), trainable=layer.record.trainable)


@rule("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", slots=conv_lstm_slots, masks=sequence_masks)
def conv_lstm(context: Context) -> Native | Composite:
    """`time_major` is gone; hard_sigmoid gates are folded; Theano kernels are flipped."""
    config = context.config
    if config.peek("data_format") != "channels_first":
        return _conv_lstm(context)
    return _channels_last(context)


def _channels_last(context: Context) -> Composite:
    """Between Permute layers, also around states, so that it runs on every device."""
    rank = rank_of(context.record.class_name)
    moves = {
        "frames_last": [1, *range(3, rank + 3), 2],
        "frames_first": [1, rank + 2, *range(2, rank + 2)],
        "state_last": [*range(2, rank + 2), 1],
        "state_first": [rank + 1, *range(1, rank + 1)],
    }
    layers = {
        name: context.layer("Permute", {"dims": dims}, name=f"{context.name}_{name}") for name, dims in moves.items()
    }
    given = list(tensors(context.inputs))
    probe = Graph()
    moved = [probe.call(_last(layers, index), tensor) for index, tensor in enumerate(given)]
    context.inputs = moved if isinstance(context.inputs, list) else moved[0]
    context.config.override("data_format", "channels_last")
    sequences = bool(context.config.peek("return_sequences"))
    inner = converted(_conv_lstm(context))
    context.note("rebuilt", "channels_first: between Permute layers, so that it runs on every device")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        turn = read_turn(inputs, kwargs)
        states = [graph.call(layers["state_last"], state) for state in turn.states]
        found = graph.call(layers["frames_last"], turn.source)
        found.mask = turn.mask
        outputs = inner(graph, replace(turn, source=found, states=states))
        first_back = layers["frames_first" if sequences else "state_first"]
        back = [graph.call(first_back, outputs[0]), *(graph.call(layers["state_first"], x) for x in outputs[1:])]
        return back if len(back) > 1 else back[0]

    return Composite(body, inline=True)


def _last(layers: dict[str, Layer], index: int) -> Layer:
    return layers["state_last" if index else "frames_last"]


def _conv_lstm(context: Context) -> Native | Composite:
    config, rank = context.config, rank_of(context.record.class_name)
    data_format = read_format(context)
    flags = read_flags(context)
    if flags.time_major:
        # `ConvRNN.call` in layers/convolutional_recurrent.py has none, whatever its config says.
        raise UnsupportedOption("Keras 2's ConvLSTM knew no time_major", layer=context.record.name, key="time_major")
    if config.flag("unroll", False):
        raise UnsupportedOption("Keras 2's ConvLSTM refuses to be unrolled", layer=context.record.name, key="unroll")
    filters = config.integer("filters")
    use_bias = config.flag("use_bias", True)
    settings: Json = {
        "filters": filters,
        "padding": config.take("padding", "valid"),
        "data_format": data_format,
        "use_bias": use_bias,
        "unit_forget_bias": config.flag("unit_forget_bias", True),
    }
    settings |= spatial(context, "kernel_size", "strides", "dilation_rate", rank=rank)
    _refuse_open_space(context, data_format)
    _refuse_other_margins(context, settings)
    for key in ("dropout", "recurrent_dropout"):
        settings[key] = config.number(key, 0.0)
    config.ignore("implementation", "consume_less")
    settings |= sequence_settings(context)
    main = read_activation(context, "activation", "tanh")
    gate = read_activation(context, "recurrent_activation", "hard_sigmoid")
    if main.name is None or gate.name is None or main.folds:
        raise UnsupportedOption(
            "an activation that ConvLSTM cannot take exactly", layer=context.record.name, key="activation"
        )
    settings |= {"activation": main.name, "recurrent_activation": gate.name}
    settings |= trained(context, "kernel", "recurrent", "bias", defaults=DEFAULTS) | activity(context)
    variables = _variables(context, data_format, rank, settings)
    if gate.folds:
        context.note("drift", "hard_sigmoid has another slope in Keras 3; 1.2 is folded into gates i, f, o")
        variables = [fold_gates(v, GATES["LSTM"], "ifo", filters) for v in variables]
    cell = Layer("cell", "ConvLSTMCell", variables=variables)
    layer = context.layer(f"ConvLSTM{rank}D", settings, cell=cell)
    return outcome(context, layer, flags)


def _refuse_open_space(context: Context, data_format: str) -> None:
    """`ConvLSTM.build` in keras/src/layers/rnn/conv_lstm.py: its states need the size of the images.

    Raises:
        UnsupportedOption: the model leaves it open.
    """
    space = context.shape[3:] if data_format == "channels_first" else context.shape[2:-1]
    if None in space:
        raise UnsupportedOption(
            f"Keras 3's ConvLSTM must know the size of its images, which are {list(space)} here",
            layer=context.record.name,
            hint="save the model with an input shape that says it",
        )


def _refuse_other_margins(context: Context, settings: Json) -> None:
    """Theano put 'same' margins elsewhere; the recurrent convolution is always 'same'.

    Raises:
        UnsupportedOption: an even kernel, or 'same' with strides, written on Theano.
    """
    strided = settings["padding"] == "same" and any(n > 1 for n in settings["strides"])
    if context.writer.theano and (strided or any(n % 2 == 0 for n in settings["kernel_size"])):
        key = "strides" if strided else "kernel_size"
        raise UnsupportedOption("Theano's margins for this differ from Keras 3's", layer=context.record.name, key=key)


def _variables(context: Context, data_format: str, rank: int, settings: Json) -> list[Expression]:
    filters, size = settings["filters"], settings["kernel_size"]
    width = context.shape[2 if data_format == "channels_first" else -1]
    if context.writer.keras1:
        kernels = [_gates(context, part, (*size, n, filters)) for part, n in (("W", width), ("U", filters))]
        return [*kernels, Concat(tuple(context.weight(f"b_{gate}", filters) for gate in "ifco"), 0)]
    kernels = [
        context.weight("kernel", *size, width, 4 * filters),
        context.weight("recurrent_kernel", *size, filters, 4 * filters),
    ]
    if context.writer.theano:
        context.note("drift", "written on Theano, whose kernels are flipped in space")
        kernels = [Flip(kernel, tuple(range(rank))) for kernel in kernels]
    return [*kernels, context.weight("bias", 4 * filters)] if settings["use_bias"] else kernels


def _gates(context: Context, part: str, shape: tuple[int | None, ...]) -> Expression:
    return Concat(tuple(context.weight(f"{part}_{gate}", *shape) for gate in "ifco"), len(shape) - 1)
