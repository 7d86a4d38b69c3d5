"""What to feed a model, by the file: token IDs below the vocabulary, padded sequences, seeded noise.

The plan is on trial and is not asked; only a shape that the file does not tell is the plan's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from k2to3.keras2.model import Call, LayerRecord, Model, Ref, leaves
from k2to3.keras2.parse import layers_of, parse_layer
from k2to3.sources.json_text import Json

AROUND = frozenset({"TimeDistributed", "SpectralNormalization", "Addons>SpectralNormalization"})
"""Wrappers that hand their input to the layer inside as it is, or step by step."""
# Token IDs reach an Embedding unchanged through these; a Lambda in front of an Embedding gives tokens, too.
MOVING = frozenset(
    {
        "Activation", "Concatenate", "Cropping1D", "Dropout", "Flatten", "Lambda", "Masking", "Merge", "Permute",
        "RepeatVector", "Reshape", "SlicingOpLambda", "SpatialDropout1D", "ZeroPadding1D",
    }
)  # fmt: skip
# As TFOpLambda and TensorFlowOpLayer name them, in small letters.
MOVING_OPS = frozenset(
    {
        "__operators__.getitem", "cast", "concat", "concatv2", "expand_dims", "expanddims", "gather", "gatherv2",
        "identity", "pack", "repeat", "reshape", "reverse", "reversev2", "split", "splitv", "squeeze", "stack",
        "strided_slice", "stridedslice", "tile", "transpose", "unpack", "unstack",
    }
)  # fmt: skip
WHOLE = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
# Layers that cast what they get to their policy.
IMAGES = frozenset(
    {
        "CenterCrop", "RandomBrightness", "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation",
        "RandomTranslation", "RandomZoom", "Rescaling", "Resizing",
    }
)  # fmt: skip
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class InputSample:
    """How to sample one model input; `vocabulary` is the smallest one it feeds.

    `free` are whole numbers that no Embedding reads (see `whole_numbers`): 0 and 1, where no judge says more.
    `least` is how far open extents go at the least; numbers lie `within` two, where a layer casts them to whole ones:
    what a cast makes of others, no language defines. `tokens` are all that a StringLookup takes which has no index for
    others.
    """

    name: str
    shape: Shape
    dtype: str
    vocabulary: int | None
    padded: bool
    ragged: bool
    free: bool = False
    least: int = 0
    within: tuple[int, int] | None = None
    tokens: tuple[str, ...] = ()


def input_samples(model: Model, shapes: Sequence[Shape]) -> list[InputSample]:
    """One description per model input, in the model's order; `shapes` stand in where the file tells none."""
    least, within = largest_crop(model), whole_range(model)
    samples = (_sample(model, ref, shape) for ref, shape in zip(leaves(model.inputs), shapes, strict=True))
    return [replace(sample, least=least, within=within) for sample in samples]


def whole_range(model: Model) -> tuple[int, int] | None:
    """The numbers that every policy of whole numbers holds."""
    kinds = {_dtype(record.config.get("dtype")) for record in layers_of(model) if record.class_name in IMAGES}
    limits = [WHOLE[kind] for kind in kinds if kind in WHOLE]
    return (max(low for low, _ in limits), min(high for _, high in limits)) if limits else None


def largest_crop(model: Model) -> int:
    """The largest extent that a CenterCrop leaves: what is smaller it enlarged, which no open graph of Keras 3 does."""
    crops = [record.config for record in layers_of(model) if record.class_name == "CenterCrop"]
    return max((int(config[key]) for config in crops for key in ("height", "width")), default=0)


def _sample(model: Model, ref: Ref, shape: Shape) -> InputSample:
    config = model.layer(ref.layer).config
    embeddings = list(reached(model, ref))
    sizes = [int(found["input_dim"]) for found in embeddings]
    dtype = _dtype(config.get("dtype"))
    free = not sizes and dtype in WHOLE
    stored = config.get("batch_input_shape") or config.get("batch_shape")
    told = tuple(stored) if isinstance(stored, list) and len(stored) == len(shape) else shape
    padded = any(found.get("mask_zero") for found in embeddings)
    vocabulary = 2 if free else min(sizes, default=None)
    return InputSample(
        ref.layer, told, dtype, vocabulary, padded, bool(config.get("ragged")), free, tokens=tokens_of(model, ref)
    )


def tokens_of(model: Model, ref: Ref) -> tuple[str, ...]:
    """What every StringLookup knows that an input reaches and that fails on what it does not know."""
    closed = [found for found in reached(model, ref, "StringLookup") if found.get("num_oov_indices") == 0]
    lists = [found["vocabulary"] for found in closed if isinstance(found.get("vocabulary"), list)]
    return tuple(token for token in lists[0] if all(token in other for other in lists)) if lists else ()


def _dtype(value: Any) -> str:
    """Of an InputLayer; a policy is that of the layer behind it, whose input is float32."""
    if isinstance(value, dict):
        value = (value.get("config") or {}).get("name")
    return value if isinstance(value, str) and not value.startswith(("mixed_", "_infer", "policy")) else "float32"


def reached(model: Model, ref: Ref, kind: str = "Embedding", seen: frozenset[Ref] = frozenset()) -> Iterator[Json]:
    """Configs of the layers of a class that a tensor of `model` reaches as it is."""
    if ref in seen:
        return
    for record in model.layers:
        for number, call in enumerate(record.calls):
            if ref in set(call.refs()):
                yield from _through(model, record, call, number, ref, kind, seen | {ref})


def _through(
    model: Model, record: LayerRecord, call: Call, number: int, ref: Ref, kind: str, seen: frozenset[Ref]
) -> Iterator[Json]:
    if record.model is not None:
        for given, inner in zip(call.refs(), leaves(record.model.inputs), strict=False):
            if given == ref:
                yield from reached(record.model, inner, kind)
    elif record.class_name == kind:
        yield record.config
    elif record.class_name in AROUND:
        yield from _inside(parse_layer(record.config["layer"]), kind)
    elif record.class_name in MOVING or op_name(record) in MOVING_OPS:
        outputs = {found for layer in model.layers for each in layer.calls for found in each.refs()}
        for output in sorted(outputs, key=lambda found: (found.layer, found.call, found.tensor)):
            if (output.layer, output.call) == (record.name, number):
                yield from reached(model, output, kind, seen)


def _inside(layer: LayerRecord, kind: str) -> Iterator[Json]:
    if layer.model is not None:
        first = next(leaves(layer.model.inputs), None)
        yield from () if first is None else reached(layer.model, first, kind)
    elif layer.class_name == kind:
        yield layer.config


def op_name(record: LayerRecord) -> str:
    """The TensorFlow function that a layer stands for; empty for a layer of its own."""
    if record.class_name == "TFOpLambda":
        return str(record.config.get("function")).lower()
    node = record.config.get("node_def")
    if record.class_name == "TensorFlowOpLayer":
        return str(node.get("op") if isinstance(node, dict) else node).lower()
    return ""
