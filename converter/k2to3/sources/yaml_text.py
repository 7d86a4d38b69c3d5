"""YAML as Keras 1 and 2 wrote it (`model.to_yaml()`), read without building any object.

`yaml.dump` wrote Python tuples, and Python 2 its text and long numbers, with tags that only
PyYAML's unsafe loader knows (CVE-2021-37678 is why `to_yaml` is gone). Here they become the
lists, strings and numbers that JSON has; every other Python tag is refused.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig, UnsafeFile
from k2to3.installed import check_installed
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.json_text import Json, check_nesting

SIGNS = (",", "\n", "[", "{", "*", "- ")


def parse_yaml(text: str, what: str, limits: Limits = DEFAULT) -> Json:
    """Parse `text` as one YAML mapping of plain values.

    Raises:
        BadConfig: not YAML, not a mapping, duplicate keys, a Python object.
        UsageError: PyYAML is not installed.
        UnsafeFile: too long, too deep, or aliases that multiply without bound.
    """
    if len(text) > limits.yaml_bytes:
        raise too_much("yaml_bytes", f"{what} is longer than {limits.yaml_bytes} characters")
    # Each of these ends or begins a value; inside texts they count too, which is harmless.
    if sum(text.count(sign) for sign in SIGNS) > limits.yaml_values:
        raise too_much("yaml_values", f"{what} holds more than {limits.yaml_values} values")
    check_installed("yaml", "yaml", what)
    from k2to3.sources.yaml_loader import load

    plain = _Plain(what, limits).copy(load(text, what), 0)
    if not isinstance(plain, dict):
        raise BadConfig(f"{what} is not a mapping")
    check_nesting(plain, what, limits)
    return plain


class _Plain:
    """A copy without shared parts, so that no alias is longer than it looks."""

    def __init__(self, what: str, limits: Limits) -> None:
        self.what, self.limits, self.nodes = what, limits, 0

    def copy(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > self.limits.containers or depth > self.limits.nesting:
            raise UnsafeFile(f"{self.what} is nested too deeply, or its aliases multiply")
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise BadConfig(f"{self.what} has a key that is not text")
            return {key: self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.copy(item, depth + 1) for item in value]
        if value is None or isinstance(value, (str, int, float, bool)):
            return value
        raise BadConfig(f"{self.what} holds a value of type {type(value).__name__}, which no architecture has")
