"""All built-in rules, by the Keras 2 class that they read."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from k2to3.rules.classes import MODULES
from k2to3.rules.language import Rule

PACKAGE = "k2to3.rules"


def rules_in(module: ModuleType) -> Iterator[Rule]:
    """The rules that a module defines, not those that it imports."""
    return (value for value in vars(module).values() if isinstance(value, Rule) and value.module == module.__name__)


def by_class(rules: Iterator[Rule]) -> dict[str, Rule]:
    """
    Raises:
        ValueError: two rules for one class.
    """
    found: dict[str, Rule] = {}
    for rule in rules:
        for name in rule.classes:
            if found.get(name, rule) is not rule:
                raise ValueError(f"two rules for {name}")
            found[name] = rule
    return found


class BuiltIn(Mapping[str, Rule]):
    """All of them. Which classes there are is known at once; a module is imported when a rule of it is asked for."""

    def __getitem__(self, name: str) -> Rule:
        return _rules_of(MODULES[name])[name]

    def __contains__(self, name: object) -> bool:
        return name in MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@cache
def _rules_of(module: str) -> dict[str, Rule]:
    return by_class(rules_in(importlib.import_module(f"{PACKAGE}.{module}")))


@cache
def built_in() -> Mapping[str, Rule]:
    """The rules of k2to3 itself, by class."""
    return BuiltIn()
