"""Any executor of `concurrent.futures`: the same tree, typed reports, and a clear word where it breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import k2to3
import pytest
from fault_helpers import checkpoint_of, environment
from k2to3.errors import UsageError

LETHAL = 7


def dies(count):
    if count == 4 * LETHAL:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def zoo(tmp_path):
    (tmp_path / "zoo").mkdir()
    for number, name in enumerate("abcd"):
        checkpoint_of(tmp_path / "zoo" / f"{name}.h5", 3 + number)
    return tmp_path / "zoo"


@pytest.fixture
def processes():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as found:
        yield found


def statuses(reports: list[k2to3.Report]) -> dict[str, str]:
    return {Path(report.source).stem: report.status for report in reports}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.keras")}


def test_threads_and_processes_write_the_same(tmp_path, zoo, processes):
    (zoo / "bad.h5").write_bytes(b"no checkpoint")
    wanted = {**dict.fromkeys("abcd", "proved"), "bad": "refused"}
    with ThreadPoolExecutor(2) as threads:
        for name, executor in (("threads", threads), ("processes", processes), ("own", None)):
            reports = k2to3.batch([zoo], tmp_path / name, verify="weights", jobs=2, executor=executor)
            assert statuses(reports) == wanted and all(isinstance(report, k2to3.Report) for report in reports)
    assert contents(tmp_path / "threads") == contents(tmp_path / "processes") == contents(tmp_path / "own")


def test_a_process_that_dies_breaks_its_executor_and_loses_no_report(tmp_path, zoo, processes):
    """Files c and d were never begun there; the next run does them."""
    checkpoint_of(zoo / "b.h5", LETHAL)
    reports = k2to3.batch(zoo, tmp_path / "out", verify="weights", jobs=1, executor=processes, progress=dies)
    assert statuses(reports) == {"a": "proved", "b": "failed", "c": "failed", "d": "failed"}
    assert "BrokenProcessPool" in reports[3].error["message"]
    worked = []
    k2to3.batch(zoo, tmp_path / "out", verify="weights", jobs=1, done=lambda report, *_: worked.append(report.status))
    assert worked == ["proved"] * 3


def test_an_executor_that_breaks_at_once_is_one_error(tmp_path, zoo, processes):
    for name in "abcd":
        checkpoint_of(zoo / f"{name}.h5", LETHAL)
    with pytest.raises(UsageError, match="broke before any file ended") as caught:
        k2to3.batch(zoo, tmp_path / "out", verify="none", executor=processes, progress=dies)
    assert "__main__" in caught.value.hint


def test_a_script_without_a_guard_gets_one_error(tmp_path, zoo):
    executor = "ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('spawn'))"
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\nimport k2to3\n"
        f"k2to3.batch({str(zoo)!r}, {str(tmp_path / 'out')!r}, verify='none', jobs=1, executor={executor})\n"
    )
    done = subprocess.run([sys.executable, script], env=environment(), capture_output=True, text=True, timeout=120)
    errors = [line for line in done.stderr.splitlines() if line.startswith("k2to3.errors.")]
    assert done.returncode == 1 and len(errors) == 1 and "__main__" in errors[0], done.stderr
