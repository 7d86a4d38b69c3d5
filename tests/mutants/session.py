"""Pytest collects the fast loop; then this takes over: which test runs which line, and who notices which mutant.

A mutant lives in a forked child only: the code of its function is replaced there, and the tests that run its line
are run, those first that noticed others. The first that fails ends the child.
"""

from __future__ import annotations

import ast
import functools
import gc
import os
import pickle
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.operators import Mutant, compiled, mutants

PATIENCE = 3.0
"""Processor seconds for a mutant, beside four times what its tests took without it."""
NOTICED, SURVIVED, CANNOT = 0, 1, 2


@dataclass(frozen=True)
class Verdict:
    path: Path
    mutant: Mutant
    status: str
    """`killed`, `timeout`, `survived`, or `not run` (no test of the loop runs its line)."""
    by: str = ""


@dataclass
class Coverage:
    """Which tests run which line, and how long each test takes."""

    tests: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    known: dict[str, tuple[float, set[tuple[str, int]]]] = field(default_factory=dict)
    """Seconds and lines by test, as an earlier run of the same code measured them."""

    def of(self, path: Path, mutant: Mutant) -> set[int]:
        for first, last in (mutant.lines, mutant.statement):
            found = set().union(*(self.tests.get((str(path), line), ()) for line in range(first, last + 1)))
            if found:
                return found
        return set()


def measure(items: list[pytest.Item], paths: set[str], kept: Path | None = None, anew: Sequence[str] = ()) -> Coverage:
    """`kept` holds what is known of these files; what it lacks and what has a word of `anew` in its name is traced."""
    state = {path: Path(path).read_bytes() for path in sorted(paths)}
    stored = pickle.loads(kept.read_bytes()) if kept and kept.exists() else None
    coverage = Coverage(known=stored[1] if stored and stored[0] == state else {})
    for index, item in enumerate(items):
        if item.nodeid not in coverage.known or any(word in item.nodeid for word in anew):
            lines: set[tuple[str, int]] = set()
            sys.settrace(_tracer(paths, lines))
            start = time.process_time()
            passed = _passes(item)
            coverage.known[item.nodeid] = (time.process_time() - start, lines)
            sys.settrace(None)
            if not passed:
                coverage.failed.append(item.nodeid)
        seconds, lines = coverage.known[item.nodeid]
        coverage.seconds.append(seconds)
        for line in lines:
            coverage.tests[line].add(index)
    if kept and not coverage.failed:
        kept.write_bytes(pickle.dumps((state, coverage.known)))
    return coverage


def _tracer(paths: set[str], lines: set[tuple[str, int]]) -> Any:
    def local(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code.co_filename in paths else None

    return calls


def _passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


@dataclass
class Hunt:
    """The mutants of a module, one after the other."""

    items: list[pytest.Item]
    coverage: Coverage
    living: Living
    most: int = 0
    """How many tests a mutant is given at most; 0 for all that run its line."""
    kills: Counter[int] = field(default_factory=Counter)

    def judge(self, path: Path, tree: ast.Module, mutant: Mutant) -> Verdict | None:
        """None where Python itself does not take the mutant."""
        tests = self.coverage.of(path, mutant)
        if not tests:
            return Verdict(path, mutant, "not run")
        code = compiled(tree, path, mutant)
        if code is None:
            return None
        order = self._order(tests)
        limit = PATIENCE + 4 * sum(self.coverage.seconds[index] for index in order)
        read, write = os.pipe()
        child = os.fork()
        if not child:
            self._child(path, mutant, code, order, limit, write)
        os.close(write)
        with os.fdopen(read) as answer:
            text = answer.read()
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED:
            return Verdict(path, mutant, "survived", f"{len(order)} tests")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == CANNOT:
            return None
        if text:
            self.kills[int(text)] += 1
            return Verdict(path, mutant, "killed", self.items[int(text)].nodeid)
        return Verdict(path, mutant, "timeout")

    def _order(self, tests: set[int]) -> list[int]:
        """Those first that noticed others; of too many, half are such ones, then those of functions with few tests."""
        order = sorted(tests, key=lambda index: (-self.kills[index], self.coverage.seconds[index]))
        if not self.most or len(order) <= self.most:
            return order
        first, rest = order[: self.most // 2], order[self.most // 2 :]
        random.Random(0).shuffle(rest)
        functions = Counter(self._function(index) for index in rest)
        rest.sort(key=lambda index: functions[self._function(index)])
        few = [index for index in rest if functions[self._function(index)] <= self.most // 4]
        many = [index for index in rest if index not in set(few)]
        random.Random(0).shuffle(many)
        return (first + few[: self.most // 4] + many)[: self.most]

    def _function(self, index: int) -> str:
        return self.items[index].nodeid.partition("[")[0]

    def _child(self, path: Path, mutant: Mutant, code: CodeType, order: list[int], limit: float, write: int) -> None:
        """Ends the process."""
        status = CANNOT
        try:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, limit)
            if self.living.replaced(path, mutant.function, code):
                status = SURVIVED
                for index in order:
                    if not _passes(self.items[index]):
                        os.write(write, str(index).encode())
                        status = NOTICED
                        break
        finally:
            os._exit(status)


@dataclass(frozen=True)
class Living:
    """The functions in memory by file and name, and the caches: looked for once, not by every child."""

    functions: dict[tuple[str, str], list[FunctionType]]
    caches: list[Any]

    def replaced(self, path: Path, function: str, module: CodeType) -> bool:
        """Every function of that name and file gets the code that `module` has for it; caches are emptied."""
        for cache in self.caches:
            cache.cache_clear()
        fresh = {
            (code.co_firstlineno, code.co_freevars): code for code in _codes(module) if code.co_qualname == function
        }
        done = False
        for found in self.functions.get((str(path), function), ()):
            code = fresh.get((found.__code__.co_firstlineno, found.__code__.co_freevars))
            if code is not None:
                found.__code__ = code
                done = True
        return done


def living(paths: set[str]) -> Living:
    functions: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
    caches = []
    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper):
            caches.append(found)
        elif isinstance(found, FunctionType) and found.__code__.co_filename in paths:
            functions[found.__code__.co_filename, found.__code__.co_qualname].append(found)
    gc.collect()
    gc.freeze()
    return Living(functions, caches)


def _codes(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return inner + [deeper for each in inner for deeper in _codes(each)]


def mutants_of(path: Path) -> tuple[ast.Module, list[Mutant]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tree, list(mutants(tree))
