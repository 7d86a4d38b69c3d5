"""Misconceptions that somebody wrote down (`misconceptions.txt`), each planted in one file of the package.

A block is a name, a file, and its lines: `-` as they stand, `+` as they would be believed, a blank for lines around
them; `@ name` is the function, where a line stands in several. A line of a function changes the function's code where
it stands, one of a table the table.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.conformance.teeth import rule_faults
from tests.conformance.teeth.rule_faults import PACKAGE, Line

LIST = Path(__file__).with_name("misconceptions.txt")


@dataclass(frozen=True)
class Misconception:
    """One block."""

    name: str
    file: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    function: str = ""

    @property
    def family(self) -> str:
        return self.file.rpartition("/")[0]

    @property
    def path(self) -> Path:
        return PACKAGE / self.file

    @cached_property
    def source(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def first(self) -> int:
        """The index of the first of its lines.

        Raises:
            LookupError: it stands nowhere, or several times.
        """
        begin, end = self._span()
        found = [i for i in range(begin, end) if self._stands(i)]
        if len(found) != 1:
            raise LookupError(f"{self.name}: {len(found)} places in {self.file}")
        return found[0]

    def _span(self) -> tuple[int, int]:
        if not self.function:
            return 0, len(self.source)
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef) and n.name == self.function]
        return found[0].lineno - 1, found[0].end_lineno or len(self.source)

    def _stands(self, index: int) -> bool:
        return tuple(line.strip() for line in self.source[index : index + len(self.old)]) == self.old

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse("\n".join(self.source))

    @cached_property
    def believed(self) -> str:
        """The file with the misconception in it, which has as many lines."""
        lines = list(self.source)
        for index, text in enumerate(self.new, self.first):
            lines[index] = lines[index][: len(lines[index]) - len(lines[index].lstrip())] + text
        return "\n".join(lines)

    @cached_property
    def code(self) -> CodeType:
        return compile(self.believed, str(self.path), "exec", dont_inherit=True)

    def fresh(self) -> dict[Any, CodeType]:
        """The codes of functions that it changes, by where they stand."""
        plain = rule_faults.by_place(compile("\n".join(self.source), str(self.path), "exec", dont_inherit=True))
        return {place: code for place, code in rule_faults.by_place(self.code).items() if code != plain.get(place)}

    @property
    def table(self) -> str:
        """The name of the table that it changes; empty where it changes a function."""
        for node in self.tree.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.lineno - 1 <= self.first <= _last(node):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                assert isinstance(target, ast.Name)
                return target.id
        return ""

    def lines(self) -> set[Line]:
        """The lines that a conversion runs which it can touch."""
        if not self.table:
            changed = [i for i, (a, b) in enumerate(zip(self.old, self.new, strict=True)) if a != b]
            return {(str(self.path), line) for i in changed for line in self._statement(self.first + i + 1)}
        return {(str(self.path), line) for line in _uses(self.tree, self.table)}

    def _statement(self, line: int) -> range:
        """All lines of the innermost statement that a line is part of: that which is run may be its first."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.stmt) and n.lineno <= line <= _last(n) + 1]
        inner = min(found, key=lambda n: _last(n) - n.lineno)
        body = getattr(inner, "body", None)
        return range(inner.lineno, (body[0].lineno if isinstance(body, list) else _last(inner) + 2))


def _last(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - 1


def _uses(tree: ast.Module, name: str) -> Iterator[int]:
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == name:
                yield node.lineno


def listed(path: Path = LIST) -> list[Misconception]:
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [_read(block.strip("\n").splitlines()) for block in text.split("\n\n") if block.strip()]


def _read(lines: list[str]) -> Misconception:
    name, file, *rest = lines
    function = rest.pop(0)[2:] if rest[0].startswith("@ ") else ""
    old = tuple(line[2:] for line in rest if line[0] in "- ")
    new = tuple(line[2:] for line in rest if line[0] in "+ ")
    return Misconception(name, file, old, new, function)


@contextmanager
def planted(belief: Misconception) -> Iterator[bool]:
    """The misconception in memory, and out again; False where nothing took it."""
    undo = _table(belief) if belief.table else _functions(belief)
    rule_faults.forget()
    try:
        yield bool(undo)
    finally:
        for again in undo:
            again()
        rule_faults.forget()


def _functions(belief: Misconception) -> list[Any]:
    fresh = belief.fresh()
    undo = []
    for function in rule_faults.living(str(belief.path)):
        code = function.__code__
        new = fresh.get((code.co_firstlineno, code.co_qualname, code.co_freevars))
        if new is not None:
            function.__code__ = new
            undo.append(_back(function, code))
    return undo


def _back(function: FunctionType, code: CodeType) -> Any:
    return lambda: setattr(function, "__code__", code)


def _table(belief: Misconception) -> list[Any]:
    module = types.ModuleType("believed")
    module.__dict__["__name__"] = "k2to3.believed"
    sys.modules[module.__name__] = module
    exec(belief.code, module.__dict__)
    old = vars(importlib.import_module("k2to3." + belief.file.removesuffix(".py").replace("/", ".")))[belief.table]
    new = module.__dict__[belief.table]
    undo = []
    for name, each in list(sys.modules.items()):
        if name.startswith("k2to3.") and each is not module and vars(each).get(belief.table) is old:
            setattr(each, belief.table, new)
            undo.append(lambda each=each: setattr(each, belief.table, old))
    return undo
