"""PyYAML's safe loader, with the tags that Keras wrote; imported where there is YAML to read."""

from __future__ import annotations

from typing import Any

import yaml

from k2to3.errors import BadConfig, UnsafeFile

PYTHON = "tag:yaml.org,2002:python/"
LISTS = ("tuple", "list")
# How TensorFlow 1.14 and later hold a list that is an attribute of a layer (`axis`).
WRAPPED = "object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper"
SCALARS = {
    "unicode": "str",
    "str": "str",
    "long": "int",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "none": "null",
}


def load(text: str, what: str) -> Any:
    """What the text says.

    Raises:
        BadConfig: not YAML, duplicate keys, a Python object.
        UnsafeFile: too deep.
    """
    try:
        return yaml.load(text, _Loader)  # a subclass of SafeLoader
    except RecursionError as error:
        raise UnsafeFile(f"{what} is nested too deeply") from error
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):
            raise UnsafeFile(f"{what} is nested too deeply") from error
        raise BadConfig(f"{what} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValueError as error:
        raise BadConfig(f"{what} is not valid YAML: {' '.join(str(error).split())}") from error


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
