"""A function as Keras 1 and 2 stored it in a Lambda's config.

Sources: `func_dump` in keras/utils/generic_utils.py (2.0.2: raw-unicode-escape text;
2.1.2 and later: base64) and `Lambda.get_config` of Keras 1.2.2, 2.0-2.3 and TensorFlow.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import numpy as np

from k2to3.bytecode.author import authors
from k2to3.bytecode.code import Code
from k2to3.bytecode.marshal_code import BadMarshal
from k2to3.bytecode.marshal_reader import MAX_BYTES, read_code
from k2to3.bytecode.values import NotRecovered
from k2to3.dataclass import dataclass

BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+\Z")
MAX_ITEMS = 1_000_000


@dataclass(frozen=True)
class Stored:
    """Every reading of the bytecode that could be right, and the values it comes with."""

    readings: tuple[tuple[Code, str], ...]
    defaults: tuple[Any, ...]
    closure: tuple[Any, ...]

    @property
    def code(self) -> Code:
        return self.readings[0][0]


def stored_function(value: Any) -> Stored:
    """Read `config["function"]`.

    Raises:
        Refused: it holds no code, or damaged code.
    """
    if isinstance(value, dict) and value.get("class_name") == "__lambda__":
        inner = value.get("config")
        inner = inner if isinstance(inner, dict) else value
        value = [inner.get("code"), inner.get("defaults"), inner.get("closure")]
    if isinstance(value, str):
        value = [value, None, None]
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        raise NotRecovered("it holds no code")
    readings = authors(read_code(code_bytes(value[0])))
    return Stored(tuple(readings), _values(value[1]), _values(value[2]))


def code_bytes(text: str) -> bytes:
    """The marshalled bytes that the text stands for."""
    if len(text) > 6 * MAX_BYTES:
        raise BadMarshal(f"its bytecode has {len(text)} characters")
    if BASE64.match(text):
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except binascii.Error as error:
            raise BadMarshal("its bytecode is damaged base64") from error
    try:
        return text.encode("raw_unicode_escape")
    except UnicodeEncodeError as error:
        raise BadMarshal("its bytecode is damaged text") from error


def _values(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise NotRecovered("defaults or closure are no list")
    return tuple(plain_value(item) for item in value)


def plain_value(value: Any) -> Any:
    """JSON data; Keras 2.0.9 and 2.1 wrote arrays as objects."""
    if isinstance(value, dict) and value.get("type") == "ndarray" and "value" in value:
        try:
            array = np.array(value["value"])
        except ValueError as error:
            raise NotRecovered("a damaged array") from error
        if array.dtype.kind not in "fiub" or array.size > MAX_ITEMS:
            raise NotRecovered("an array that holds no numbers")
        return array.item() if array.ndim == 0 else array
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    return value
