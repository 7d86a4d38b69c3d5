"""The input shape of a Sequential model whose file does not tell.

Keras 2.0 to 2.2 dropped the InputLayer that a Sequential began with, and with it the shape
(keras-team/keras#10417: "a weight file containing 2 layers into a model with 0 layers").
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import UsageError

Json = dict[str, Any]


def with_input_shape(config: Json, shape: tuple[int | None, ...] | None) -> Json:
    """The architecture with the shape of one sample in its first layer.

    Raises:
        UsageError: `shape` is given, but the model is no Sequential or says another shape.
    """
    if shape is None:
        return config
    inner = config["config"]
    layers = inner if isinstance(inner, list) else inner.get("layers", [])
    if config["class_name"] != "Sequential" or not layers:
        raise UsageError("--input-shape is for Sequential models; the file of this one tells its inputs")
    batch_shape = [None, *shape]
    known = layers[0]["config"].get("batch_input_shape")
    if known is not None:
        # An Embedding without input_length says [None, None].
        same = len(known) == len(batch_shape)
        if not same or any(a not in (None, b) for a, b in zip(known[1:], shape, strict=True)):
            raise UsageError(f"--input-shape {list(shape)}, but the file says {list(known)[1:]}")
    first = {**layers[0], "config": {**layers[0]["config"], "batch_input_shape": batch_shape}}
    changed = [first, *layers[1:]]
    return {**config, "config": changed if isinstance(inner, list) else {**inner, "layers": changed}}
