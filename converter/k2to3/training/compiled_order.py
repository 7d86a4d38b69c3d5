"""The order in which a Keras handed the trained weights to its optimizer."""

from __future__ import annotations

from collections.abc import Sequence

from k2to3.sources.author import Writer
from k2to3.sources.tensors import StoredTensor
from k2to3.training.schedules import Unsupported

# Weights stand in the order of layers from there on.
BY_LAYER = (2, 0, 6)
# On Theano by numbers that no file holds, before.
BY_NAME = (1, 1, 2)


def as_compiled(weights: Sequence[StoredTensor], writer: Writer) -> list[StoredTensor]:
    """Keras before 2.0.6 sorted the weights by name when it compiled: `dense_10` before `dense_2`, bias before kernel.

    Source: `Model.compile` in keras/engine/training.py of 2.0.5 and 2.0.6.

    Raises:
        Unsupported: by what the file does not hold.
    """
    if not writer.standalone or not writer.before(*BY_LAYER):
        return list(weights)
    if writer.theano and writer.before(*BY_NAME):
        raise Unsupported(f"{writer} ordered its arrays by numbers that the file does not hold")
    return sorted(weights, key=lambda weight: weight.name)
