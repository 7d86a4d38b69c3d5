"""Memory for all files in work: large ones never side by side beyond it, and each has its turn."""

from __future__ import annotations

import importlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import k2to3
import pytest
from fault_helpers import checkpoint_of
from k2to3.migration.admission import Budget, Waiting, budget
from k2to3.migration.find import Pair
from k2to3.proof.memory import MEMORY_FACTOR


@pytest.fixture
def pairs(tmp_path):
    found = []
    for name, size in (("a", 100), ("b", 100), ("c", 1), ("d", 1000)):
        (tmp_path / name).write_bytes(b"x" * size)
        found.append(Pair(str(tmp_path / name), str(tmp_path / f"{name}.keras")))
    return found


def order(pairs, memory, level="outputs", side_by_side=2):
    """Names as they are begun; the eldest ends where none can be begun."""
    waiting, running, found = Waiting(pairs, Budget(memory, level)), [], []
    while waiting or running:
        pair = waiting.next(running) if len(running) < side_by_side else None
        if pair is None:
            running.pop(0)
            found.append("|")
        else:
            running.append(pair)
            found.append(pair.source.name)
    return "".join(found).rstrip("|")


@pytest.mark.parametrize(
    ("memory", "begun"),
    [
        (None, "ab|c|d"),
        (MEMORY_FACTOR * 10_000, "ab|c|d"),
        (MEMORY_FACTOR * 150, "ac|b||d"),
        (1, "a|b|c|d"),
    ],
)
def test_what_is_begun_beside_what(pairs, memory, begun):
    assert order(pairs, memory) == begun


def test_without_a_proof_by_running_nothing_waits(pairs):
    assert order(pairs, 1, level="weights") == "ab|c|d"
    given = [Pair(pair.source_path, pair.target_path, {"verify": "none"}) for pair in pairs]
    assert order(given, 1) == "ab|c|d"


def test_the_budget_is_the_limit_on_memory_or_what_is_free():
    assert budget({"limits": ["memory=4GB"]}) == Budget(4 * 10**9, "outputs")
    assert (budget({"verify": "none"}).memory or 1) > 0 and budget({"verify": "none"}).level == "none"


@pytest.mark.parametrize(("memory", "most"), [("1KB", 1), ("8GB", 2)])
def test_a_batch_keeps_to_it(tmp_path, monkeypatch, memory, most):
    (tmp_path / "zoo").mkdir()
    for name in "abcd":
        checkpoint_of(tmp_path / "zoo" / f"{name}.h5")
    futures = importlib.import_module("k2to3.migration.futures")
    real, lock, running, seen = futures.convert_alone, threading.Lock(), set(), []

    def watched(pair, options):
        with lock:
            running.add(pair)
            seen.append(len(running))
        time.sleep(0.2)
        try:
            return real(pair, {**options, "verify": "none", "limits": ()})
        finally:
            with lock:
                running.discard(pair)

    monkeypatch.setattr(futures, "convert_alone", watched)
    with ThreadPoolExecutor(2) as executor:
        reports = k2to3.batch(tmp_path / "zoo", tmp_path / "out", memory=memory, executor=executor, jobs=1)
    assert len(reports) == 4 and all(report.error is None for report in reports)
    assert max(seen) == most
