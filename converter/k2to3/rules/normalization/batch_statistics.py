"""BatchNormalization by statistics of what it is given, at inference too.

Either called with `training=True` (image-to-image models such as pix2pix), which Keras 3 replaces
by what `predict()` passes; or of Keras 1's `mode=2`, which is the same, or `mode=1`, which
normalises each sample (keras 1.2.2, layers/normalization.py, `call`).
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure
from k2to3.rules.language import Composite, Context
from k2to3.rules.normalization.affine import affine, normalised
from k2to3.rules.rebuilding import reduce

PER_SAMPLE, PER_BATCH = 1, 2
UNUSED = "its moving statistics, which it never used"


def always_training(context: Context) -> bool:
    """Whether the layer, or this call, is pinned to training.

    Raises:
        UnsupportedOption: a frozen layer of Keras before TF 2.2.
    """
    pinned = context.kwargs.get("training") is True
    if context.config.peek("mode", 0) == PER_BATCH:
        return True
    if pinned and not context.record.trainable:
        raise UnsupportedOption(
            "frozen and called with training=True, which Keras releases understand differently",
            layer=context.record.name,
            key="training",
        )
    return pinned


def batch_statistics(context: Context, axes: list[int]) -> Composite:
    """From means, variances and an EinsumDense for gamma and beta.

    Raises:
        UnsupportedOption: several axes, masks, virtual batches, half precision, an activity regularizer.
    """
    config = context.config
    pinned = config.take("mode", 0) != PER_BATCH
    for stands, key in (
        (len(axes) != 1, "axis"),
        (context.masked, "mask"),
        (config.peek("renorm"), "renorm"),
        (config.peek("virtual_batch_size") is not None, "virtual_batch_size"),
        ("16" in str(context.policy), "dtype"),
        (config.peek("activity_regularizer") is not None, "activity_regularizer"),
    ):
        if stands:
            raise UnsupportedOption("normalised by its batch at inference as well", layer=context.record.name, key=key)
    epsilon = config.number("epsilon", 1e-3)
    config.ignore("momentum", "moving_mean_initializer", "moving_variance_initializer", "activity_regularizer")
    rest = [axis for axis in range(len(context.shape)) if axis not in axes]
    apply = affine(context, axes[0])
    context.note("rebuilt", f"{'training=True' if pinned else 'mode=2'}: normalised by the batch at inference too")
    context.note("dropped", UNUSED)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        if pinned and kwargs.get("training") is not True:
            raise UnsupportedOption(
                "is called with training=True and without", layer=context.record.name, key="training"
            )
        mean, variance = (reduce(graph, each, inputs, rest) for each in (ops.mean, ops.var))
        return apply(graph, normalised(graph, inputs, mean, variance, epsilon))

    return Composite(body)


def sample_statistics(context: Context, axes: list[int]) -> Composite:
    """`mode=1`: each sample by its own mean and deviation, to which epsilon is added once more.

    Raises:
        UnsupportedOption: not along the last axis.
    """
    config = context.config
    last = len(context.shape) - 1
    if axes != [last]:
        raise UnsupportedOption("samples are normalised along the last axis", layer=context.record.name, key="axis")
    epsilon = config.number("epsilon", 1e-3)
    config.ignore("mode", "momentum")
    apply = affine(context, last)
    context.note("rebuilt", "mode=1: every sample by its own statistics")
    context.note("dropped", UNUSED)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        mean, variance = (reduce(graph, each, inputs, [last]) for each in (ops.mean, ops.var))
        deviation = ops.sqrt(graph, ops.add(graph, variance, epsilon))
        deviation = ops.add(graph, deviation, epsilon)
        return apply(graph, ops.true_divide(graph, ops.subtract(graph, inputs, mean), deviation))

    return Composite(body)
