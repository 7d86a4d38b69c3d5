"""Two readings of one truth: the specification uses nothing of what it judges."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import k2to3

ROOT = Path(k2to3.__file__).parent
JUDGED = ("rules", "functions", "bytecode", "matching", "keras3", "archive", "engine", "custom", "training", "weights")


def imports(path: Path) -> Iterator[str]:
    """Modules of k2to3 that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("k2to3"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("k2to3"):
            assert node.level == 0
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split(".")[1:])
    return next(
        (p for p in (base.with_suffix(".py"), base / "__init__.py") if p.exists() and p != ROOT / "__init__.py"), None
    )


def reached(starts: list[Path]) -> set[str]:
    """All modules of k2to3 that are imported from there on."""
    found: set[str] = set()
    waiting = [name for start in starts for name in imports(start)]
    while waiting:
        name = waiting.pop()
        if name in found or (path := file_of(name)) is None:
            continue
        found.add(name)
        waiting += imports(path)
    return found


def judged(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[1:2] and name.split(".")[1] in JUDGED}


def test_nothing_of_the_conversion_is_used_not_even_by_what_it_uses():
    starts = sorted((ROOT / "proof" / "keras2").rglob("*.py"))
    modules = reached(starts)
    assert len(starts) > 50 and "k2to3.keras2.parse" in modules
    assert judged(modules) == set()


def test_the_walk_would_see_it():
    assert judged(reached([ROOT / "engine" / "author_code.py"])) >= {"k2to3.rules.rulebook"}
