"""RandomFourierFeatures, an experimental layer that Keras 3 lost."""

from __future__ import annotations

from k2to3.keras3 import ops
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, rule
from k2to3.weights import Divide


def features_slots(layer: Described) -> Slots:
    return Slots(("kernel_scale",), ("unscaled_kernel", "bias"), trainable=layer.record.trainable)


@rule("RandomFourierFeatures", slots=features_slots, masks="drop")
def random_fourier_features(context: Context) -> Composite:
    """Gone in Keras 3: the cosine of a frozen Dense layer whose kernel is divided by the scale."""
    config = context.config
    units = config.integer("output_dim")
    config.ignore("kernel_initializer", "scale")
    # The layer computed in float32 whatever its policy.
    context.policy = None
    kernel = Divide((context.weight("unscaled_kernel", context.shape[-1], units), context.weight("kernel_scale", 1)))
    dense = context.layer("Dense", {"units": units}, [kernel, context.weight("bias", units)])
    if context.trainable:
        context.note("drift", "its scale is part of the frozen kernel now and no longer trained")
    dense.trainable = False
    context.note("rebuilt", "cos(Dense(x)), the kernel divided by its scale")
    return Composite(lambda graph, x, _: ops.cos(graph, graph.call(dense, x), name=f"{context.name}_cos"))
