"""Warm workers: a fresh process for each job all the same, and what ends one costs one job."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import alive, wait_for
from k2to3.isolation.calls import Call
from k2to3.isolation.warm import possible, warm_workers

HERE = Path(__file__).resolve().parent / "standing"
pytestmark = pytest.mark.skipif(not possible(), reason="this system has no warm workers")


@pytest.fixture
def workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.syspath_prepend(str(HERE))
    with warm_workers() as found:
        yield found


def call(seconds=60, fds=(), environment=None, **job):
    text = json.dumps({**job, "files": list(fds)})
    return Call("nobody", "standing_worker", environment or {}, (), text, tuple(fds), seconds)


def answered(workers, **job):
    ending = workers.ask(call(**job))
    assert ending.status == 0, ending
    return json.loads(ending.out)


def test_each_job_has_a_process_and_a_folder_of_its_own(workers):
    first, second = answered(workers), answered(workers)
    assert first["pid"] != second["pid"] and first["parent"] == second["parent"] != os.getpid()
    assert (first["jobs"], second["jobs"]) == (1, 1), "what one job left is there for the next"
    assert first["here"] == first["home"] != second["here"] and not Path(first["here"]).exists()
    assert first["listed"] == ["k2to3.lock"]


def test_open_files_are_handed_over_by_number(workers, tmp_path):
    (tmp_path / "a").write_text("content of a")
    with (tmp_path / "a").open() as file:
        assert answered(workers, fds=(file.fileno(),))["content"] == ["content of a"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_job_that_dies_costs_itself(workers, number):
    before = answered(workers)
    assert workers.ask(call(kill=number)).status == -number
    assert answered(workers)["parent"] == before["parent"]


def test_a_job_that_fails_says_why(workers):
    ending = workers.ask(call(**{"raise": True}))
    assert ending.status == 1 and "no such luck" in ending.problems


def test_a_job_that_hangs_is_ended(workers, tmp_path):
    answered(workers)
    assert workers.ask(call(seconds=4, sleep=600, started=str(tmp_path / "pids"))).status is None
    child, parent = map(int, (tmp_path / "pids").read_text().split())
    wait_for(lambda: not alive(child) and not alive(parent))
    assert answered(workers)["jobs"] == 1


def test_a_warm_process_that_dies_costs_one_job(workers, tmp_path):
    before = answered(workers)
    ending = workers.ask(call(kill_parent=signal.SIGKILL, sleep=600, started=str(tmp_path / "pids")))
    assert ending.status == -signal.SIGKILL
    wait_for(lambda: not alive(int((tmp_path / "pids").read_text().split()[0])))
    assert answered(workers)["parent"] != before["parent"]


def test_one_that_was_killed_between_two_jobs(workers):
    os.kill(answered(workers)["parent"], signal.SIGKILL)
    assert workers.ask(call()).status == -signal.SIGKILL
    assert answered(workers)["jobs"] == 1


def test_one_for_each_environment_and_no_more_than_two(workers):
    parents = [answered(workers, environment={"N": n})["parent"] for n in "abab"]
    assert parents[:2] == parents[2:] and parents[0] != parents[1]
    answered(workers, environment={"N": "c"})
    wait_for(lambda: not alive(parents[0]))
    assert alive(parents[1])


def test_nothing_outlives_who_asked(tmp_path):
    code = (
        "import sys, json; from k2to3.isolation.warm import warm_workers; from k2to3.isolation.calls import Call\n"
        "with warm_workers() as w: w.ask(Call(**json.loads(sys.argv[1])))"
    )
    job = json.dumps(asdict(call(sleep=600, started=str(tmp_path / "pids"))))
    root = Path(k2to3.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(root)])}
    process = subprocess.Popen([sys.executable, "-c", code, job], env=environment)
    try:
        wait_for(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text())
    finally:
        process.kill()
        process.wait()
    child, parent = map(int, (tmp_path / "pids").read_text().split())
    wait_for(lambda: not alive(child) and not alive(parent))


@pytest.mark.keras
def test_warm_proofs_say_what_fresh_ones_do(tmp_path):
    names = ("keras-2.2.4__text_lstm", "keras-2.2.4__cnn")
    (tmp_path / "zoo").mkdir()
    for name in names:
        os.link(FIXTURES / f"{name}.h5", tmp_path / "zoo" / f"{name}.h5")
    warm = {Path(r.source).stem: r for r in k2to3.batch(tmp_path / "zoo", tmp_path / "out", jobs=1)}
    fresh = k2to3.convert(FIXTURES / f"{names[0]}.h5", tmp_path / "fresh.keras")
    assert [warm[name].status for name in names] == ["proved", "proved"]
    assert warm[names[0]].evidence == fresh.evidence and warm[names[0]].target_sha256 == fresh.target_sha256
