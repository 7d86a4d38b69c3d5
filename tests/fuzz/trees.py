"""Changes of one place in a JSON tree; the rest is shared with the original, which stays as it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from .values import near, odd

Path = tuple[str | int, ...]


class Absent(Enum):
    """No value at all; a name that is the same in every process."""

    MISSING = "missing"


MISSING = Absent.MISSING


def paths(tree: Any, under: Path = ()) -> Iterator[Path]:
    """Every place in a tree, the root left out."""
    items: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*under, key)
        yield from paths(value, (*under, key))


def at(tree: Any, path: Path) -> Any:
    for key in path:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return tree


def changed(tree: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """The tree with another value at `path`; without it where `change` says MISSING."""
    if not path:
        return change(tree)
    key, *rest = path
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    value = changed(tree[key], tuple(rest), change)
    if value is MISSING:
        del copy[key]
    else:
        copy[key] = value  # type: ignore[index]
    return copy


def mutate(tree: Any, places: list[Path], generator: random.Random) -> tuple[Path, Any]:
    """One change of one place: missing, another value, another type, doubled, swapped with a value from elsewhere."""
    path = generator.choice(places)
    kind = generator.randrange(10)
    if kind == 0:
        return path, changed(tree, path, lambda value: MISSING)
    if kind == 1:
        return path, _added(tree, path, generator)
    if kind == 2:
        other = at(tree, generator.choice(places))
        return path, changed(tree, path, lambda value: other)
    if kind < 6:
        return path, changed(tree, path, lambda value: near(value, generator))
    return path, changed(tree, path, lambda value: odd(generator))


KEYS = (
    "units", "activation", "padding", "data_format", "stateful", "go_backwards", "mask_zero", "axis", "groups",
    "dilation_rate", "use_bias", "dtype", "trainable", "noise_shape", "batch_input_shape", "causal", "keepdims", "x",
    "layer", "name", "kernel_regularizer", "input_length", "sparse", "ragged", "class_name", "config", "module",
    "registered_name", "training", "mask", "inbound_nodes", "input_layers", "build_input_shape",
)  # fmt: skip


def _added(tree: Any, path: Path, generator: random.Random) -> Any:
    """A key more beside or inside of a place; in a list a doubled item."""
    target = path if isinstance(at(tree, path), dict | list) else path[:-1]

    def add(value: Any) -> Any:
        if isinstance(value, dict):
            return {**value, generator.choice(KEYS): odd(generator)}
        if isinstance(value, list) and value:
            return [*value, generator.choice(value)]
        return [odd(generator)]

    return changed(tree, target, add)
