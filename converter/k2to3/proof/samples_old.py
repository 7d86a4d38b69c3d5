"""What to feed a model: token IDs below the vocabulary, padded sequences, seeded noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from k2to3.keras3.graph import Graph, Node, Submodel, Tensor
from k2to3.keras3.layer import Layer, Op
from k2to3.keras3.types import Shape

# Token IDs reach an Embedding unchanged through these.
MOVING = frozenset(
    {
        "Reshape",
        "Permute",
        "Flatten",
        "RepeatVector",
        "Concatenate",
        "Identity",
        "Dropout",
        "SpatialDropout1D",
        "Cropping1D",
        "Masking",
    }
)
MOVING_OPS = frozenset(
    {
        "GetItem",
        "Reshape",
        "Transpose",
        "ExpandDims",
        "Squeeze",
        "Cast",
        "Concatenate",
        "Split",
        "Stack",
        "Tile",
        "Repeat",
        "Flip",
        "Take",
    }
)
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


@dataclass(frozen=True)
class InputSample:
    """How to sample one model input; `vocabulary` is the smallest one it feeds."""

    name: str
    shape: Shape
    dtype: str
    vocabulary: int | None
    padded: bool


def input_samples(model: Submodel) -> list[InputSample]:
    """One description per model input, in the model's order."""
    return [_sample(model.graph, tensor) for tensor in model.graph.inputs]


def _sample(graph: Graph, tensor: Tensor) -> InputSample:
    embeddings = list(_embeddings(graph, tensor, set()))
    sizes = [int(layer.config["input_dim"]) for layer in embeddings]
    padded = any(layer.config.get("mask_zero") for layer in embeddings)
    if not sizes and tensor.dtype in INTEGERS:
        sizes = [2]
    return InputSample(tensor.node.operation.name, tensor.shape, tensor.dtype, min(sizes) if sizes else None, padded)


def _embeddings(graph: Graph, tensor: Tensor, seen: set[int]) -> Iterator[Layer]:
    for node in graph.nodes:
        if id(node) in seen or not any(t is tensor for t in node.tensors()):
            continue
        yield from _through(node, tensor, graph, seen | {id(node)})


def _through(node: Node, tensor: Tensor, graph: Graph, seen: set[int]) -> Iterator[Layer]:
    operation = node.operation
    if isinstance(operation, Submodel):
        position = next(i for i, t in enumerate(node.tensors()) if t is tensor)
        inner = operation.graph
        if position < len(inner.inputs):
            yield from _embeddings(inner, inner.inputs[position], set())
        return
    if operation.class_name == "Embedding" and isinstance(operation, Layer):
        yield operation
    elif operation.class_name == "TimeDistributed" and isinstance(operation, Layer):
        yield from _inside(operation.children["layer"])
    elif operation.class_name in (MOVING_OPS if isinstance(operation, Op) else MOVING):
        for output in node.outputs:
            yield from _embeddings(graph, output, seen)


def _inside(child: Layer | list[Layer]) -> Iterator[Layer]:
    if isinstance(child, Submodel):
        yield from _embeddings(child.graph, child.graph.inputs[0], set())
    elif isinstance(child, Layer) and child.class_name == "Embedding":
        yield child
