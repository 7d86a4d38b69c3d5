"""What a judge is told of further training: by the stored training_config, the architecture and the author alone.

Why the steps of Keras 3 cannot be, or can only nearly be, those of the author. The plan says so too, to the user; it is
on trial, and what it says excuses nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from k2to3.keras2.model import LayerRecord, Model, leaves
from k2to3.keras2.parse import layers_of
from k2to3.proof.told import half_precision
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json

# In one spelling: what a loss needs of its targets is all that is asked of its name.
LOSSES = {
    "binarycrossentropy": "BinaryCrossentropy", "binaryfocalcrossentropy": "BinaryFocalCrossentropy",
    "bce": "BinaryCrossentropy", "categoricalcrossentropy": "CategoricalCrossentropy",
    "categoricalfocalcrossentropy": "CategoricalFocalCrossentropy", "categoricalhinge": "CategoricalHinge",
    "cosine": "CosineSimilarity", "cosineproximity": "CosineSimilarity", "cosinesimilarity": "CosineSimilarity",
    "hinge": "Hinge", "huber": "Huber", "huberloss": "Huber", "kld": "KLDivergence", "kldivergence": "KLDivergence",
    "kullbackleiblerdivergence": "KLDivergence", "logcosh": "LogCosh", "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError", "meanabsoluteerror": "MeanAbsoluteError",
    "meanabsolutepercentageerror": "MeanAbsolutePercentageError", "meansquarederror": "MeanSquaredError",
    "meansquaredlogarithmicerror": "MeanSquaredLogarithmicError", "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError", "poisson": "Poisson",
    "sparsecategoricalcrossentropy": "SparseCategoricalCrossentropy", "squaredhinge": "SquaredHinge",
}  # fmt: skip
SPARSE = {"SGD": "momentum", "RMSprop": "momentum", "Adadelta": None, "Adamax": None}
"""Optimizers of TensorFlow up to 2.10 that moved the rows of a batch alone; by which setting, if by one."""
GATES = ("activation", "recurrent_activation", "inner_activation")


def told_training(training: Json, stored: Json, model: Model, writer: Writer, drop: Collection[str]) -> Json:
    """`differs` and `close` are reasons; `losses` has the class of each output's, or None where it is the author's own.

    A reason that leaves the first loss as it is, for it concerns the steps, says so (`first`). `stateless`: no step
    reads what the optimizer kept, though the file may hold it (tf-keras's SGD has velocities also where momentum is 0).
    """
    optimizer = training.get("optimizer_config")
    kind, config = _inner(optimizer if isinstance(optimizer, dict) else {})
    old = is_old(kind, config)
    kind = kind.rsplit(">", 1)[-1]
    records = list(layers_of(model))
    return {
        "differs": [
            *_steps(_folded(records)),
            *_steps(_sparse(kind, config, old, records, writer)),
            *_losses_too(_regularized(records, writer)),
            *_losses_too(_frozen(records, writer)),
            *_losses_too(f"the archive goes without {name} (--drop)" for name in sorted(drop) if _names(stored, name)),
        ],
        "close": [*_rooted(kind, config, old), *_half(stored)],
        "stateless": kind == "SGD" and not config.get("momentum"),
        "losses": losses(training.get("loss"), output_names(model)),
    }


def _steps(texts: Iterator[str]) -> Iterator[Json]:
    return ({"text": text, "first": True} for text in texts)


def _losses_too(texts: Iterator[str]) -> Iterator[Json]:
    return ({"text": text, "first": False} for text in texts)


def _inner(optimizer: Json) -> tuple[str, Json]:
    """Class and config, of the optimizer inside of a loss scale."""
    config = optimizer.get("config")
    config = config if isinstance(config, dict) else {}
    inner = config.get("inner_optimizer") or config.get("optimizer")
    return _inner(inner) if isinstance(inner, dict) else (str(optimizer.get("class_name")), config)


def is_old(kind: str, config: Json) -> bool:
    """Whether it is one of the optimizers of before TensorFlow 2.11, which later versions kept as `legacy`."""
    return not (kind.startswith("Custom>") or "use_ema" in config or config.get("is_legacy_optimizer") is False)


def _folded(records: list[LayerRecord]) -> Iterator[str]:
    for record in records:
        if record.class_name != "Activation" and record.trainable and _gated(record.config):
            yield (
                f"layer {record.name!r}: hard_sigmoid has another slope in Keras 3: weights are stored 1.2 times "
                "as large, and their steps are of another length"
            )


def _gated(node: Any) -> bool:
    """Whether weights stand before a hard_sigmoid, in the layer or in one that it holds."""
    if isinstance(node, dict):
        if node.get("class_name") == "Activation":
            return False
        return any(_is_hard(node.get(key)) for key in GATES) or any(map(_gated, node.values()))
    return isinstance(node, list) and any(map(_gated, node))


def _is_hard(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    return value in ("hard_sigmoid", "HardSigmoid")


def _sparse(kind: str, config: Json, old: bool, records: list[LayerRecord], writer: Writer) -> Iterator[str]:
    key = SPARSE.get(kind)
    if kind not in SPARSE or not old or writer.standalone or (key is not None and not config.get(key)):
        return
    for record in records:
        if record.class_name == "Embedding" and record.trainable:
            yield f"layer {record.name!r}: {kind} of TensorFlow up to 2.10 left the rows of absent tokens alone"


def _regularized(records: list[LayerRecord], writer: Writer) -> Iterator[str]:
    for record in records:
        active = record.config.get("activity_regularizer") or record.class_name == "ActivityRegularization"
        if active and writer.tensorflow:
            yield f"layer {record.name!r}: tf.keras divided activity penalties by the batch size"


def _frozen(records: list[LayerRecord], writer: Writer) -> Iterator[str]:
    if not (writer.standalone or writer.text == "2.2.4-tf"):
        return
    for record in records:
        if record.class_name.startswith("BatchNormalization") and not record.trainable:
            yield f"layer {record.name!r}: a frozen BatchNormalization of this Keras still used batch statistics"


def _rooted(kind: str, config: Json, old: bool) -> list[str]:
    if not old or not (kind == "Adagrad" or (kind == "RMSprop" and not config.get("momentum"))):
        return []
    return [f"{kind}: Keras 3 adds epsilon inside the square root, this Keras added it outside"]


def _half(stored: Json) -> list[str]:
    return ["the model computes in half precision, rounded at other places than in Keras 2"] * bool(
        half_precision(stored)
    )


def _names(stored: Json, name: str) -> bool:
    return json.dumps(name)[1:-1] in json.dumps(stored)


def output_names(model: Model) -> list[str]:
    """As Keras 2 named them: by layer, numbered where a layer has several."""
    layers = [ref.layer for ref in leaves(model.outputs)]
    return [f"{name}_{seen}" if (seen := layers[:at].count(name)) else name for at, name in enumerate(layers)]


def losses(given: Any, names: list[str]) -> list[Json | None]:
    """The loss of each output by its class, None where it is none of Keras's own."""
    if isinstance(given, Mapping) and "class_name" not in given:
        spread = [given.get(name) for name in names]
    elif isinstance(given, list) and len(given) == len(names):
        spread = given
    else:
        spread = [given] * len(names)
    kinds = (LOSSES.get(_plain(item)) for item in spread)
    return [None if kind is None else {"class_name": kind} for kind in kinds]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        config = value.get("config")
        inner = config.get("fn") if isinstance(config, dict) else config
        wrapped = str(value.get("class_name")).endswith(("function", "LossFunctionWrapper"))
        return _plain(inner) if wrapped else _plain(value.get("class_name"))
    return str(value).rsplit(">", 1)[-1].replace("_", "").lower()
