"""The table of classes says of every rule where it stands, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil

import k2to3.rules
from k2to3.rules.classes import BY_MODULE, MODULES
from k2to3.rules.registry import PACKAGE, built_in, by_class, rules_in


def walked() -> dict[str, str]:
    """The classes that each module below `rules/` has rules for, in the order of their declaration."""
    found = {}
    for item in pkgutil.walk_packages(k2to3.rules.__path__, f"{PACKAGE}."):
        classes = by_class(rules_in(importlib.import_module(item.name)))
        if classes:
            found[item.name.removeprefix(f"{PACKAGE}.")] = " ".join(classes)
    return found


def test_the_table_is_what_the_rules_say():
    assert walked() == BY_MODULE
    assert list(walked()) == list(BY_MODULE)


def test_no_class_has_two_rules():
    assert sum(len(names.split()) for names in BY_MODULE.values()) == len(MODULES)


def test_every_rule_is_found_by_its_class():
    for name, rule in built_in().items():
        assert name in rule.classes
        assert rule.module == f"{PACKAGE}.{MODULES[name]}"


def test_a_class_that_has_none():
    assert "Nobody" not in built_in()
    assert built_in().get("Nobody") is None
