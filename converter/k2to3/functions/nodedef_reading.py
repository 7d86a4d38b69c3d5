"""TensorFlow NodeDefs, as `TensorFlowOpLayer` (TF 1.15 to 2.3) stored them: JSON of a protobuf.

Source: `TensorFlowOpLayer.get_config` in tensorflow/python/keras/engine/base_layer.py.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.functions.dtypes import INTEGERS
from k2to3.functions.emitter import Emitter
from k2to3.functions.values import Value


@dataclass(frozen=True)
class NodeDef:
    """An operation with its attributes as plain data."""

    name: str
    op: str
    inputs: int
    attributes: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        found = self.attributes.get(key)
        return default if found is None else found


def required(emitter: Emitter, node: NodeDef, key: str) -> Any:
    """An attribute for which TensorFlow has no default.

    Raises:
        UnsupportedOption: it is not there.
    """
    found = node.get(key)
    if found is None:
        raise emitter.refuse(f"no attribute {key} of {node.op}", key="node_def")
    return found


DTYPES = {"DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_HALF": "float16", "DT_BFLOAT16": "bfloat16"}


def dtype_of_enum(name: str) -> str:
    return DTYPES.get(name, name.removeprefix("DT_").lower())


def read_nodedef(emitter: Emitter, value: Any) -> NodeDef:
    """The node of a layer's config.

    Raises:
        UnsupportedOption: not a JSON object of a NodeDef.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise emitter.refuse(f"its node_def is damaged: {error}", key="node_def") from error
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        raise emitter.refuse("its node_def is not JSON", key="node_def", hint="load and save it with TF 1.15 to 2.3")
    attributes = value.get("attr") or {}
    inputs = [name for name in value.get("input") or [] if not str(name).startswith("^")]
    decoded = {key: _attribute(emitter, item) for key, item in attributes.items() if not key.startswith("_")}
    return NodeDef(str(value.get("name", "")), value["op"], len(inputs), decoded)


def _attribute(emitter: Emitter, value: Any) -> Any:
    """`{"i": "5"}` → 5, `{"s": "TkhXQw=="}` → "NHWC", `{"list": {"i": [...]}}` → a list."""
    if not isinstance(value, dict) or len(value) > 1:
        raise emitter.refuse(f"attribute {value!r:.60} of its node_def")
    if not value:
        raise emitter.refuse("an attribute of its node_def has no value")
    kind, inner = next(iter(value.items()))
    if kind == "list":
        items = inner if isinstance(inner, dict) else {}
        return [_attribute(emitter, {key: item}) for key, listed in items.items() for item in listed]
    try:
        return _plain(kind, inner)
    except (ValueError, TypeError, binascii.Error) as error:
        raise emitter.refuse(f"attribute {value!r:.60} of its node_def: {error}") from error


def _int64(value: Any) -> int:
    """Protobuf writes them as text, since JSON's numbers are not as long."""
    if isinstance(value, (bool, float)):
        raise TypeError("not an integer")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("not an integer of 64 bits")
    return number


def _plain(kind: str, value: Any) -> Any:
    if kind == "i":
        return _int64(value)
    if kind == "f":
        return float(value)
    if kind == "b":
        if not isinstance(value, bool):
            raise TypeError("not true or false")
        return value
    if kind == "s":
        return base64.b64decode(value).decode("utf-8", "replace")
    if kind == "type":
        if not str(value).startswith("DT_"):
            raise TypeError("no type of TensorFlow's")
        return dtype_of_enum(str(value))
    if kind == "shape":
        return [int(dim.get("size", 0)) for dim in value.get("dim", [])]
    if kind not in ("tensor", "func", "placeholder"):
        raise TypeError("no kind of value")
    return value


def positional(emitter: Emitter, node: NodeDef, constants: Mapping[str, Any], tensors: list[Value]) -> list[Value]:
    """Inputs in order: constants by their position, tensors in between."""
    waiting = list(tensors)
    found: list[Value] = []
    for index in range(max(node.inputs, len(constants) + len(tensors))):
        if str(index) in constants:
            found.append(typed_constant(emitter, node, constants[str(index)]))
        elif waiting:
            found.append(waiting.pop(0))
    if waiting or len(found) != len(constants) + len(tensors) or (node.inputs and len(found) != node.inputs):
        raise emitter.refuse(f"{node.op} with {len(tensors)} tensors and {len(constants)} constants")
    return found


def typed_constant(emitter: Emitter, node: NodeDef, value: Any) -> Value:
    """Nested lists; those of floats take the dtype of the node, integers stay indices.

    Raises:
        UnsupportedOption: an integer of more than 64 bits, which TensorFlow has none of.
    """
    array = np.asarray(value)
    if array.dtype.kind in "Ou" and not isinstance(value, dict) and value is not None:
        raise emitter.refuse(f"a constant of {node.op} is no number or text of TensorFlow's", key="constants")
    if not isinstance(value, list):
        return value
    if array.dtype.kind == "f":
        kind = node.get("T") or node.get("dtype") or "float32"
        return array.astype("float32" if kind in ("bfloat16", None) or kind in INTEGERS else kind)
    if array.dtype.kind != "i":
        return array
    short = array.astype("int32")
    return short if np.array_equal(short, array) else array
