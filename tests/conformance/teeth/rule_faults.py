"""Misconceptions: one function of the rules, functions, bytecode or matching means something else, in this process."""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import pkgutil
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

from tests.mutants.operators import Mutant, compiled, mutants

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "converter" / "k2to3"
PARTS = ("rules", "functions", "bytecode", "matching")
Place = tuple[str, str]
"""A file and the qualified name of a function."""
Line = tuple[str, int]
"""A file and a line of it."""


@dataclass(frozen=True)
class Fault:
    """A mutant of one function."""

    path: Path
    tree: ast.Module
    mutant: Mutant

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(PACKAGE)} {self.mutant.function}: {self.mutant.text}"

    @property
    def family(self) -> str:
        return "/".join(self.path.relative_to(PACKAGE).parts[:-1])

    @property
    def place(self) -> Place:
        return (str(self.path), self.mutant.function)

    def users(self, users: Mapping[Line, Sequence[Path]]) -> list[Path]:
        """The files whose conversion runs what was changed."""
        for first, last in (self.mutant.lines, self.mutant.statement):
            runs = [users.get((str(self.path), line), ()) for line in range(first, last + 1)]
            if any(runs):
                return sorted({path for found in runs for path in found})
        return []


def faults(lines: Collection[Line], seed: int) -> list[Fault]:
    """Every mutant of the files that some conversion runs, shuffled; the functions take turns."""
    by_function: dict[Place, list[Fault]] = defaultdict(list)
    for path in sorted({Path(path) for path, _ in lines}):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for mutant in mutants(tree):
            fault = Fault(path, tree, mutant)
            if mutant.function:
                by_function[fault.place].append(fault)
    chance = random.Random(seed)
    groups = [chance.sample(found, len(found)) for found in by_function.values()]
    chance.shuffle(groups)
    rounds = max(map(len, groups), default=0)
    return [group[turn] for turn in range(rounds) for group in groups if turn < len(group)]


def used(run: Callable[[], Any], wanted: Collection[Line] | None = None) -> set[Line]:
    """The lines of the parts that `run` runs, or which of those wanted."""
    found: set[Line] = set()
    inside = tuple(str(PACKAGE / part) for part in PARTS)
    files = None if wanted is None else _by_file(wanted)
    worth = functools.cache(lambda code: files is None or _holds(code, files))

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        inner = frame.f_code.co_filename.startswith(inside) and worth(frame.f_code)
        return line if inner else None

    forget()
    before = sys.gettrace()
    sys.settrace(enter)
    try:
        run()
    finally:
        sys.settrace(before)
    return found if wanted is None else found & set(wanted)


def _by_file(lines: Collection[Line]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for file, line in lines:
        found[file].append(line)
    return found


def _holds(code: CodeType, files: Mapping[str, Sequence[int]]) -> bool:
    here = {line for _, _, line in code.co_lines() if line is not None}
    return not here.isdisjoint(files.get(code.co_filename, ()))


@contextmanager
def planted(fault: Fault) -> Iterator[bool]:
    """The fault in memory, and out again; False where Python or the function does not take it."""
    module = compiled(fault.tree, fault.path, fault.mutant)
    fresh = {} if module is None else by_place(module)
    old: list[tuple[FunctionType, CodeType]] = []
    for found in _living(*fault.place):
        code = fresh.get((found.__code__.co_firstlineno, found.__code__.co_qualname, found.__code__.co_freevars))
        if code is not None:
            old.append((found, found.__code__))
            found.__code__ = code
    forget()
    try:
        yield bool(old)
    finally:
        for function, code in old:
            function.__code__ = code
        forget()


def living(path: str) -> list[FunctionType]:
    """All functions of a file that are in memory."""
    return [each for (file, _), found in _functions().items() if file == path for each in found]


def _living(path: str, name: str) -> list[FunctionType]:
    return _functions().get((path, name), [])


@functools.cache
def _functions() -> dict[Place, list[FunctionType]]:
    """All that is loaded, by place; asked before the collector is told to leave it alone (`remember`)."""
    found: dict[Place, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(PACKAGE)):
            found[each.__code__.co_filename, each.__code__.co_qualname].append(each)
    return found


@functools.cache
def _caches() -> list[Any]:
    every = [found for found in gc.get_objects() if isinstance(found, functools._lru_cache_wrapper)]
    return [found for found in every if str(found.__module__).startswith("k2to3")]


def remember() -> None:
    """Look through memory once; rules are loaded when they are first asked for, and are loaded here."""
    for part in PARTS:
        for found in pkgutil.walk_packages([str(PACKAGE / part)], f"k2to3.{part}."):
            importlib.import_module(found.name)
    _functions()
    _caches()


def forget() -> None:
    """What was cached may be wrong."""
    for found in _caches():
        found.cache_clear()


def by_place(code: CodeType) -> dict[Any, CodeType]:
    """The codes inside of one, by where they stand."""
    return {(c.co_firstlineno, c.co_qualname, c.co_freevars): c for c in _codes(code)}


def _codes(code: CodeType) -> Sequence[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return inner + [deeper for each in inner for deeper in _codes(each)]
