"""What the user adds to the built-in rules, for the length of one conversion."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from k2to3.errors import FileError, UsageError

if TYPE_CHECKING:
    from k2to3.custom.client import CustomObjects
    from k2to3.keras2.model import LayerRecord
    from k2to3.rules.base import Rule


@dataclass(frozen=True)
class Extras:
    """`treat_as` maps class names of the file to class names that have a rule."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    treat_as: Mapping[str, str] = field(default_factory=dict)
    custom: CustomObjects | None = None
    lambdas: Mapping[str, str | FunctionType] = field(default_factory=dict)
    """Layer name → the function that the user gives for a Lambda: source text, or a Python function."""
    lambda_globals: Mapping[str, Any] = field(default_factory=dict)
    accept_noise_off: bool = False
    drop: frozenset[str] = frozenset()
    """Regularizers and constraints of the author's that the archive may go without."""
    input_shape: tuple[int | None, ...] | None = None
    """Of one sample, for a Sequential model whose file does not tell."""
    vocabularies: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    """Layer name → tokens, for lookup layers whose file does not hold them."""
    used_lambdas: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


_CURRENT: ContextVar[Extras] = ContextVar("extras", default=Extras())  # noqa: B039
_COLLECTING: ContextVar[dict[str, Rule] | None] = ContextVar("collecting", default=None)
_COUNT = itertools.count()


def current() -> Extras:
    """What holds for the conversion under way."""
    return _CURRENT.get()


def resolved(record: LayerRecord) -> LayerRecord:
    """The record under the class name the user wants it treated as."""
    name = _CURRENT.get().treat_as.get(record.class_name)
    return record if name is None else replace(record, class_name=name)


def collecting() -> dict[str, Rule] | None:
    """Where `@rule` puts its rules while a file of the user's is loaded."""
    return _COLLECTING.get()


@contextmanager
def using(extras: Extras) -> Iterator[None]:
    """Let `extras` hold inside the block."""
    token = _CURRENT.set(extras)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def load_rules(paths: Iterable[str | Path]) -> dict[str, Rule]:
    """Run the Python files that the user named and collect their `@k2to3.rule`s.

    Raises:
        FileError: no such file.
        UsageError: it fails to import, or holds no rule.
    """
    found: dict[str, Rule] = {}
    for path in paths:
        rules = _load(Path(path))
        for name in rules.keys() & found.keys():
            raise UsageError(f"two rules for {name}", file=str(path))
        found.update(rules)
    return found


def _load(path: Path) -> dict[str, Rule]:
    if not path.is_file():
        raise FileError("no such file", file=str(path))
    spec = importlib.util.spec_from_file_location(f"k2to3_rules_{next(_COUNT)}", path)
    if spec is None or spec.loader is None:
        raise UsageError("rules are Python files", file=str(path), hint="--rules my_rules.py")
    rules: dict[str, Rule] = {}
    token = _COLLECTING.set(rules)
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except Exception as error:
        raise UsageError(f"the rules cannot be loaded: {type(error).__name__}: {error}", file=str(path)) from error
    finally:
        _COLLECTING.reset(token)
    if not rules:
        raise UsageError("holds no rule", file=str(path), hint="decorate a function with @k2to3.rule(...)")
    return rules


def read_input_shape(value: str | Sequence[int | None] | None) -> tuple[int | None, ...] | None:
    """`28,28,1` or a sequence: the shape of one sample; `?` or None where an extent is free.

    Raises:
        UsageError: something else.
    """
    if value is None or not isinstance(value, str):
        found = None if value is None else tuple(value)
    else:
        parts = [part.strip() for part in value.split(",")]
        if not all(part.isdecimal() or part in ("?", "None") for part in parts):
            raise UsageError(f"--input-shape wants extents like 28,28,1 (? where one is free), not {value!r}")
        found = tuple(int(part) if part.isdecimal() else None for part in parts)
    if found is not None and not all(n is None or (isinstance(n, int) and n > 0) for n in found):
        raise UsageError(f"input_shape wants positive extents or None, not {value!r}")
    return found


def read_treat_as(pairs: Iterable[str]) -> dict[str, str]:
    """`["MyDense=Dense"]` → `{"MyDense": "Dense"}`.

    Raises:
        UsageError: not NAME=CLASS, or CLASS has no rule.
    """
    from k2to3.rules.base import registry

    found = {}
    for pair in pairs:
        name, _, target = pair.partition("=")
        if not name or not target:
            raise UsageError(f"--treat-as {pair!r} is not NAME=CLASS")
        if target not in registry():
            raise UsageError(f"--treat-as {pair!r}: there is no rule for {target!r}", hint="k2to3 rules lists them")
        found[name] = target
    return found
