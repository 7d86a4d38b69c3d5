"""Models inside models: what can be nested, and what must stand in the outer model."""

from __future__ import annotations

from k2to3.keras3.graph import Graph, Tensor


class Inline(Exception):
    """A layer was nested at its first call, but a later one shows that it cannot be.

    Both forms together would hold its weights twice, so the trace starts again.
    """

    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer


def crosses(output: Tensor, graph: Graph) -> bool:
    """Whether an output of a nested model can cross its border.

    Masks cannot, and Keras 3 calls a model that gives back its own input a cycle.
    """
    return output.mask is None and output.auto is None and output not in graph.inputs
