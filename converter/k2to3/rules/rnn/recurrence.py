"""One call of a recurrent layer, whichever way it is computed, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras3 import masks, ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import Mask
from k2to3.keras3.tensor import Builder
from k2to3.rules.language import Composite, Context, Native
from k2to3.rules.training_flag import training_setting
from k2to3.sources.author import Writer


@dataclass(frozen=True)
class SequenceCall:
    """The sequence of one call, its initial states (none: zeros), its mask, plain settings."""

    source: Tensor
    states: list[Tensor] = field(default_factory=list)
    mask: Mask | None = None
    settings: Mapping[str, Structure] = field(default_factory=dict)


Adds = Callable[[Graph, SequenceCall], list[Tensor]]
"""Adds one call to a graph: the output, then the states where they are returned."""


@dataclass(frozen=True)
class Flags:
    """What a recurrent layer gives back, and from which end it reads."""

    sequences: bool = False
    state: bool = False
    backwards: bool = False
    time_major: bool = False


def state_call(inputs: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    """Keras 2 saved `[x, state, ...]` as one input list; Keras 3 takes `initial_state`.

    Raises:
        UnsupportedOption: constants, or call arguments that are not known.
    """
    found: dict[str, Structure] = {}
    states: list[Structure] = []
    if isinstance(inputs, list):
        inputs, *states = inputs
    for key, value in kwargs.items():
        if value is None or key == "mask":
            continue
        if key == "initial_state":
            states = list(value) if isinstance(value, list) else [value]
        elif key == "training":
            found.update(training_setting("", value))
        elif key == "constants":
            raise UnsupportedOption("constants need a custom cell", key=key)
        else:
            raise UnsupportedOption(f"call argument with value {str(value)[:60]}", key=key)
    if states:
        found["initial_state"] = states if len(states) > 1 else states[0]
    return inputs, found


def read_turn(inputs: Structure, kwargs: Mapping[str, Structure]) -> SequenceCall:
    """A call as its rule got it; a mask given as an argument comes before that of the input."""
    source, settings = state_call(inputs, kwargs)
    first = one(source)
    states = list(tensors(settings.get("initial_state", [])))
    explicit = kwargs.get("mask")
    if isinstance(explicit, list):
        explicit = explicit[0] if explicit else None
    mask = masks.given(explicit) if isinstance(explicit, Tensor) else first.mask
    return SequenceCall(first, states, mask, {key: value for key, value in settings.items() if key != "initial_state"})


def native(layer: Layer) -> Adds:
    """The built-in layer itself."""

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        settings = dict(turn.settings)
        if turn.states:
            settings["initial_state"] = turn.states if len(turn.states) > 1 else turn.states[0]
        return graph.call_many(layer, turn.source, settings, masks={"mask": turn.mask})

    return run


def converted(found: Native | Composite) -> Adds:
    """What another rule made of a recurrent layer."""

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        inputs = [turn.source, *turn.states] if turn.states else turn.source
        kwargs = dict(turn.settings)
        if isinstance(found, Native):
            assert found.arrange is not None
            source, settings = found.arrange(inputs, kwargs)
            return graph.call_many(found.layer, source, settings, masks={"mask": turn.mask})
        if turn.mask is not None and turn.mask != turn.source.mask:
            kwargs["mask"] = graph.mask_tensor(turn.mask)
        return list(tensors(found.body(graph, inputs, kwargs)))

    return run


def composite(run: Adds, inline: bool = True) -> Composite:
    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        outputs = run(graph, read_turn(inputs, kwargs))
        return outputs if len(outputs) > 1 else outputs[0]

    return Composite(body, inline=inline)


def swapped(run: Adds, sequences: bool) -> Adds:
    """Between two transposes, for sequences whose first axis is time; so is that of their mask."""

    def around(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        mask = None if turn.mask is None else _transposed(turn.mask)
        outputs = run(graph, replace(turn, source=_swap(graph, turn.source), mask=mask))
        return [_swap(graph, outputs[0]), *outputs[1:]] if sequences else outputs

    return around


def _swap(graph: Builder, tensor: Tensor) -> Tensor:
    axes = [1, 0, *range(2, len(tensor.shape))]
    return ops.transpose(graph, tensor, axes)


def _transposed(mask: Mask) -> Mask:
    return Mask(("transposed", mask.key), lambda graph: _swap(graph, graph.mask_tensor(mask)))


def reordered(run: Adds, order: list[int]) -> Adds:
    """States in and out in the order that Keras 2 had: its n-th is Keras 3's `order[n]`-th."""

    def around(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        given = [turn.states[order.index(i)] for i in range(len(order))] if turn.states else []
        output, *states = run(graph, replace(turn, states=given))
        return [output, *(states[i] for i in order)] if states else [output]

    return around


def holds_state(writer: Writer) -> bool:
    """Whether a masked step gave the first state, where others repeat the output before it.

    They differ before the first unmasked step, if initial states are given: the state is
    then the given one, the output zero. So `rnn` of keras/backend/tensorflow_backend.py
    did up to 2.2.5, and TensorFlow's copy of it up to 1.12, unless unrolled.
    """
    if writer.theano:
        return False
    return writer.before(2, 2, 4) if writer.tensorflow else writer.before(2, 3)


def held(run: Adds, flags: Flags) -> Adds:
    """The initial state as output until the first unmasked step (see `holds_state`)."""

    def around(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        outputs = run(graph, turn)
        if turn.mask is None or not turn.states:
            return outputs
        mask = graph.mask_tensor(turn.mask)
        if flags.backwards:
            mask = ops.flip(graph, mask, axis=1)
        outputs[0] = ops.where(graph, *_beginning(graph, mask, outputs[0], turn.states[0], flags.sequences))
        return outputs

    return around


def _beginning(
    graph: Graph, mask: Tensor, output: Tensor, state: Tensor, sequences: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Whether a step was seen, the output if so, and the state if not."""
    if not sequences:
        return ops.any(graph, mask, axis=[1], keepdims=True), output, state
    ones = ops.cast(graph, mask, "int32")
    count = ops.cumsum(graph, ones, axis=1)
    seen = ops.greater(graph, count, 0)
    wide = ops.expand_dims(graph, seen, axis=-1)
    first = ops.expand_dims(graph, state, axis=1)
    return wide, output, first


HELD = "a masked step before the first unmasked one gave the initial state, as Keras before 2.3 did"


def outcome(
    context: Context, layer: Layer, flags: Flags, order: list[int] | None = None, maskable: bool = True
) -> Native | Composite:
    """A built-in recurrent layer, with what it needs around it.

    `order`: see `reordered`; None where both are the same. Not `maskable`: exact without masks only.
    """
    run, early = native(layer), holds_state(context.writer) and not layer.config.get("unroll")
    turn = read_turn(context.inputs, context.kwargs)
    if turn.mask is not None and layer.config.get("unroll") and not layer.config.get("zero_output_for_mask"):
        # Changes no value, and Keras 3 on PyTorch cannot. Where masked steps become zero it is another matter:
        # Keras 2 and Keras 3 on TensorFlow forget to turn that mask round when they go backwards.
        layer.config["unroll"] = False
        context.note("rebuilt", "unroll off, which PyTorch cannot do under a mask")
    changed = flags.time_major
    if order is not None and (flags.state or turn.states):
        context.note("drift", "states of stacked cells stood in reverse order")
        run, changed = reordered(run, order), True
    if early and turn.states and turn.mask is not None:
        context.note("drift", HELD)
        run, changed = held(run, flags), True
    if flags.time_major:
        context.note("rebuilt", "time_major: transposed before and after")
        run = swapped(run, flags.sequences)
    if changed:
        return composite(run)

    def arrange(inputs: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
        later = read_turn(inputs, kwargs)
        if later.mask is not None and not maskable:
            raise UnsupportedOption("is called with a mask, though not at first", layer=context.record.name, key="mask")
        if later.states and (order is not None or (early and later.mask is not None)):
            raise UnsupportedOption(
                "is called with initial states, though not at first, and Keras before 2.3 used them otherwise",
                layer=context.record.name,
                key="initial_state",
            )
        return state_call(inputs, kwargs)

    return Native(layer, arrange=arrange)
