"""The order of axes where Keras 1 did not write it.

`get_config` of these layers left `dim_ordering` out (keras 1.2.2, layers/convolutional.py);
it came from the reader's own `keras.json`. Convolutions, pooling and ConvLSTM2D wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.errors import BadConfig
from k2to3.sources.json_text import Json

SILENT = frozenset({"ZeroPadding2D", "ZeroPadding3D", "Cropping2D", "Cropping3D", "UpSampling2D", "UpSampling3D"})


def with_orders(config: Json) -> Json:
    """A copy in which every layer says its `dim_ordering`: that of all other layers.

    Raises:
        BadConfig: no other layer tells, or they disagree.
    """
    told = {str(layer["config"]["dim_ordering"]) for layer in _layers(config) if "dim_ordering" in layer["config"]}
    if not told <= {"tf", "th", "default"}:
        raise BadConfig(f"one of {sorted(told)} is no order of axes", key="dim_ordering")
    told.discard("default")
    found: Json = _filled(config, told.pop() if len(told) == 1 else None)
    return found


def _layers(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if isinstance(node.get("config"), dict):
            yield node
        for value in node.values():
            yield from _layers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _layers(value)


def _filled(node: Any, order: str | None) -> Any:
    if isinstance(node, list):
        return [_filled(value, order) for value in node]
    if not isinstance(node, dict):
        return node
    found = {key: _filled(value, order) for key, value in node.items()}
    inner = found.get("config")
    if str(found.get("class_name")) in SILENT and isinstance(inner, dict) and "dim_ordering" not in inner:
        if order is None:
            raise BadConfig(
                f"{found['class_name']} of Keras 1 did not write its dim_ordering, and no other layer tells it",
                layer=str(inner.get("name")),
                hint="load it where it was written, and save it with Keras 2",
            )
        inner["dim_ordering"] = order
    return found
