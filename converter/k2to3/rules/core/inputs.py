"""InputLayer: `batch_input_shape` became `batch_shape`; older Sequential files have none.

Multi-backend Keras 2.2.4 to 2.3.1 stored no shape at all for `Sequential([InputLayer])`;
then the first layer's weights say what they can.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.ops.elementwise import cast
from k2to3.keras3.policy import compute_dtype
from k2to3.keras3.types import Shape, Spec
from k2to3.matching.slots import Weights
from k2to3.rules.common import policy
from k2to3.rules.core.ragged import check_ragged_shape
from k2to3.rules.language import Context, Native, rule
from k2to3.sources.author import Writer

# Extents between the batch and the features that the layer's inputs have.
INNER_AXES = {
    "Dense": 0,
    "LSTM": 1,
    "GRU": 1,
    "SimpleRNN": 1,
    "CuDNNLSTM": 1,
    "CuDNNGRU": 1,
    "Conv1D": 1,
    "Conv2D": 2,
    "Conv3D": 3,
    "SeparableConv1D": 1,
    "SeparableConv2D": 2,
    "DepthwiseConv2D": 2,
}
CHANNEL_AXIS = {
    "SeparableConv1D": -2,
    "SeparableConv2D": -2,
    "DepthwiseConv2D": -2,
    "Conv1D": -2,
    "Conv2D": -2,
    "Conv3D": -2,
}
FIRST_WEIGHT = ("kernel", "depthwise_kernel")


def read_input(
    record: LayerRecord, first: LayerRecord | None, weights: Weights, spec: Spec | None, writer: Writer
) -> tuple[Shape, str, dict[str, Any]]:
    """Shape with batch, dtype and extra config of an InputLayer.

    Raises:
        UnsupportedOption: a ragged input of something else than rows, or a type spec.
        BadConfig: no shape anywhere.
    """
    config = Config(record.config, record.name)
    shape = config.take("batch_input_shape", None) or config.take("batch_shape", None)
    dtype = config.take("dtype", None)
    sparse = bool(config.take("sparse", False))
    ragged = bool(config.take("ragged", False))
    if config.take("type_spec", None) is not None:
        raise UnsupportedOption("an input type spec", layer=record.name, key="type_spec")
    config.ignore("name", "trainable", "optional", "input_dtype", "batch_size", "input_shape")
    config.finish()
    found = _shape(shape, record) if shape is not None else _inferred(record, first, weights, spec)
    if ragged:
        check_ragged_shape(record, found, _dtype(dtype))
    extra = {key: True for key, said in (("sparse", sparse), ("ragged", ragged)) if said}
    return found, _dtype(dtype), extra


WRAPPERS = frozenset({"TimeDistributed", "Bidirectional"})
WIDTHS = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


def as_declared(graph: Graph, record: LayerRecord, tensor: Tensor, writer: Writer) -> Tensor:
    """What a model is called on, in the dtype of its InputLayer, where that says less than the tensor.

    A model that stays nested does it in Keras 3 as well. Casts that lose nothing are left to the layers.

    Source: `_conform_to_reference_input` in keras/engine/functional.py, from TensorFlow 2.2 on.
    """
    wanted = _dtype(record.config.get("dtype"))
    if not writer.tensorflow or writer.releases[0] < (2, 2) or tensor.dtype == wanted or tensor.dtype not in WIDTHS:
        return tensor
    if wanted != "bfloat16" and WIDTHS.get(wanted, 0) > WIDTHS[tensor.dtype]:
        return tensor
    found = cast(graph, tensor, wanted)
    found.mask = tensor.mask
    return found


def handed_on(graph: Graph, record: LayerRecord, args: Structure) -> Structure:
    """What a wrapper of half precision hands to a layer of another: Keras 3 goes by the layer's policy alone.

    Source: `_maybe_cast_inputs` in keras/engine/base_layer.py, from TensorFlow 2.1 on, which wrote such policies first.
    """
    held = record.config.get("layer")
    if record.class_name not in WRAPPERS or not isinstance(held, dict):
        return args
    tensor, *states = args if isinstance(args, list) else [args]
    wanted, other = compute_dtype(policy(record.config.get("dtype"), record.name)), policy_of_inner(record)
    if not isinstance(tensor, Tensor) or wanted == compute_dtype(other):
        return args
    if WIDTHS.get(wanted, 4) > 2 or WIDTHS.get(tensor.dtype, 0) <= 2:
        return args
    found = cast(graph, tensor, wanted)
    found.mask = tensor.mask
    return [found, *states] if isinstance(args, list) else found


def policy_of_inner(wrapper: LayerRecord) -> str | None:
    """The policy of a wrapper in Keras 3: that of the layer inside, whose weights it casts as its own policy says."""
    inner = parse_layer(wrapper.config["layer"])
    subject = wrapper if inner.model is not None else inner
    return policy(subject.config.get("dtype"), subject.name)


# Few layers ever took sparse tensors.
SPARSE = frozenset(
    {"Dense", "Discretization", "CategoryEncoding", "Hashing", "HashedCrossing", "StringLookup", "IntegerLookup"}
)


def check_sparse(record: LayerRecord, consumers: list[LayerRecord]) -> None:
    """Sparse tensors go into layers that take them, in both Kerases.

    Raises:
        UnsupportedOption: into another.
    """
    other = next((layer for layer in consumers if layer.class_name not in SPARSE), None)
    if record.config.get("sparse") and other is not None:
        raise UnsupportedOption(f"sparse input into {other.class_name} {other.name!r}", layer=record.name, key="sparse")


def guessed(record: LayerRecord, spec: Spec | None) -> bool:
    """Whether only the weights tell the shape; a Dense layer may have been called on more axes than two."""
    return spec is None and not (record.config.get("batch_input_shape") or record.config.get("batch_shape"))


def _shape(value: Any, record: LayerRecord) -> Shape:
    if not isinstance(value, list) or not all(n is None or (isinstance(n, int) and n >= 0) for n in value):
        raise BadConfig(f"{value!r} is not a shape", layer=record.name, key="batch_input_shape")
    return tuple(value)


def _dtype(value: Any) -> str:
    if isinstance(value, dict):
        value = (value.get("config") or {}).get("name")
    if not isinstance(value, str):
        return "float32"
    # The input of a mixed-precision first layer is float32 in Keras 2 as well.
    return "float32" if value.startswith("mixed_") or value in ("_infer", "policy") else value


def _inferred(record: LayerRecord, first: LayerRecord | None, weights: Weights, spec: Spec | None) -> Shape:
    if spec is not None:
        return spec[0]
    if first is not None and first.model is not None:
        inner = first.model
        start = inner.layers[0]
        if start.config.get("batch_input_shape"):
            return _shape(start.config["batch_input_shape"], record)
        consumer = next((layer for layer in inner.layers[1:]), None)
        if consumer is not None:
            return _inferred(record, consumer, weights.child(consumer.name), None)
    if first is not None and first.class_name == "Embedding":
        return (None, None)
    if first is not None and first.class_name == "Bidirectional":
        for child in weights.children.values():
            return _from_kernel("LSTM", child, record)
    return _from_kernel(first.class_name if first else "", weights, record)


def _from_kernel(class_name: str, weights: Weights, record: LayerRecord) -> Shape:
    kernel = next((weights.slots[name] for name in FIRST_WEIGHT if name in weights.slots), None)
    if kernel is None or class_name not in INNER_AXES:
        raise BadConfig(
            "the file says nowhere which input shape the model has",
            layer=record.name,
            hint="give that of one sample: --input-shape 28,28,1 (? where an extent is free)",
        )
    features = kernel.shape[CHANNEL_AXIS.get(class_name, 0)]
    return (None, *(None,) * INNER_AXES[class_name], features)


@rule("InputLayer", "Input", masks="drop")
def input_layer(context: Context) -> Native:
    """`batch_input_shape` became `batch_shape`; read by `read_input`, never called."""
    raise BadConfig("an InputLayer is called", layer=context.record.name)
