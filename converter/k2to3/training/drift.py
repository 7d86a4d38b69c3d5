"""Where training differs between Keras 2 and 3 although outputs are the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from k2to3.archive.serialise import Serialiser
from k2to3.counting import shortened
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras3.graph import Submodel, Tensor, tensors
from k2to3.keras3.layer import Layer
from k2to3.rules.language import Conversion
from k2to3.sources.author import Writer
from k2to3.training.carry import scaled
from k2to3.training.hyperparameters import NEVER, rooted
from k2to3.training.record import Optimizer, Training
from k2to3.training.variables import Trained

# Per optimizer: how far a step takes a weight that is stored `k` times as large, as a
# power of `k` too few. Adadelta's units cancel, its epsilon aside.
SLOWER = {"SGD": 2, "Adadelta": 0}
# TensorFlow 1.14 to 2.10 moved only the rows of the batch (sparse gradients).
LAZY = {
    "SGD": "momentum",
    "RMSprop": "momentum",
    "Adadelta": None,
    "Adamax": None,
}


def compare_training(
    training: Training,
    model: Model,
    target: Submodel,
    serialiser: Serialiser,
    conversion: Conversion,
    trained: Sequence[Trained],
) -> None:
    """Fill in `differs`, `close`, `unsteady` and `moving`."""
    writer = conversion.writer
    assert training.optimizer is not None
    optimizer = training.optimizer.inner or training.optimizer
    records = list(walk(model))
    training.close += _fixed_scale(training.optimizer)
    training.close += _half(target, serialiser)
    training.differs += _folding(optimizer, trained)
    training.differs += _sparse(optimizer, records, writer)
    training.differs += _regularized(records, writer)
    dropped = sorted(name for option, name in conversion.used if option == "drop")
    training.differs += [f"the archive goes without {name} (--drop)" for name in dropped]
    if any(tensor.mask is not None for tensor in tensors(target.graph.outputs)):
        training.differs.append("an output carries a mask, which weighs the loss otherwise in some Keras 2 releases")
    if rooted(optimizer.class_name, optimizer.config, optimizer.legacy):
        training.close.append(
            f"{optimizer.class_name}: Keras 3 adds epsilon inside the square root; with epsilon² there, a step differs "
            "by at most epsilon ÷ √(accumulated square) of its length"
        )
    if writer.standalone and writer.backend == "tensorflow":
        training.unsteady.append(
            "on TensorFlow 1 this Keras read weights and step counts while it updated them, so that its own steps do "
            "not repeat; Keras 3 takes the steps that it meant (and took on Theano)"
        )
    _normalization(training, records, dict(_normalized(target, serialiser)), writer)


def _fixed_scale(optimizer: Optimizer) -> list[str]:
    if optimizer.inner is None or optimizer.config["dynamic_growth_steps"] != NEVER:
        return []
    return [
        "a fixed loss scale: should a gradient overflow, Keras 3 skips the step and halves the scale, where Keras 2 "
        "applied what it had; all other steps are equal"
    ]


def _half(target: Submodel, serialiser: Serialiser) -> list[str]:
    """Keras 2 computed such losses in half precision too, Keras 3 computes all in float32."""
    found = {str(tensor.dtype) for tensor in _computed(target, serialiser)} & {"float16", "bfloat16"}
    return [
        f"the model computes in {dtype}: losses and gradients are rounded to it at other places than in Keras 2"
        for dtype in sorted(found)
    ]


def _computed(model: Submodel, serialiser: Serialiser) -> Iterator[Tensor]:
    for node in serialiser.close(model).nodes:
        yield from tensors(node.outputs)
        if isinstance(node.operation, Submodel):
            yield from _computed(node.operation, serialiser)


def walk(model: Model) -> Iterator[LayerRecord]:
    """All layers, nested models' too."""
    for record in model.layers:
        yield record
        if record.model is not None:
            yield from walk(record.model)


def _of(names: Iterable[str]) -> str:
    """Layers that something is said of."""
    found = list(dict.fromkeys(names))
    return f"{'layer' if len(found) == 1 else 'layers'} {shortened(found)}"


def _folding(optimizer: Optimizer, trained: Sequence[Trained]) -> list[str]:
    layers = dict.fromkeys(t.layer for t in trained if scaled(t.expression))
    if not layers:
        return []
    power = SLOWER.get(optimizer.class_name, 1)
    ratio = f"1/{1.2**power:.3g} of the learning rate" if power else "the same learning rate, but another epsilon"
    return [
        f"{_of(layers)}: the weights of hard_sigmoid gates are stored times 1.2, their optimizer arrays "
        f"in the same units; with {optimizer.class_name} these weights go on at {ratio}, and regularizers and "
        "gradient clipping see the larger weights"
    ]


def _sparse(optimizer: Optimizer, records: Sequence[LayerRecord], writer: Writer) -> list[str]:
    name = optimizer.class_name
    if name not in LAZY or not optimizer.legacy or writer.standalone:
        return []
    key = LAZY[name]
    embeddings = [r.name for r in records if r.class_name == "Embedding" and r.trainable]
    if not embeddings or (key is not None and not optimizer.config.get(key)):
        return []
    return [
        f"{_of(embeddings)}: {name} of TensorFlow up to 2.10 left the rows of tokens that are not in the "
        "batch alone; Keras 3 moves them on"
    ]


def _regularized(records: Sequence[LayerRecord], writer: Writer) -> list[str]:
    found = []
    active = [r.name for r in records if r.config.get("activity_regularizer")]
    active += [r.name for r in records if r.class_name == "ActivityRegularization"]
    if active and writer.tensorflow:
        found.append(f"{_of(active)}: tf.keras divided activity penalties by the batch size")
    return found


def _normalization(
    training: Training, records: Sequence[LayerRecord], ranks: Mapping[str, int], writer: Writer
) -> None:
    layers = [r for r in records if r.class_name.startswith("BatchNormalization")]
    frozen = [r.name for r in layers if not r.trainable]
    if frozen and (writer.standalone or writer.text == "2.2.4-tf"):
        training.differs.append(f"{_of(frozen)}: a frozen BatchNormalization of this Keras still used batch statistics")
    if writer.standalone and not writer.before(2, 1, 0):
        # Its TensorFlow backend also started the averages anew in each session.
        training.moving += list(ranks)
        training.debiased += list(ranks) if writer.before(2, 3, 0) and not writer.theano else []
    elif writer.tensorflow:
        training.moving += [name for name, rank in ranks.items() if rank in fused_ranks(writer)]


def fused_ranks(writer: Writer) -> tuple[int, ...]:
    """Ranks of what tf.keras normalizes in one kernel: volumes too from TensorFlow 2.6 on.

    Source: tensorflow/python/keras/layers/normalization.py of 2.4, keras/layers/normalization/batch_normalization.py
    of 2.6.
    """
    return (4,) if writer.before(2, 6, 0) else (4, 5)


def _normalized(model: Submodel, serialiser: Serialiser) -> Iterator[tuple[str, int]]:
    """Every BatchNormalization that trains, with the rank of what it normalizes."""
    for node in serialiser.close(model).nodes:
        operation = node.operation
        if isinstance(operation, Submodel):
            yield from _normalized(operation, serialiser)
        elif isinstance(operation, Layer) and operation.class_name == "BatchNormalization" and operation.trainable:
            yield operation.name, len(next(node.tensors()).shape)
