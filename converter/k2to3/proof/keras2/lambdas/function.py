"""A function as Keras stored it: [code, defaults, closure] (keras/utils/generic_utils.py `func_dump`)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.lambdas.backend import call
from k2to3.proof.keras2.lambdas.machine import Machine
from k2to3.proof.keras2.lambdas.marshalled import Code, read_code


class StoredFunction:
    """Read once, called on arrays.

    The code is base64 since 2.1.3; before, the bytes stood in the JSON as characters.
    """

    def __init__(self, stored: Any, author: Author) -> None:
        if isinstance(stored, dict) and stored.get("class_name") == "__lambda__":
            inner = stored["config"]
            stored = [inner.get("code"), inner.get("defaults"), inner.get("closure")]
        if not isinstance(stored, list) or len(stored) != 3 or not isinstance(stored[0], str):
            raise NotSpecified("a function that is not in the file")
        self.code = _code(stored[0])
        self.defaults = list(stored[1] or [])
        self.closure = list(stored[2] or [])
        self.author = author

    @property
    def parameters(self) -> tuple[str, ...]:
        return self.code.variables[: self.code.arguments]

    def __call__(self, first: Any, **keywords: Any) -> Any:
        names = self.parameters
        if not names or any(name not in names for name in keywords):
            raise NotSpecified("arguments that the function does not take")
        local = dict(zip(names[len(names) - len(self.defaults) :], self.defaults, strict=True))
        local |= {names[0]: first, **keywords}
        if any(name not in local for name in names):
            raise NotSpecified("an argument of the function that nothing gives")
        return Machine(self.code, local, self.closure, self.answer).run()

    def answer(self, name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        return call(name, arguments, keywords, self.author)


def _code(text: str) -> Code:
    try:
        return read_code(base64.b64decode(text.encode("ascii"), validate=False)) if _is_base64(text) else _raw(text)
    except (UnicodeEncodeError, binascii.Error):
        return _raw(text)


def _is_base64(text: str) -> bool:
    return all(character.isalnum() or character in "+/=\n" for character in text)


def _raw(text: str) -> Code:
    """`codecs.encode(..., 'raw_unicode_escape')` gives the bytes back."""
    return read_code(text.encode("raw_unicode_escape"))
