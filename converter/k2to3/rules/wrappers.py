"""Wrappers: what they wrap is converted by its own rule."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.graph.config import Config
from k2to3.graph.model import LayerRecord
from k2to3.graph.parse import parse_layer
from k2to3.rules.base import (
    Composite,
    Context,
    Masks,
    Native,
    as_layer,
    convert_layer,
    find_rule,
    rule,
    slots_of,
)
from k2to3.rules.recurrent import state_call
from k2to3.rules.slots import Slots
from k2to3.source.json_text import Json
from k2to3.source.writer import Writer
from k2to3.target.graph import Graph, Structure, Tensor, tensors
from k2to3.target.layer import Layer

# `step_function` is mapped over `ops.arange(input_shape[0])`, the batch, where 3.13 and
# earlier had the time steps: keras/src/layers/rnn/time_distributed.py of 3.15.1.
UNKNOWN_LENGTH = (
    "Keras 3.15 computes as many time steps as there are samples where the length of the sequences is "
    "unknown (a defect of its TimeDistributed; 3.13 and earlier are right)"
)
MERGE = {"sum": "Add", "mul": "Multiply", "ave": "Average"}


def inner_record(config: Config, record: LayerRecord, key: str = "layer") -> LayerRecord:
    value = config.peek(key)
    if not isinstance(value, dict):
        raise BadConfig("wraps nothing", layer=record.name, key=key)
    return parse_layer(value)


def wrapper_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    inner = inner_record(config, record)
    # The inner layer's name is not always part of the weight names.
    return Slots(children={"layer": slots_of(inner, writer)}, trainable=record.trainable)


def distributed_masks(context: Context, masks: Masks) -> Masks:
    """The input's mask, as long as the inner layer makes none of its own."""
    return masks[:1]


@rule("TimeDistributed", slots=wrapper_slots, masks=distributed_masks)
def time_distributed(context: Context) -> Native | Composite:
    """Unchanged around one layer; what is rebuilt becomes an inner Functional model."""
    inner = inner_record(context.config, context.record)
    context.config.take("layer")
    _refuse_inner_masks(context, inner)
    shape = context.shape
    if len(shape) < 3:
        raise BadConfig(f"TimeDistributed on an input of shape {shape}", layer=context.record.name)
    inner_shape = (shape[0], *shape[2:])
    name = inner.name.replace("/", "_")
    dtype = next(tensors(context.inputs)).dtype
    tensor = Graph().input("input", inner_shape, dtype)
    if shape[1] is None and inner.class_name == "Dense":
        # See `UNKNOWN_LENGTH`; Dense alone computes the same for every step.
        context.note("rebuilt", "as the Dense layer alone, which acts on every time step by itself")
        return convert_layer(inner, context.weights.child("layer"), context.inputs, context, context.name)
    if shape[1] is None:
        context.note("warning", UNKNOWN_LENGTH)
    outcome = convert_layer(inner, context.weights.child("layer"), tensor, context, name)
    layer = as_layer(_plain(outcome), context, inner_shape, name, dtype)
    return Native(context.layer("TimeDistributed", {"layer": layer}, layer=layer))


def _plain(outcome: Native | Composite) -> Native | Composite:
    """Call arguments of the inner layer cannot occur inside TimeDistributed."""
    return Native(outcome.layer) if isinstance(outcome, Native) else outcome


def _refuse_inner_masks(context: Context, inner: LayerRecord) -> None:
    makes = inner.class_name == "Masking" or inner.config.get("mask_zero")
    if makes:
        raise UnsupportedOption(
            f"{inner.class_name} makes a mask per time step, which Keras 3 does not carry on",
            layer=context.record.name,
        )


def bidirectional_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    forward = inner_record(config, record)
    backward = inner_record(config, record, "backward_layer") if config.peek("backward_layer") else forward
    children = {"forward": slots_of(forward, writer), "backward": slots_of(backward, writer)}
    return Slots(children=children, trainable=record.trainable)


UNZEROED = "Keras 3 zeroes masked steps of a Bidirectional; rebuilt from its two directions"
ZEROED_LAST = "TF 1.13 zeroed a masked last output of a Bidirectional; rebuilt from its two directions"


def bidirectional_masks(context: Context, masks: Masks) -> Masks:
    layer = context.config.peek("layer")
    if not layer["config"].get("return_sequences", False):
        return [None]
    return [masks[0], masks[0]] if context.config.peek("merge_mode", "concat") is None else [masks[0]]


@rule("Bidirectional", slots=bidirectional_slots, masks=bidirectional_masks)
def bidirectional(context: Context) -> Native | Composite:
    """Unchanged; both directions are converted by the rule of the layer."""
    config = context.config
    config.ignore("input_length", "num_constants")
    forward = inner_record(config, context.record)
    backward = _backward(context, forward)
    config.take("layer")
    mode = config.take("merge_mode", "concat")
    first = _direction(context, forward, "forward")
    second = _direction(context, backward, "backward")
    if _zeroed_last(context, first):
        return _separate(context, first, second, mode, ZEROED_LAST)
    if _unmasked_outputs(context, first, forward, backward):
        return _separate(context, first, second, mode, UNZEROED)
    settings: Json = {"layer": first, "backward_layer": second, "merge_mode": mode}
    layer = context.layer("Bidirectional", settings, forward_layer=first, backward_layer=second)
    return Native(layer, arrange=state_call)


def _backward(context: Context, forward: LayerRecord) -> LayerRecord:
    value = context.config.take("backward_layer", None)
    if isinstance(value, dict):
        return parse_layer(value)
    config = {**forward.config, "go_backwards": not forward.config.get("go_backwards", False)}
    config["name"] = f"backward_{forward.name}"
    return LayerRecord(forward.class_name, f"backward_{forward.name}", config)


def _direction(context: Context, record: LayerRecord, which: str) -> Layer:
    find_rule(record)
    first = next(tensors(context.inputs))
    name = record.name.replace("/", "_")
    if not name.startswith(which):
        name = f"{which}_{name}"
    outcome = convert_layer(record, context.weights.child(which), first, context, name)
    if not isinstance(outcome, Native):
        raise UnsupportedOption("an inner layer that has to be rebuilt", layer=context.record.name, key="layer")
    return outcome.layer


def _unmasked_outputs(context: Context, layer: Layer, *directions: LayerRecord) -> bool:
    """Whether masked steps repeat the last output, as in Keras <= 2.3.1, TF 2.0 and 2.1.

    Keras 3 (like TF 1.15 and TF >= 2.2) zeroes them in a Bidirectional that returns
    sequences. TF 2.0 and 2.1 forgot to only where an LSTM or GRU could have run in CuDNN.
    """
    first = next(tensors(context.inputs))
    if first.mask is None or not layer.config.get("return_sequences"):
        return False
    if context.writer.standalone:
        return True
    fused = {_could_use_cudnn(direction) for direction in directions}
    if fused == {False} or not _tensorflow_2_0_or_2_1(context):
        return False
    if len(fused) > 1:
        raise UnsupportedOption("masked: TF 2.0 and 2.1 zeroed one direction only", layer=context.record.name)
    return True


def _could_use_cudnn(record: LayerRecord) -> bool:
    """`could_use_cudnn` in tensorflow/python/keras/layers/recurrent_v2.py of 2.0 and 2.1."""
    config = record.config
    return (
        record.class_name in ("LSTM", "GRU")
        and config.get("activation") == "tanh"
        and config.get("recurrent_activation") == "sigmoid"
        and config.get("recurrent_dropout", 0) == 0
        and not config.get("unroll", False)
        and config.get("use_bias", True)
        and (record.class_name == "LSTM" or config.get("reset_after", True))
    )


def _tensorflow_2_0_or_2_1(context: Context) -> bool:
    """Told by what the file holds: the version attribute is shared by several releases.

    TF 1 wrote a dtype into every initializer; TF 2.2 began to name the cell in weight names.
    """
    if not context.writer.before(2, 3, 1):
        return False
    inner = context.config.peek("layer")["config"]
    start = inner.get("kernel_initializer")
    if isinstance(start, dict) and "dtype" in (start.get("config") or {}):
        return False
    names = [t.name for e in context.weights.child("forward").slots.values() for t in e.sources()]
    return not any("_cell" in name for name in names)


def _zeroed_last(context: Context, layer: Layer) -> bool:
    """Whether a last output that is masked is zero, as in TF 1.13.

    It set `zero_output_for_mask` on every layer in a Bidirectional, and wrote that; TF 1.14
    and later, and Keras 3, set it only on those that return sequences.
    """
    first = next(tensors(context.inputs))
    if first.mask is None or layer.config.get("return_sequences"):
        return False
    early = context.writer.tensorflow and context.writer.before(2, 3, 0)
    return early and layer.config.get("zero_output_for_mask", False)


def _separate(context: Context, first: Layer, second: Layer, mode: str | None, why: str) -> Composite:
    """Two plain layers and a merge: their masked steps are as each layer itself leaves them."""
    if mode is not None and mode != "concat" and mode not in MERGE:
        raise BadConfig(f"{mode!r} is not a merge mode", layer=context.record.name, key="merge_mode")
    if first.config.get("return_state"):
        raise UnsupportedOption("return_state with masks, written before TF 2.2", layer=context.record.name)
    context.note("drift", why)
    joined = None
    if mode is not None:
        name, settings = ("Concatenate", {"axis": -1}) if mode == "concat" else (MERGE[mode], {})
        joined = context.layer(name, settings)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        source, settings = state_call(inputs, kwargs)
        if settings:
            raise UnsupportedOption("initial states with masks", layer=context.record.name)
        ahead, back = graph.call(first, source), graph.call(second, source)
        if first.config.get("return_sequences"):
            back = _reversed(graph, back)
        return [ahead, back] if joined is None else graph.call(joined, [ahead, back])

    return Composite(body, inline=True)


def _reversed(graph: Graph, tensor: Tensor) -> Tensor:
    return graph.op("numpy.Flip", tensor, config={"axis": 1}, shape=tensor.shape)
