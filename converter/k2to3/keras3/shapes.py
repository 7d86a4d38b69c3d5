"""Output shapes and dtypes of the built-in Keras 3 layers that rules emit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from k2to3.errors import BadConfig
from k2to3.keras3.layer import Layer, Submodel
from k2to3.keras3.policy import FLOATS, compute_dtype
from k2to3.keras3.types import Shape, Spec

if TYPE_CHECKING:
    Structure = Any

Rule = Callable[[Layer, list[Shape]], Shape]
SHAPES: dict[str, Rule] = {}


def layer_output(layer: Layer, inputs: Structure, kwargs: Mapping[str, Structure]) -> list[Spec]:
    """Specs of all outputs of one call; `inputs` holds (shape, dtype) leaves."""
    specs = list(_specs(inputs))
    if isinstance(layer, Submodel):
        return _submodel(layer, specs)
    if layer.custom is not None:
        return layer.custom.outputs(inputs, kwargs)
    dtype = _dtype(layer, specs)
    from k2to3.keras3.shapes_recurrent import recurrent_outputs

    found = recurrent_outputs(layer, [shape for shape, _ in specs])
    if found is None:
        rule = SHAPES.get(layer.class_name, _same)
        found = [rule(layer, [shape for shape, _ in specs])]
    if layer.class_name == "MultiHeadAttention":
        found += _attention_scores(layer, specs, kwargs)
    if layer.class_name == "Attention" and kwargs.get("return_attention_scores"):
        found.append((*specs[0][0][:-1], specs[1][0][1]))
    return [(tuple(shape), dtype) for shape in found]


def _specs(structure: Structure) -> list[Spec]:
    if isinstance(structure, tuple):
        return [structure]
    if isinstance(structure, Mapping):
        return [spec for key in sorted(structure) for spec in _specs(structure[key])]
    if isinstance(structure, list):
        return [spec for item in structure for spec in _specs(item)]
    return []


def _submodel(layer: Submodel, specs: list[Spec]) -> list[Spec]:
    from k2to3.keras3.graph import tensors

    batch = specs[0][0][0] if specs and specs[0][0] else None
    found = []
    for tensor in tensors(layer.graph.outputs):
        shape = (batch, *tensor.shape[1:]) if tensor.shape else tensor.shape
        found.append((shape, tensor.dtype))
    return found


KEEPS_DTYPE = frozenset(
    {
        "Flatten",
        "Reshape",
        "Permute",
        "RepeatVector",
        "Identity",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "ZeroPadding1D",
        "ZeroPadding2D",
        "ZeroPadding3D",
        "UpSampling1D",
        "UpSampling3D",
        "Concatenate",
        "Dropout",
        "InputLayer",
        "UpSampling2D",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
        "ActivityRegularization",
        "Activation",
        "ReLU",
        "Add",
        "Subtract",
        "Multiply",
        "Maximum",
        "Minimum",
        "Dot",
    }
)
INTEGER = {
    "StringLookup": "int64",
    "IntegerLookup": "int64",
    "Hashing": "int64",
    "Discretization": "int64",
    "HashedCrossing": "int64",
    "TextVectorization": "int64",
}


def _dtype(layer: Layer, specs: list[Spec]) -> str:
    compute = compute_dtype(layer.dtype)
    if layer.class_name in INTEGER:
        if layer.config.get("invert"):
            return "string" if layer.class_name == "StringLookup" else "int64"
        return INTEGER[layer.class_name] if layer.config.get("output_mode") in ("int", None) else compute
    first = specs[0][1] if specs else compute
    if layer.class_name in KEEPS_DTYPE and first not in FLOATS:
        return first
    return compute


def shape_rule(*class_names: str) -> Callable[[Rule], Rule]:
    """Register a shape function `(layer, input shapes) -> output shape`."""

    def register(rule: Rule) -> Rule:
        SHAPES.update(dict.fromkeys(class_names, rule))
        return rule

    return register


def _same(layer: Layer, shapes: list[Shape]) -> Shape:
    return shapes[0]


@shape_rule("Dense")
def _dense(layer: Layer, shapes: list[Shape]) -> Shape:
    return (*shapes[0][:-1], layer.config["units"])


@shape_rule("Embedding")
def _embedding(layer: Layer, shapes: list[Shape]) -> Shape:
    return (*shapes[0], layer.config["output_dim"])


@shape_rule("Flatten")
def _flatten(layer: Layer, shapes: list[Shape]) -> Shape:
    inner = shapes[0][1:]
    if not inner:
        return (shapes[0][0], 1)
    return (shapes[0][0], None if None in inner else prod(n or 0 for n in inner))


@shape_rule("Reshape")
def _reshape(layer: Layer, shapes: list[Shape]) -> Shape:
    target = list(layer.config["target_shape"])
    inner = shapes[0][1:]
    if -1 in target:
        known = prod(n for n in target if n != -1)
        total = None if None in inner else prod(n or 0 for n in inner)
        target[target.index(-1)] = None if total is None or not known else total // known
    return (shapes[0][0], *target)


@shape_rule("Permute")
def _permute(layer: Layer, shapes: list[Shape]) -> Shape:
    return (shapes[0][0], *(shapes[0][axis] for axis in layer.config["dims"]))


@shape_rule("RepeatVector")
def _repeat(layer: Layer, shapes: list[Shape]) -> Shape:
    return (shapes[0][0], layer.config["n"], shapes[0][1])


@shape_rule("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
def _merge(layer: Layer, shapes: list[Shape]) -> Shape:
    from k2to3.keras3.graph import broadcast

    # Keras aligns inputs of different rank after the batch axis, not at the end.
    rank = max(len(shape) for shape in shapes)
    aligned = [(s[0], *(1,) * (rank - len(s)), *s[1:]) for s in shapes]
    return broadcast(aligned)


@shape_rule("Concatenate")
def _concatenate(layer: Layer, shapes: list[Shape]) -> Shape:
    axis = layer.config["axis"] % len(shapes[0])
    extents = [shape[axis] for shape in shapes]
    joined = None if None in extents else sum(n for n in extents if n is not None)
    others = [next((s[i] for s in shapes if s[i] is not None), None) for i in range(len(shapes[0]))]
    others[axis] = joined
    return tuple(others)


@shape_rule("Dot")
def _dot(layer: Layer, shapes: list[Shape]) -> Shape:
    axes = layer.config["axes"]
    first, second = (axes, axes) if isinstance(axes, int) else axes
    left, right = list(shapes[0]), list(shapes[1])
    left.pop(first % len(left))
    right.pop(second % len(right))
    joined = left + right[1:]
    return tuple(joined) if len(joined) > 1 else (joined[0], 1)


@shape_rule("EinsumDense")
def _einsum(layer: Layer, shapes: list[Shape]) -> Shape:
    output = layer.config["output_shape"]
    output = list(output) if isinstance(output, (list, tuple)) else [output]
    return (*shapes[0][: _einsum_rank(layer) - len(output)], *output)


def _einsum_rank(layer: Layer) -> int:
    return len(layer.config["equation"].split("->")[1].replace("...", ""))


@shape_rule("Attention", "AdditiveAttention")
def _attention(layer: Layer, shapes: list[Shape]) -> Shape:
    return (*shapes[0][:-1], shapes[1][-1])


@shape_rule("MultiHeadAttention")
def _multi_head(layer: Layer, shapes: list[Shape]) -> Shape:
    output = layer.config.get("output_shape")
    if output is None:
        return shapes[0]
    tail = output if isinstance(output, list) else [output]
    return (*shapes[0][: -len(tail)], *tail)


def _attention_scores(layer: Layer, specs: list[Spec], kwargs: Mapping[str, Any]) -> list[Shape]:
    if not kwargs.get("return_attention_scores"):
        return []
    query = specs[0][0]
    axes = layer.config.get("attention_axes") or list(range(1, len(query) - 1))
    source = kwargs.get("key") or kwargs["value"]
    extents = [query[axis] for axis in axes] + [source.shape[axis] for axis in axes]
    return [(query[0], layer.config["num_heads"], *extents)]


@shape_rule("TimeDistributed")
def _time_distributed(layer: Layer, shapes: list[Shape]) -> Shape:
    child = layer.children["layer"]
    assert isinstance(child, Layer)
    inner = (shapes[0][0], *shapes[0][2:])
    (found, _), *rest = layer_output(child, (inner, "float32"), {})
    if rest:
        raise BadConfig("TimeDistributed needs an inner layer with one output", layer=layer.name)
    return (found[0], shapes[0][1], *found[1:])


@shape_rule("SpectralNormalization")
def _spectral(layer: Layer, shapes: list[Shape]) -> Shape:
    child = layer.children["layer"]
    assert isinstance(child, Layer)
    return layer_output(child, (shapes[0], "float32"), {})[0][0]


@shape_rule("Resizing")
def _resizing(layer: Layer, shapes: list[Shape]) -> Shape:
    size = (layer.config["height"], layer.config["width"])
    shape = shapes[0]
    return (*shape[:-3], *size, shape[-1])


@shape_rule("CenterCrop")
def _center_crop(layer: Layer, shapes: list[Shape]) -> Shape:
    return (*shapes[0][:-3], layer.config["height"], layer.config["width"], shapes[0][-1])


def _register() -> None:
    from k2to3.keras3 import shapes_categories, shapes_spatial

    SHAPES.update(shapes_spatial.SPATIAL)
    SHAPES.update(shapes_categories.CATEGORIES)


_register()
