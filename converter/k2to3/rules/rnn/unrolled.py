"""Recurrent layers that Keras 3 lacks: one nested model per cell, called at every time step.

Nothing in Keras 3 that can be serialised runs a graph of one's own in a loop, so the number
of time steps has to be known. The cell's layers are shared by all steps: it trains as it did.
"""

from __future__ import annotations

from collections.abc import Callable

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.input_shape import extents_given
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Submodel, Tensor, tensors
from k2to3.keras3.policy import compute_dtype
from k2to3.keras3.types import Shape
from k2to3.rules.language import Context
from k2to3.rules.rnn.recurrence import Adds, Flags, SequenceCall

Step = Callable[[Graph, Tensor, list[Tensor]], tuple[Tensor, list[Tensor]]]
"""One time step: the features and the states to the output and the next states."""
# Keras follows a graph by recursion: Python's default limit of 1,000 frames ends it.
MOST_STEPS = 256


@dataclass(frozen=True)
class StepCell:
    """The equations of a cell; `states` holds the shapes of its states without the batch."""

    states: tuple[Shape, ...]
    step: Step


def stack(cells: list[StepCell]) -> StepCell:
    """Cells one upon the other, their states one after the other."""

    def step(graph: Graph, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        left, found = list(states), []
        for cell in cells:
            own, left = left[: len(cell.states)], left[len(cell.states) :]
            x, new = cell.step(graph, x, own)
            found += new
        return x, found

    return StepCell(tuple(shape for cell in cells for shape in cell.states), step)


def residual(cell: StepCell) -> StepCell:
    """The input added to the output."""

    def step(graph: Graph, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        output, found = cell.step(graph, x, states)
        return ops.add(graph, x, output), found

    return StepCell(cell.states, step)


@dataclass(frozen=True)
class Masked:
    """What a masked step gives: zero, the first state, or the output before it."""

    zero: bool = False
    state: bool = False
    late: bool = False
    """Zero, but only in the end and by the mask in the order of the file, whichever way the layer reads: `K.rnn`
    with `unroll=True` zeroes stacked outputs."""


def unrolled(context: Context, cell: StepCell, flags: Flags, masked: Masked) -> Adds:
    """The cell at every time step of `(batch, steps, ...)`, or of `(steps, batch, ...)` swapped before.

    Raises:
        UnsupportedOption: the number of steps is unknown, or too high.
    """
    steps = _steps(context, flags)
    made: dict[bool, Submodel] = {}

    def run(graph: Graph, turn: SequenceCall) -> list[Tensor]:
        dtype = compute_dtype(context.policy)
        source = turn.source
        if source.dtype != dtype:
            source = ops.cast(graph, source, dtype)
        with_mask = turn.mask is not None
        if made and with_mask not in made:
            raise UnsupportedOption("is called with a mask and without one", layer=context.record.name, key="mask")
        if not made:
            frame = _frame(source)

            def step() -> Submodel:
                return _cell_model(context, cell, frame, dtype, masked if with_mask else None)

            # Runs of other lengths take the same step, which holds the weights.
            made[with_mask] = context.once((f"{context.name}_cell", with_mask, frame, dtype), step)
        return _steps_of(graph, made[with_mask], cell, source, turn, flags, steps, masked)

    return run


def _steps(context: Context, flags: Flags) -> int:
    steps = context.shape[0 if flags.time_major else 1]
    if steps is None:
        raise UnsupportedOption(
            "has to be unrolled, for Keras 3 lacks such a cell, and the number of time steps is unknown",
            layer=context.record.name,
            hint=extents_given("50,8"),
        )
    if steps == 0:
        raise BadConfig("has no time step to go over", layer=context.record.name, key="batch_input_shape")
    if steps > MOST_STEPS:
        raise UnsupportedOption(
            f"has to be unrolled over {steps} time steps; Keras 3 opens graphs of about {MOST_STEPS} at most",
            layer=context.record.name,
        )
    return steps


def _frame(source: Tensor) -> Shape:
    return (None, *source.shape[2:])


def _cell_model(context: Context, cell: StepCell, frame: Shape, dtype: str, masked: Masked | None) -> Submodel:
    """`[features, (mask,) states..., (held output)]` → `[output, states...]`."""
    graph, name = Graph(), f"{context.name}_cell"

    def entry(suffix: str, shape: Shape, kind: str = dtype) -> Tensor:
        return graph.input(graph.names.reserve(f"{name}_{suffix}"), (None, *shape), kind)

    x = entry("input", frame[1:])
    mask = entry("mask", (1,), "bool") if masked else None
    states = [entry(f"state_{index}", shape) for index, shape in enumerate(cell.states)]
    output, found = cell.step(graph, x, states)
    if masked and mask:
        mask = _beside(graph, mask, output)
        found = [_where(graph, mask, new, old) for new, old in zip(found, states, strict=True)]
        if masked.zero:
            other = ops.zeros_like(graph, output)
        else:
            other = states[0] if masked.state else entry("held", output.shape[1:])
        output = _where(graph, mask, output, other)
    graph.outputs = [output, *found]
    return Submodel(name, "Functional", graph=graph)


def _beside(graph: Graph, mask: Tensor, tensor: Tensor) -> Tensor:
    for _ in range(len(tensor.shape) - 2):
        mask = ops.expand_dims(graph, mask, axis=-1)
    return mask


def _where(graph: Graph, mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return ops.where(graph, mask, new, old)


def _steps_of(
    graph: Graph,
    model: Submodel,
    cell: StepCell,
    source: Tensor,
    turn: SequenceCall,
    flags: Flags,
    steps: int,
    masked: Masked,
) -> list[Tensor]:
    states = turn.states or [_zeros(graph, source, shape) for shape in cell.states]
    mask = None if turn.mask is None else graph.mask_tensor(turn.mask)
    holds = mask is not None and not masked.zero and not masked.state
    held = [_zeros(graph, source, next(tensors(model.graph.outputs)).shape[1:])] if holds else []
    outputs = []
    for index in range(steps - 1, -1, -1) if flags.backwards else range(steps):
        given = [_at(graph, source, index)]
        if mask is not None:
            given.append(_flag(graph, mask, index))
        output, *states = graph.call_many(model, [*given, *states, *held], turn.settings)
        held = [output] if holds else []
        outputs.append(output)
    if mask is not None and masked.late:
        kept = range(steps) if flags.sequences else [0]
        outputs = [_zeroed(graph, mask, index, found) for index, found in zip(kept, outputs[-len(kept) :], strict=True)]
    last = outputs[-1]
    if flags.sequences:
        last = ops.stack(graph, outputs, axis=1)
    return [last, *states] if flags.state else [last]


def _zeroed(graph: Graph, mask: Tensor, index: int, output: Tensor) -> Tensor:
    flag = _beside(graph, _flag(graph, mask, index), output)
    return _where(graph, flag, output, ops.zeros_like(graph, output))


def _at(graph: Graph, source: Tensor, index: int) -> Tensor:
    return ops.get_item(graph, source, [slice(None), index])


def _flag(graph: Graph, mask: Tensor, index: int) -> Tensor:
    key = [slice(None), slice(index, index + 1)]
    return ops.get_item(graph, mask, key)


def _zeros(graph: Graph, source: Tensor, shape: Shape) -> Tensor:
    """Zeros of `(batch, *shape)`, which only a tensor of the model can give the batch."""
    *space, width = shape
    assert width is not None
    key = [slice(None), 0, *(slice(0, n) for n in space), slice(0, 1)]
    corner = ops.get_item(graph, source, key)
    zeros = ops.zeros_like(graph, corner)
    return ops.repeat(graph, zeros, width, axis=-1)
