"""The temporal convolutional network of keras-tcn (github.com/philipperemy/keras-tcn, tcn/tcn.py).

A residual block is twice (causal convolution, normalisation, activation, dropout), then
the activation once more; that is its skip output. Its main output is the activation of the
skip output plus the input, where needed through a convolution of width 1. So since 3.2.0;
earlier releases differ (activation always relu) and lack the keys by which they are told.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.activations.activation import SAME
from k2to3.rules.common import initializer
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import one_tensor
from k2to3.weights import Expression
from k2to3.weights.normalised import Normalised


@dataclass(frozen=True)
class Block:
    """The layers of one residual block, in call order; `matching` may be the identity."""

    branch: tuple[Layer, ...]
    matching: Layer | None
    total: Layer
    final: Layer


@rule("TCN", "Custom>TCN", "tcn.tcn>TCN", slots=as_stored, masks="drop", origin="keras-tcn")
def tcn(context: Context) -> Composite:
    """keras-tcn 3.2.0 and later: rebuilt block by block from Conv1D, normalisation and Add."""
    config = context.config
    if "use_weight_norm" not in config and "go_backwards" not in config:
        raise UnsupportedOption(
            "keras-tcn before 3.2.0 computed something else under the same name",
            layer=context.record.name,
            hint="--rules or --custom-objects",
        )
    one_tensor(context)
    _drop_options(context)
    dilations, stacks = list(config.take("dilations")), config.integer("nb_stacks")
    filters, width = config.take("nb_filters"), context.shape[-1]
    blocks = []
    for index in range(stacks * len(dilations)):
        place = index % len(dilations)
        count = int(filters[place] if isinstance(filters, list) else filters)
        blocks.append(_block(context, index, int(dilations[place]), count, width))
        width = count
    _finish_options(context)
    skips = config.flag("use_skip_connections")
    sequences = config.flag("return_sequences")
    moment = None if sequences else _moment(context)
    joined = context.layer("Add", name=f"{context.name}_skips") if skips and len(blocks) > 1 else None
    context.note("rebuilt", f"{len(blocks)} residual blocks from built-in layers")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor, found = one(inputs), []
        for block in blocks:
            tensor, skip = _call(graph, block, tensor)
            found.append(skip)
        if skips:
            tensor = graph.call(joined, found) if joined is not None else found[0]
        return tensor if moment is None else _at(graph, tensor, moment, context.name)

    return Composite(body)


def _drop_options(context: Context) -> None:
    context.config.drop("go_backwards", False)
    context.config.drop("return_state", False)


def _finish_options(context: Context) -> None:
    context.config.ignore(
        "kernel_size",
        "padding",
        "activation",
        "dropout_rate",
        "kernel_initializer",
        "use_batch_norm",
        "use_layer_norm",
        "use_weight_norm",
    )


def _block(context: Context, index: int, dilation: int, filters: int, width: int | None) -> Block:
    name = f"{context.name}_block_{index}"
    branch: list[Layer] = []
    extent = width
    for part in range(2):
        branch.append(_convolution(context, index, part, dilation, filters, extent))
        branch += _normalisation(context, index, part, filters)
        branch.append(_activation(context, f"{name}_activation_{part}"))
        rate = context.config.number("dropout_rate")
        branch.append(context.layer("SpatialDropout1D", {"rate": rate}, name=f"{name}_dropout_{part}"))
        extent = filters
    branch.append(_activation(context, f"{name}_activation"))
    matching = _matching(context, index, filters, width) if width != filters else None
    total = context.layer("Add", name=f"{name}_sum")
    return Block(tuple(branch), matching, total, _activation(context, f"{name}_output"))


def _convolution(context: Context, index: int, part: int, dilation: int, filters: int, width: int | None) -> Layer:
    config = context.config
    size, padding = config.integer("kernel_size"), config.take("padding")
    if padding not in ("causal", "same"):
        raise BadConfig(f"{padding!r} is not a padding", layer=context.record.name, key="padding")
    where = f"residual_block_{index}/conv1D_{part}"
    kernel: Expression = context.weight(f"{where}/kernel", size, width, filters)
    if config.peek("use_weight_norm", False):
        kernel = _folded(context, where, kernel, filters)
    settings = {
        "filters": filters,
        "kernel_size": [size],
        "dilation_rate": [dilation],
        "padding": padding,
        "kernel_initializer": initializer(context, "kernel_initializer", "he_normal"),
    }
    name = f"{context.name}_block_{index}_conv_{part}"
    return context.layer("Conv1D", settings, [kernel, context.weight(f"{where}/bias", filters)], name=name)


def _folded(context: Context, where: str, kernel: Expression, filters: int) -> Expression:
    gain = context.find_weight(f"{where}/(.*/)?g", filters)
    if any("data_dep_init" in name for name in context.weights.slots):
        context.note("dropped", "copies of weights that only the first call used")
    return Normalised(kernel, gain, context.find_weight(f"{where}/(.*/)?initialized"))


def _normalisation(context: Context, index: int, part: int, filters: int) -> list[Layer]:
    names: tuple[str, ...] = ("gamma", "beta")
    if context.config.peek("use_batch_norm"):
        class_name, names = "BatchNormalization", (*names, "moving_mean", "moving_variance")
    elif context.config.peek("use_layer_norm"):
        class_name = "LayerNormalization"
    else:
        return []
    where = f"residual_block_{index}/norm_{part}"
    variables: list[Expression] = [context.find_weight(f"{where}/(.*/)?{name}", filters) for name in names]
    name = f"{context.name}_block_{index}_norm_{part}"
    return [context.layer(class_name, {"axis": -1, "epsilon": 1e-3}, variables, name=name)]


def _activation(context: Context, name: str) -> Layer:
    value = context.config.take("activation")
    if value not in SAME:
        raise UnsupportedOption(f"activation {value!r} inside a TCN", layer=context.record.name, key="activation")
    return context.layer("Activation", {"activation": SAME[value]}, name=name)


def _matching(context: Context, index: int, filters: int, width: int | None) -> Layer:
    where = f"residual_block_{index}/matching_conv1D"
    variables: list[Expression] = [
        context.weight(f"{where}/kernel", 1, width, filters),
        context.weight(f"{where}/bias", filters),
    ]
    settings = {"filters": filters, "kernel_size": [1], "padding": "same"}
    return context.layer("Conv1D", settings, variables, name=f"{context.name}_block_{index}_matching")


def _call(graph: Graph, block: Block, tensor: Tensor) -> tuple[Tensor, Tensor]:
    skip = tensor
    for layer in block.branch:
        skip = graph.call(layer, skip)
    matched = tensor if block.matching is None else graph.call(block.matching, tensor)
    return graph.call(block.final, graph.call(block.total, [matched, skip])), skip


def _moment(context: Context) -> int:
    """The step that is returned: the last, or for `same` padding the middle one."""
    if context.config.peek("padding") == "causal":
        return -1
    length = context.shape[1]
    if length is None:
        raise UnsupportedOption("padding='same' on sequences of unknown length", layer=context.record.name)
    return length // 2


def _at(graph: Graph, tensor: Tensor, moment: int, name: str) -> Tensor:
    return ops.get_item(graph, tensor, [slice(None), moment], name=f"{name}_step")
