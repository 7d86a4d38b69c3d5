"""BatchNormalization that was called with `training=True`: the statistics of the batch, always.

Image-to-image models (pix2pix) are built so. Keras 3 replaces the argument by what `predict()`
passes, and would use the moving statistics.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.rules.affine import affine, normalised, reduced
from k2to3.rules.base import Composite, Context
from k2to3.target.graph import Graph, Structure


def always_training(context: Context) -> bool:
    """Whether this call is pinned to training.

    Raises:
        UnsupportedOption: a frozen layer of Keras before TF 2.2.
    """
    pinned = context.kwargs.get("training") is True
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
    for stands, key in (
        (len(axes) != 1, "axis"),
        (context.masked, "mask"),
        (config.peek("renorm"), "renorm"),
        (config.peek("virtual_batch_size") is not None, "virtual_batch_size"),
        ("16" in str(context.policy), "dtype"),
        (config.peek("activity_regularizer") is not None, "activity_regularizer"),
    ):
        if stands:
            raise UnsupportedOption("is called with training=True as well", layer=context.record.name, key=key)
    epsilon = config.number("epsilon", 1e-3)
    config.ignore("momentum", "moving_mean_initializer", "moving_variance_initializer", "activity_regularizer")
    rest = [axis for axis in range(len(context.shape)) if axis not in axes]
    apply = affine(context, axes[0])
    context.note("rebuilt", "training=True: normalised by the batch at inference too, from ops")
    context.note("dropped", "its moving statistics, which training=True never used")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        if kwargs.get("training") is not True:
            raise UnsupportedOption(
                "is called with training=True and without", layer=context.record.name, key="training"
            )
        mean, variance = (reduced(graph, name, inputs, rest) for name in ("Mean", "Var"))
        return apply(graph, normalised(graph, inputs, mean, variance, epsilon))

    return Composite(body)
