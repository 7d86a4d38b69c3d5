"""All built-in rules, by the Keras 2 class that they read."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

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


@cache
def built_in() -> Mapping[str, Rule]:
    """All of them; imports the rule modules on first use."""
    package = importlib.import_module(PACKAGE)
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}.")]
    return MappingProxyType(by_class(rule for module in modules for rule in rules_in(module)))
