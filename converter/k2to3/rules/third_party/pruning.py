"""Layers of the TensorFlow Model Optimization Toolkit.

Source: github.com/tensorflow/model-optimization,
tensorflow_model_optimization/python/core/sparsity/keras/{pruning_wrapper,prune_registry}.py.
"""

from __future__ import annotations

from k2to3.errors import UnsupportedOption
from k2to3.keras2.parse import parse_layer
from k2to3.matching.slots import Weights
from k2to3.rules.language import Composite, Context, Native, as_stored, rule
from k2to3.weights import Expression
from k2to3.weights.pruned import Pruned

STRIP = "in the old environment, save tfmot.sparsity.keras.strip_pruning(model)"
OWN = ("mask", "threshold", "pruning_step")
# What is pruned of a layer; of all others nothing.
KERNELS = dict.fromkeys(("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose"), "kernel")
MASKED = {**KERNELS, "Embedding": "embeddings", "SeparableConv1D": "pointwise_kernel"}
SETTINGS = ("pruning_schedule", "block_size", "block_pooling_type", "sparsity_m_by_n")


@rule("PruneLowMagnitude", "Custom>PruneLowMagnitude", slots=as_stored, masks="drop", origin="tfmot")
def prune_low_magnitude(context: Context) -> Native | Composite:
    """The layer inside, its kernel times the mask: what the wrapper does before each call."""
    config = context.config
    record = parse_layer(config.take("layer"))
    config.ignore(*SETTINGS)
    slots, mask = _inner(context)
    wanted = context.conversion.rules.slots(record, context.writer)
    if set(slots) != {*wanted.trained, *wanted.other}:
        raise UnsupportedOption(
            f"pruning around weights {', '.join(slots)}", layer=context.record.name, key="layer", hint=STRIP
        )
    context.note("dropped", "steps of pruning, which is of training")
    if mask is not None:
        name = MASKED.get(record.class_name)
        if name not in slots:
            raise UnsupportedOption(
                f"pruning of {record.class_name}", layer=context.record.name, key="layer", hint=STRIP
            )
        slots[name] = Pruned(slots[name], mask)
        context.note("dropped", f"pruning: its mask is in the {name}; training goes on without it")
    return context.convert(record, Weights(slots), context.inputs, context.name)


def _inner(context: Context) -> tuple[dict[str, Expression], Expression | None]:
    """The weights of the layer inside by their own names, and the mask."""
    found: dict[str, Expression] = {}
    mask = None
    for path, expression in context.weights.slots.items():
        name = path.rsplit("/", 1)[-1].split(":")[0]
        if name == "mask":
            if mask is not None:
                raise UnsupportedOption("several masks of pruning", layer=context.record.name, key="layer", hint=STRIP)
            mask = expression
        elif name not in OWN:
            found[name] = expression
    return found, mask
