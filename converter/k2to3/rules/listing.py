"""All rules as rows, for `k2to3 rules` and the documentation."""

from __future__ import annotations

from typing import Any

from k2to3.rules.language import Rule
from k2to3.rules.registry import built_in


def listed() -> list[dict[str, Any]]:
    """One row per rule: classes, module and the first sentence of its docstring."""
    rules: dict[str, Rule] = {}
    for rule in built_in().values():
        rules.setdefault(rule.classes[0], rule)
    return [
        {
            "classes": list(rule.classes),
            "module": rule.module.removeprefix("k2to3.rules."),
            "text": " ".join(rule.doc.split("\n\n")[0].split()),
        }
        for _, rule in sorted(rules.items())
    ]
