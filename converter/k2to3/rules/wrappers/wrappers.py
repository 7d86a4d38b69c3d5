"""Wrappers: what they wrap is converted by its own rule."""

from __future__ import annotations

from dataclasses import replace

from k2to3.errors import BadConfig
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord, leaves
from k2to3.keras3.graph import Graph, tensors
from k2to3.keras3.naming import scope_name
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Slots
from k2to3.rules.core.inputs import policy_of_inner
from k2to3.rules.language import Composite, Context, Described, Masks, Native, rule
from k2to3.rules.wrappers.time_distributed_masks import by_steps, inner_of, instead_of_steps

# `step_function` is mapped over `ops.arange(input_shape[0])`, the batch, where 3.13 and
# earlier had the time steps: keras/src/layers/rnn/time_distributed.py of 3.15.1.
UNKNOWN_LENGTH = (
    "Keras 3.15 computes as many time steps as there are samples where the length of the sequences is "
    "unknown (a defect of its TimeDistributed; 3.13 and earlier are right)"
)

# See `UNKNOWN_LENGTH`. Alone they compute the same for every step, of whatever rank.
BY_ITSELF = frozenset(
    {
        *("Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "ActivityRegularization"),
        *("Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
    }
)


def inner_record(config: Config, record: LayerRecord, key: str = "layer") -> LayerRecord:
    return inner_of(config.peek(key), record, key)


def wrapper_slots(layer: Described) -> Slots:
    inner = inner_record(layer.config, layer.record)
    # The inner layer's name is not always part of the weight names.
    return Slots(children={"layer": layer.slots(inner)}, trainable=layer.record.trainable)


def distributed_masks(context: Context, masks: Masks) -> Masks:
    """The input's mask; where the inner layer makes another, see `steps`."""
    mask, inner = masks[0], inner_record(context.config, context.record)
    if (
        mask is None
        or context.writer.before(2, 2)
        or inner.model is not None
        or context.conversion.rules.find(inner).masks == "pass"
    ):
        return [mask]
    return [by_steps(mask)]


@rule("TimeDistributed", slots=wrapper_slots, masks=distributed_masks, instead=instead_of_steps)
def time_distributed(context: Context) -> Native | Composite:
    """Unchanged around one layer; what is rebuilt becomes an inner Functional model.

    Where masks reach into it or come out of it, batch and time are merged as in Keras 2.
    """
    inner = inner_record(context.config, context.record)
    context.config.take("layer")
    shape = context.shape
    if len(shape) < 3:
        raise BadConfig(f"TimeDistributed on an input of shape {shape}", layer=context.record.name)
    inner_shape = (shape[0], *shape[2:])
    _check_fits(context, inner, inner_shape)
    name = scope_name(inner.name)
    dtype = next(tensors(context.inputs)).dtype
    tensor = Graph().input("input", inner_shape, dtype)
    if shape[1] is None and inner.class_name in BY_ITSELF:
        context.note("rebuilt", f"as the {inner.class_name} layer alone, which acts on every time step by itself")
        return context.convert(inner, context.weights.child("layer"), context.inputs, context.name)
    if shape[1] is None:
        context.note("warning", UNKNOWN_LENGTH)
    outcome = context.convert(inner, context.weights.child("layer"), tensor, name)
    layer = context.as_layer(_plain(outcome), inner_shape, name, dtype)
    found = context.layer("TimeDistributed", {"layer": layer}, layer=layer)
    return Native(replace(found, dtype=policy_of_inner(context.record)), unmasked=True)


def _check_fits(context: Context, inner: LayerRecord, shape: Shape) -> None:
    """An inner model is called on what it was made for; Keras 3 refuses anything else.

    Raises:
        BadConfig: on another shape.
    """
    entry = inner.model and inner.model.layer(next(leaves(inner.model.inputs)).layer)
    wanted = (entry.config.get("batch_input_shape") or entry.config.get("batch_shape")) if entry else None
    if not isinstance(wanted, list):
        return
    same = len(wanted) == len(shape)
    if not same or any(None not in pair and pair[0] != pair[1] for pair in zip(wanted[1:], shape[1:], strict=True)):
        text = f"its model takes {wanted[1:]} at each time step, and is given {list(shape[1:])}"
        raise BadConfig(text, layer=context.record.name, key="layer")


def _plain(outcome: Native | Composite) -> Native | Composite:
    """Call arguments of the inner layer cannot occur inside TimeDistributed."""
    return Native(outcome.layer) if isinstance(outcome, Native) else outcome
