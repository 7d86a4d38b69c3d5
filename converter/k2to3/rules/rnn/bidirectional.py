"""Bidirectional: two recurrent layers, the second backwards, and a merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.findings import Code
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.naming import scope_name
from k2to3.matching.slots import Slots
from k2to3.rules.core.inputs import policy_of_inner
from k2to3.rules.language import Composite, Context, Described, Masks, Native, rule
from k2to3.rules.rnn.cudnn import could_use_cudnn
from k2to3.rules.rnn.recurrence import Adds, SequenceCall, composite, converted, read_turn, state_call
from k2to3.rules.wrappers.wrappers import inner_record
from k2to3.sources.json_text import Json

MERGE = {"sum": "Add", "mul": "Multiply", "ave": "Average"}
OTHERWISE = {
    Code.BIDIRECTIONAL_UNZEROED: "Keras 3 zeroes masked steps of a Bidirectional",
    Code.BIDIRECTIONAL_ZEROED_LAST: "TF 1.13 zeroed a masked last output of a Bidirectional",
}


def bidirectional_slots(layer: Described) -> Slots:
    forward = inner_record(layer.config, layer.record)
    backward = (
        inner_record(layer.config, layer.record, "backward_layer") if layer.config.peek("backward_layer") else forward
    )
    children = {"forward": layer.slots(forward), "backward": layer.slots(backward)}
    return Slots(children=children, trainable=layer.record.trainable)


def bidirectional_masks(context: Context, masks: Masks) -> Masks:
    layer = context.config.peek("layer")
    if not layer["config"].get("return_sequences", False):
        return [None]
    return [masks[0], masks[0]] if context.config.peek("merge_mode", "concat") is None else [masks[0]]


@rule("Bidirectional", slots=bidirectional_slots, masks=bidirectional_masks)
def bidirectional(context: Context) -> Native | Composite:
    """Unchanged around built-in layers; else both directions side by side and a merge.

    Masked steps of sequences are zero in Keras 3, TF 1.15 and TF from 2.2 on; Keras, TF 2.0
    and 2.1 repeat the output before them, TF only where CuDNN could have run.

    Refused: `time_major` sequences of TF before 2.3, which mixed up the samples of a batch.
    """
    config = context.config
    config.ignore("input_length", "num_constants")
    forward = inner_record(config, context.record)
    backward = _backward(context, forward)
    config.take("layer")
    mode = config.take("merge_mode", "concat")
    turn = read_turn(context.inputs, context.kwargs)
    _refuse_turned_batch(context, forward)
    half = len(turn.states) // 2
    other = _other_masking(context, forward, backward)
    why = other if turn.mask is not None else None
    if turn.mask is not None and why is None:
        forward, backward = _zeroed(forward), _zeroed(backward)
    first = _direction(context, forward, "forward", replace(turn, states=turn.states[:half]))
    second = _direction(context, backward, "backward", replace(turn, states=turn.states[half:]))
    if why is not None:
        context.note("drift", f"{OTHERWISE[why]}; rebuilt from its two directions", why)
    elif isinstance(first, Native) and isinstance(second, Native):
        return _native(context, first, second, mode, other, policy_of_inner(context.record))
    joined = _merge(context, mode, policy_of_inner(context.record))
    sequences, axis = bool(forward.config.get("return_sequences")), 0 if forward.config.get("time_major") else 1
    return composite(_side_by_side(converted(first), converted(second), joined, axis if sequences else None))


def _backward(context: Context, forward: LayerRecord) -> LayerRecord:
    value = context.config.take("backward_layer", None)
    if isinstance(value, dict):
        return parse_layer(value)
    config = {**forward.config, "go_backwards": not forward.config.get("go_backwards", False)}
    config["name"] = f"backward_{forward.name}"
    return LayerRecord(forward.class_name, f"backward_{forward.name}", config)


def _refuse_turned_batch(context: Context, forward: LayerRecord) -> None:
    """`K.reverse(y_rev, 1)` in layers/wrappers.py of TF 1.13 to 2.2, whichever axis the time is."""
    sequences = forward.config.get("time_major") and forward.config.get("return_sequences")
    if sequences and context.writer.before(2, 4):
        raise UnsupportedOption(
            "TF before 2.3 turned round the batch instead of the time of what goes backwards",
            layer=context.record.name,
            key="time_major",
        )


def _zeroed(record: LayerRecord) -> LayerRecord:
    """Masked steps are zero in sequences, whatever the config says, as in Keras 3."""
    sequences = bool(record.config.get("return_sequences"))
    return replace(record, config={**record.config, "zero_output_for_mask": sequences})


def _direction(context: Context, record: LayerRecord, which: str, turn: SequenceCall) -> Native | Composite:
    context.conversion.rules.find(record)
    name = scope_name(record.name)
    if not name.startswith(which):
        name = f"{which}_{name}"
    inputs = [turn.source, *turn.states] if turn.states else turn.source
    return context.convert(record, context.weights.child(which), inputs, name)


def _native(
    context: Context, first: Native, second: Native, mode: str | None, other: Code | None, dtype: str | None
) -> Native:
    for found in (first, second):
        # Keras 3's Bidirectional sets it by itself.
        found.layer.config.pop("zero_output_for_mask", None)
    settings: Json = {"layer": first.layer, "backward_layer": second.layer, "merge_mode": mode}
    layer = context.layer("Bidirectional", settings, forward_layer=first.layer, backward_layer=second.layer)
    layer = replace(layer, dtype=dtype)

    def arrange(inputs: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
        for found in (first, second):
            # They know which calls are not for them.
            assert found.arrange is not None
            found.arrange(inputs, kwargs)
        if other and read_turn(inputs, kwargs).mask is not None:
            raise UnsupportedOption("is called with a mask, though not at first", layer=context.record.name, key="mask")
        return state_call(inputs, kwargs)

    return Native(layer, arrange=arrange)


def _other_masking(context: Context, forward: LayerRecord, backward: LayerRecord) -> Code | None:
    """Why a Bidirectional of Keras 3 would treat masked steps otherwise than Keras 2 did.

    TF 1.13 set `zero_output_for_mask` on every layer inside, and wrote that; TF 1.14 and
    later, and Keras 3, set it only on those that return sequences. TF 2.0 and 2.1 forgot it
    where an LSTM or GRU could have run in CuDNN.
    """
    writer = context.writer
    if forward.config.get("return_sequences"):
        if writer.standalone:
            return Code.BIDIRECTIONAL_UNZEROED
        fused = {could_use_cudnn(direction) for direction in (forward, backward)}
        if fused == {False} or not _tensorflow_2_0_or_2_1(context):
            return None
        if len(fused) > 1:
            raise UnsupportedOption("TF 2.0 and 2.1 mask its two directions differently", layer=context.record.name)
        return Code.BIDIRECTIONAL_UNZEROED
    early = writer.tensorflow and writer.before(2, 3, 0)
    return Code.BIDIRECTIONAL_ZEROED_LAST if early and forward.config.get("zero_output_for_mask") else None


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


def _merge(context: Context, mode: str | None, dtype: str | None) -> Layer | None:
    """The directions give what they compute in, and so does what joins them."""
    if mode is None:
        return None
    if mode != "concat" and mode not in MERGE:
        raise BadConfig(f"{mode!r} is not a merge mode", layer=context.record.name, key="merge_mode")
    name, settings = ("Concatenate", {"axis": -1}) if mode == "concat" else (MERGE[mode], {})
    return replace(context.layer(name, settings), dtype=dtype)


def _side_by_side(ahead: Adds, back: Adds, joined: Layer | None, time: int | None) -> Adds:
    """Both directions and their merge; `time` is the axis along which the second is turned round."""

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        half = len(turn.states) // 2
        one, *first = ahead(graph, replace(turn, states=turn.states[:half]))
        two, *second = back(graph, replace(turn, states=turn.states[half:]))
        if time is not None:
            two = ops.flip(graph, two, axis=time)
        merged = [one, two] if joined is None else [graph.call(joined, [one, two])]
        return [*merged, *first, *second]

    return run
