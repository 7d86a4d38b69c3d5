"""YAML as Keras 1 and 2 wrote it (`model.to_yaml()`), read without building any object.

`yaml.dump` wrote Python tuples, and Python 2 its text and long numbers, with tags that only
PyYAML's unsafe loader knows (CVE-2021-37678 is why `to_yaml` is gone). Here they become the
lists, strings and numbers that JSON has; every other Python tag is refused.
"""

from __future__ import annotations

from typing import Any

import yaml

from k2to3.errors import BadConfig, UnsafeFile
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.json_text import Json, check_nesting

PYTHON = "tag:yaml.org,2002:python/"
LISTS = ("tuple", "list")
# How TensorFlow 1.14 and later hold a list that is an attribute of a layer (`axis`).
WRAPPED = "object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper"
SIGNS = (",", "\n", "[", "{", "*", "- ")
SCALARS = {
    "unicode": "str",
    "str": "str",
    "long": "int",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "none": "null",
}


def parse_yaml(text: str, what: str, limits: Limits = DEFAULT) -> Json:
    """Parse `text` as one YAML mapping of plain values.

    Raises:
        BadConfig: not YAML, not a mapping, duplicate keys, a Python object.
        UnsafeFile: too long, too deep, or aliases that multiply without bound.
    """
    if len(text) > limits.yaml_bytes:
        raise too_much("yaml_bytes", f"{what} is longer than {limits.yaml_bytes} characters")
    # Each of these ends or begins a value; inside texts they count too, which is harmless.
    if sum(text.count(sign) for sign in SIGNS) > limits.yaml_values:
        raise too_much("yaml_values", f"{what} holds more than {limits.yaml_values} values")
    try:
        found = yaml.load(text, _Loader)  # a subclass of SafeLoader
    except RecursionError as error:
        raise UnsafeFile(f"{what} is nested too deeply") from error
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):
            raise UnsafeFile(f"{what} is nested too deeply") from error
        raise BadConfig(f"{what} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValueError as error:
        raise BadConfig(f"{what} is not valid YAML: {' '.join(str(error).split())}") from error
    plain = _Plain(what, limits).copy(found, 0)
    if not isinstance(plain, dict):
        raise BadConfig(f"{what} is not a mapping")
    check_nesting(plain, what, limits)
    return plain


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader (in C where that was built: ten times faster), with the harmless Python tags as values."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "duplicate key in a mapping", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _list(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _wrapped(loader: Any, node: Any) -> Any:
    """The one argument of the wrapper, a list."""
    arguments = loader.construct_sequence(node, deep=True)
    if len(arguments) != 1 or not isinstance(arguments[0], list):
        raise yaml.constructor.ConstructorError(None, None, "a ListWrapper of something else", node.start_mark)
    return arguments[0]


def _scalar(name: str) -> Any:
    def construct(loader: Any, node: Any) -> Any:
        if name == "int":
            node.value = node.value.rstrip("Ll")
        return loader.yaml_constructors[f"tag:yaml.org,2002:{name}"](loader, node)

    return construct


for _name in LISTS:
    _Loader.add_constructor(PYTHON + _name, _list)
for _name, _plain in SCALARS.items():
    _Loader.add_constructor(PYTHON + _name, _scalar(_plain))
_Loader.add_constructor(PYTHON + WRAPPED, _wrapped)
_Loader.add_constructor(PYTHON + "dict", lambda loader, node: loader.construct_mapping(node, deep=True))


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
