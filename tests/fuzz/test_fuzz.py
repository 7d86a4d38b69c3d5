"""A short run of the fuzzer with a fixed seed, and that it sees what it looks for.

The long run: python -m tests.fuzz --executions 300000 --jobs 2
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from k2to3.engine.plan import Plan
from k2to3.errors import BadConfig

from .execute import execute
from .ignored import differences, ignored
from .mutators import MAKERS, Mutant
from .run import Job, Result, run
from .seeds import FIXTURES, Seed, files, open_seeds

EXECUTIONS = 1_200
SEEDS = 48


@pytest.fixture(scope="module")
def chosen() -> list[Path]:
    paths = files()
    return paths[:: max(1, len(paths) // SEEDS)]


@pytest.fixture(scope="module")
def result(chosen: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(Job(tuple(chosen), 20_261_128, 0, EXECUTIONS, tmp_path_factory.mktemp("fuzz"), guided=False))


def test_no_finding(result: Result) -> None:
    # A byte that makes the C library of HDF5 itself fall is no matter of planning.
    found = {name: records for name, records in result.findings.items() if name != "crash: signal 11 (bytes)"}
    assert found == {}


def test_every_mutator_ran(result: Result, chosen: list[Path]) -> None:
    assert len(chosen) >= 40
    assert {mutator for mutator, _ in result.counts} - {"", "bytecode"} == set(MAKERS) - {"bytecode"}
    kinds = {outcome.split(":")[0] for _, outcome in result.counts}
    assert {"refused", "changed", "same"} <= kinds


@pytest.fixture(scope="module")
def seed() -> Seed:
    return next(iter(open_seeds([FIXTURES / "tf-2.4__text_lstm.h5"])))


def raising(error: BaseException) -> Any:
    def plan() -> Plan:
        raise error

    return plan


def outcome(seed: Seed, plan: Any, tmp_path: Path, **change: Any) -> str:
    return execute(seed, replace(Mutant(plan, {}), **change), random.Random(0), tmp_path).kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadConfig("no"), "refused"),
        (ValueError("ours"), "traceback"),
        (RecursionError("deep"), "traceback"),
        (AssertionError("ours"), "traceback"),
        (MemoryError(), "memory"),
    ],
)
def test_sees_errors(seed: Seed, tmp_path: Path, error: Exception, kind: str) -> None:
    assert outcome(seed, raising(error), tmp_path) == kind


def test_sees_hangs(seed: Seed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz.execute.SECONDS" if __package__ == "fuzz" else "tests.fuzz.execute.SECONDS", 0.2)
    assert outcome(seed, lambda: time.sleep(5), tmp_path) == "hang"


def test_sees_dropped_keys(seed: Seed, tmp_path: Path) -> None:
    """The plan of the seed itself stands for one that ignores the change."""
    path = ("model_config", "config", "layers", 1, "config", "mask_zero")
    tree = _with(seed.tree, path, "whatever")
    same = outcome(seed, lambda: seed.planned(seed.tree), tmp_path, tree=tree, path=path)
    assert same == "ignored"
    named = ("model_config", "config", "layers", 1, "config", "name")
    assert outcome(seed, lambda: seed.planned(seed.tree), tmp_path, tree=tree, path=named) == "same"


def _with(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:
    from .trees import changed

    return changed(tree, path, lambda old: value)


def test_sees_crashes(chosen: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that dies costs one execution, and is started again."""

    def deadly(seed: Seed, corpus: Any, generator: random.Random, folder: Path) -> Mutant:
        return Mutant(lambda: os.kill(os.getpid(), 9), {})  # type: ignore[arg-type,return-value]

    for name in MAKERS:
        monkeypatch.setitem(MAKERS, name, (deadly, 1))
    found = run(Job(tuple(chosen[:1]), 0, 0, 3, tmp_path, guided=False))
    assert sum(n for (mutator, kind), n in found.counts.items() if mutator and kind == "crash") == 3


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (3, 3.0, False),
        ([2], 2, False),
        (None, "linear", False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 2}, True),
        ([1, 2], [1, 3], True),
        (True, "x", True),
    ],
)
def test_alike(old: Any, new: Any, differs: bool) -> None:
    assert bool(list(differences(old, new, ("key",)))) is differs
    assert (ignored({"key": old}, {"key": new}, ("key",)) is not None) is differs
