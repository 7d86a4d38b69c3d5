"""Masks in and out of TimeDistributed.

Keras 2 from 2.2 on (tf.keras from TF 1.10 on) merges batch and time, calls the inner layer on that with
the mask merged alike, and takes over the mask that the inner layer makes (`call` and `compute_mask` in
layers/wrappers.py). Before, the inner layer saw no mask and the input's went on as it was. Keras 3
hands every step its part of the mask and lets the input's go on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.model import Call, LayerRecord, Model, Ref
from k2to3.keras2.parse import parse_layer, parts
from k2to3.keras3 import masks, ops
from k2to3.keras3.graph import Graph, Tensor, one, tensors
from k2to3.keras3.masks import Mask, MaskBuilder
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Weights
from k2to3.rules.language import CallSite, Instead, Rules

# Their `call` takes a mask and computes otherwise with it.
LISTENS = frozenset(
    {
        *("LSTM", "GRU", "SimpleRNN", "RNN", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM2D", "Bidirectional"),
        *("GlobalAveragePooling1D", "GlobalAvgPool1D", "Attention", "AdditiveAttention", "MultiHeadAttention"),
    }
)


def inner_of(value: Any, record: LayerRecord, key: str = "layer") -> LayerRecord:
    """What a wrapper wraps: `value`, of the key `key`."""
    if not isinstance(value, dict):
        raise BadConfig("wraps nothing", layer=record.name, key=key)
    return parse_layer(value)


def stepped(record: LayerRecord) -> LayerRecord:
    """What a TimeDistributed calls."""
    return inner_of(record.config.get("layer"), record)


def instead_of_steps(site: CallSite) -> Instead | None:
    """The inner layer on batch and time merged, where Keras 2 computed that and a mask shows it.

    Raises:
        UnsupportedOption: Keras releases differ here, and the file does not say which wrote it.
    """
    record, mask = site.record, site.mask
    if not _merges(site):
        return None
    if site.kwargs.get("training") is not None:
        raise UnsupportedOption("masks inside it, and a call argument", layer=record.name, key="training")
    model, args = as_model(record), one(site.args)
    weights = Weights(children={model.layers[-1].name: site.weights.child(record.name).child("layer")})
    return Instead(
        model,
        weights,
        lambda graph: merged(graph, record, args, mask),
        lambda graph, output: split(graph, record, output, args, mask),
        "masks go through it: batch and time are merged in front of its layer, as in Keras 2",
    )


def _merges(site: CallSite) -> bool:
    """Whether this call must be written as Keras 2 computed it: batch and time merged."""
    record, mask, writer = site.record, site.mask, site.conversion.writer
    inner = stepped(record)
    rank = None if mask is None else len(mask.build(Graph()).shape)
    # TF 2.3 and 2.4 both call themselves 2.4.0; TF 2.4, whose Softmax takes masks, fails on one per sample.
    silent = writer.before(2, 4, 1) if rank == 2 else writer.before(2, 4)
    listens = inner.class_name in LISTENS or (inner.class_name == "Softmax" and not silent)
    if rank == 2 and listens and not writer.before(2, 2):
        raise UnsupportedOption(
            f"{inner.class_name} would get one mask value per sample, on which Keras 2 fails", layer=record.name
        )
    makes = any(class_name == "Masking" or config.get("mask_zero") for class_name, config in parts(inner))
    if not makes and (rank in (None, 2) or _passes(inner, listens, site.conversion.rules)):
        return False
    if inner.model is not None and rank in (None, 2) and not _masked(site, inner):
        return False
    return _passes_masks(site, makes)


def _masked(site: CallSite, inner: LayerRecord) -> bool:
    """Whether what a nested model gives back has a mask."""
    weights = site.weights.child(site.record.name).child("layer")
    given = one(site.args)
    tensor = Graph().input("input", (None, *given.shape[2:]), given.dtype)
    trial = replace(site.conversion, findings=[])
    model = trial.engine.model(inner, weights, [tensor], trial)
    return any(output.mask is not None for output in tensors(model.graph.outputs))


def _passes(inner: LayerRecord, listens: bool, rules: Rules) -> bool:
    """Whether masks only go by."""
    if inner.model is not None or listens or inner.class_name == "TimeDistributed":
        return False
    return rules.find(inner).masks == "pass"


def _passes_masks(site: CallSite, makes: bool) -> bool:
    record, inputs, writer = site.record, site.args, site.conversion.writer
    if writer.before(2, 2):
        if writer.tensorflow and not writer.before(2, 1, 6):
            raise UnsupportedOption(
                "TensorFlow 1.9 and 1.10 treat masks inside it in different ways, and both call themselves 2.1.6",
                layer=record.name,
            )
        return False
    if makes and writer.tensorflow and writer.version == (2, 3, 0) and not site.names_cells():
        raise UnsupportedOption(
            "makes masks, which TF 2.1 carried on or not, as it knew the batch or not", layer=record.name
        )
    if not isinstance(inputs, Tensor) or inputs.shape[0] is not None:
        raise UnsupportedOption("masks inside it, and a batch of fixed size or several inputs", layer=record.name)
    return True


def as_model(record: LayerRecord) -> Model:
    """The inner layer as a model of its own, called once."""
    inner, start = stepped(record), f"{record.name}_in_steps"
    if not record.trainable:
        inner = replace(inner, config={**inner.config, "trainable": False})
    called = replace(inner, calls=(Call(Ref(start)),))
    return Model(record.name, (LayerRecord("InputLayer", start, {}), called), Ref(start), Ref(inner.name), False)


def merged(graph: Graph, record: LayerRecord, inputs: Tensor, mask: Mask | None) -> Tensor:
    """Batch and time as one axis, with the mask merged alike where it reaches behind the time."""
    tensor = _reshaped(graph, record, inputs, (None, *inputs.shape[2:]))
    if mask is not None:
        given = graph.mask_tensor(mask)
        if len(given.shape) > 2:
            tensor.mask = masks.given(_reshaped(graph, record, given, (None, *given.shape[2:])))
    return tensor


def split(graph: Graph, record: LayerRecord, output: Any, inputs: Tensor, mask: Mask | None) -> Tensor:
    """Batch and time apart again; the mask is that of the inner layer, else the input's by steps."""
    if not isinstance(output, Tensor):
        raise UnsupportedOption("masks inside it, and several outputs", layer=record.name)
    steps = inputs.shape[1]
    if steps is None:
        raise UnsupportedOption("masks inside it, and an unknown number of time steps", layer=record.name)
    found = _reshaped(graph, record, output, (None, steps, *output.shape[1:]))
    if output.mask is not None:
        inner = graph.mask_tensor(output.mask)
        found.mask = masks.given(_reshaped(graph, record, inner, (None, steps, *inner.shape[1:])))
    elif mask is not None:
        found.mask = by_steps(mask)
    return found


def by_steps(mask: Mask) -> Mask:
    """A mask over (batch, steps): whether anything of a step counts."""

    def build(graph: MaskBuilder) -> Tensor:
        given = graph.mask_tensor(mask)
        axes = list(range(2, len(given.shape)))
        if not axes:
            return given
        return ops.any(graph, given, axis=axes)

    return Mask(("by steps", mask.key), build)


def _reshaped(graph: Graph, record: LayerRecord, tensor: Tensor, shape: Shape) -> Tensor:
    if None in shape[1:]:
        raise UnsupportedOption("masks inside it, and more than one unknown extent", layer=record.name)
    return ops.reshape(graph, tensor, [-1, *shape[1:]])
