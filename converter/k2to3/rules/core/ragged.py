"""Ragged inputs: where both Kerases compute the same with them, and how a recurrent layer of Keras 3 gets them.

Keras 3 takes them on TensorFlow alone. Each layer that is listed was run in both, on rows of different lengths; Dense,
TimeDistributed, convolutions and recurrent layers of Keras 3 fail on them. What Keras 2 makes of them before a
recurrence, a padded tensor and a mask, ops of Keras 3 make as well.
Source: `convert_inputs_if_ragged` in keras/backend.py of TensorFlow 2.2 to tf-keras 2.21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import Call, LayerRecord, Model, Ref
from k2to3.keras2.order import calls_in_order
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.ops import reductions
from k2to3.keras3.ops.elementwise import not_equal, ones_like, without_gaps
from k2to3.keras3.tensor import Mask, MaskBuilder
from k2to3.keras3.types import Shape

# Ragged tensors come out again. Activations by name are those of `ACTIVATIONS`.
STAYING = frozenset({"Activation", "Add", "Average", "Dropout", "Embedding", "Maximum", "Minimum", "Multiply", "ReLU"})
# A dense tensor comes out.
ENDING = frozenset({"GlobalAveragePooling1D", "GlobalMaxPooling1D"})
RECURRENT = frozenset({"GRU", "LSTM", "SimpleRNN"})
ACTIVATIONS = frozenset({"elu", "exponential", "linear", "relu", "selu", "sigmoid", "softplus", "softsign", "tanh"})
WAY_OUT = (
    "in the old environment, build the model with a dense input, masked by a Masking layer or an Embedding, give it "
    "the weights with set_weights, and save that; it is fed padded rows"
)


def ragged_tensors(model: Model) -> frozenset[Ref]:
    """Outputs of calls that are ragged.

    Raises:
        UnsupportedOption: one goes into a layer that takes none in Keras 3.
    """
    found = {Ref(layer.name) for layer in model.layers if _is_input(layer) and layer.config.get("ragged")}
    if not found:
        return frozenset()
    known = {layer.name for layer in model.layers if _is_input(layer)}
    counts: dict[str, int] = {}
    for record, call in calls_in_order(model, known):
        number = counts.get(record.name, 0)
        counts[record.name] = number + 1
        given = [ref in found for ref in call.refs()]
        if any(given):
            _check_taken(record, call, all(given))
            if record.class_name in STAYING:
                found.add(Ref(record.name, number))
    return frozenset(found)


def check_ragged_shape(record: LayerRecord, shape: Shape, dtype: str) -> None:
    """Rows of numbers, or of vectors of numbers.

    Raises:
        UnsupportedOption: something else is ragged.
    """
    if dtype == "string" or len(shape) not in (2, 3) or shape[1] is not None or None in shape[2:]:
        text = (
            f"a ragged input of {dtype} and shape {list(shape)}; taken are rows of numbers, or of vectors of one size"
        )
        raise UnsupportedOption(text, layer=record.name, key="ragged", hint=WAY_OUT)


def padded(graph: Graph, record: LayerRecord, args: Structure) -> Structure:
    """For a recurrent layer: a dense tensor, and a mask that says what was there."""
    if not isinstance(args, Tensor) or record.class_name not in (*RECURRENT, "Bidirectional"):
        return args
    given = args
    found = without_gaps(graph, given)

    def build(builder: MaskBuilder) -> Tensor:
        ones = without_gaps(builder, ones_like(builder, given))
        return reductions.any(builder, not_equal(builder, ones, 0), [2])

    found.mask = Mask(("ragged", id(given)), build)
    return found


def _is_input(record: LayerRecord) -> bool:
    return record.class_name in ("InputLayer", "Input")


def _check_taken(record: LayerRecord, call: Call, all_ragged: bool) -> None:
    """That a layer takes ragged tensors.

    Raises:
        UnsupportedOption: it does not, or not with its settings.
    """
    problem = next(_problems(record, call, all_ragged), None)
    if problem is not None:
        raise UnsupportedOption(
            f"a ragged tensor into {record.class_name}, {problem}", layer=record.name, key="ragged", hint=WAY_OUT
        )


def _problems(record: LayerRecord, call: Call, all_ragged: bool) -> Iterator[str]:
    name, config = record.class_name, record.config
    layer = _inner(record) if name == "Bidirectional" else record.class_name
    if record.model is not None or (name not in STAYING | ENDING and layer not in RECURRENT):
        yield "which Keras 3 takes none into"
    if call.kwargs:
        yield "which is called with further arguments"
    if not all_ragged:
        yield "together with a dense one"
    if name == "Embedding" and (config.get("mask_zero") or config.get("sparse")):
        yield "which makes a mask of it"
    if name == "Activation" and config.get("activation") not in ACTIVATIONS:
        yield f"with {config.get('activation')!r}, which was not measured on them"
    if name in ENDING and (config.get("data_format") not in (None, "channels_last") or config.get("keepdims")):
        yield "with the axes in another order"
    if layer in RECURRENT:
        yield from _in_recurrence(config)
        inner = config.get("layer")
        yield from _in_recurrence(inner.get("config", {})) if isinstance(inner, dict) else ()
        if config.get("backward_layer"):
            yield "with a backward layer of its own"


def _in_recurrence(config: dict[str, Any]) -> Iterator[str]:
    for key in ("return_sequences", "return_state", "stateful", "unroll", "time_major"):
        if config.get(key):
            yield f"with {key}=True"


def _inner(record: LayerRecord) -> str | None:
    inner = record.config.get("layer")
    return inner.get("class_name") if isinstance(inner, dict) else None
