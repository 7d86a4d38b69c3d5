"""Mutants of code that runs at import: tables, defaults, what decorators are given.

A forked child forgets k2to3, imports it again with the mutant, runs the plain tests of the facts on Keras 3 and of
the rules, and makes the golden plans anew, the telling ones first. That takes longer, so only these judge here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.mutants.operators import Mutant, compiled
from tests.mutants.session import Verdict

TESTS = Path(__file__).resolve().parents[1]
PLAIN = ("keras3", "rules")
"""Folders whose tests without parameters and fixtures are run."""
LEFT_OUT = {"keras", "conformance", "slow"}
LIMIT = 240.0
"""Processor seconds."""
Check = tuple[str, Callable[[], bool]]


class TableHunt:
    def __init__(self, plans: bool = True) -> None:
        self.plans = plans
        self.kills: Counter[str] = Counter()

    def judge(self, path: Path, tree: ast.Module, mutant: Mutant) -> Verdict | None:
        code = compiled(tree, path, mutant)
        if code is None:
            return None
        read, write = os.pipe()
        child = os.fork()
        if not child:
            _child(path, code, [name for name, _ in self.kills.most_common(20)], self.plans, write)
        os.close(write)
        with os.fdopen(read) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        if text == "survived":
            return Verdict(path, mutant, "survived", "golden plans")
        self.kills.update([text] if text else [])
        return Verdict(path, mutant, "killed" if text else "timeout", text)


def _child(path: Path, code: CodeType, first: list[str], plans: bool, write: int) -> None:
    """Ends the process."""
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        os.write(write, _told(path, code, first, plans).encode())
    finally:
        os._exit(0)


def _told(path: Path, code: CodeType, first: list[str], wanted: bool) -> str:
    """The test or plan that is another now; `import` if it ends there, `survived` if none. No plan if not `wanted`."""
    for name in [name for name, module in sys.modules.items() if _forgotten(name, module)]:
        del sys.modules[name]
    found = SourceFileLoader.get_code

    def get_code(loader: Any, name: str) -> Any:
        return code if loader.path == str(path) else found(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    try:
        plans, layers = (importlib.import_module(f"golden.{name}") for name in ("plans", "layer_cases"))
        importlib.import_module("k2to3.sources.hdf5").look = layers.look_here  # type: ignore[attr-defined]
        told = next((name for name, test in _plain() if not _good(test)), None)
    except Exception:
        return "import"
    if told is not None or not wanted:
        return told or "survived"
    with tempfile.TemporaryDirectory() as folder:
        checks = list(_checks(plans, layers, Path(folder)))
        random.Random(0).shuffle(checks)
        checks.sort(key=lambda check: first.index(check[0]) if check[0] in first else len(first))
        return next((name for name, passes in checks if not _good(passes)), "survived")


def _forgotten(name: str, module: ModuleType) -> bool:
    """k2to3, and the tests that hold parts of it."""
    ours = Path(getattr(module, "__file__", None) or "/").is_relative_to(TESTS)
    return name.partition(".")[0] == "k2to3" or (ours and not name.startswith("tests."))


def _plain() -> Iterator[Check]:
    for folder in PLAIN:
        sys.path.insert(0, str(TESTS / folder))
        for path in sorted((TESTS / folder).glob("test_*.py")):
            for name, found in vars(importlib.import_module(path.stem)).items():
                marks = {mark.name for mark in getattr(found, "pytestmark", ())}
                if name.startswith("test_") and not marks & LEFT_OUT and not inspect.signature(found).parameters:
                    yield f"{path.stem}.{name}", lambda found=found: found() is None


def _good(passes: Callable[[], bool]) -> bool:
    try:
        return passes()
    except Exception:
        return False


def _checks(plans: ModuleType, layers: ModuleType, folder: Path) -> Iterator[Check]:
    for source in plans.sources():
        yield source.stem, lambda source=source: plans.plan_text(source) == plans.golden(source).read_text("utf-8")
    for family, cases in layers.families().items():
        kept = layers.written(family)
        for case in cases:
            yield case.name, lambda case=case, kept=kept: case.plan(folder) == kept[case.name]
