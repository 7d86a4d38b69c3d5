"""A real cluster of Dask: separate processes, one of which is killed, and the tree is the same."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import k2to3
import pytest
from fault_helpers import alive, checkpoint_of, environment
from k2to3.errors import FileError, UsageError
from k2to3.migration.cluster import cluster
from k2to3.migration.futures import convert_alone
from test_resume import Inline


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.keras"))}


@pytest.fixture
def zoo(tmp_path):
    (tmp_path / "zoo").mkdir()
    for number in range(8):
        checkpoint_of(tmp_path / "zoo" / f"m{number:02}.h5", 3 + number)
    (tmp_path / "zoo" / "bad.h5").write_bytes(b"no checkpoint")
    return tmp_path / "zoo"


@pytest.fixture
def dask_cluster(monkeypatch):
    """Two processes, which find this package as those of a batch do."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


def test_a_killed_process_changes_nothing(tmp_path, zoo, dask_cluster):
    from distributed import Client

    with Client(dask_cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
    ended = []

    def done(report, *_):
        if not ended:
            os.kill(victim, signal.SIGKILL)
        ended.append(Path(report.source).stem)

    reports = k2to3.batch(zoo, tmp_path / "there", verify="weights", cluster=dask_cluster.scheduler_address, done=done)
    found = {Path(report.source).stem: report.status for report in reports}
    assert sorted(ended) == sorted(found) and len(found) == 9 and not alive(victim)
    assert found.pop("bad") == "refused" and set(found.values()) == {"proved"}
    k2to3.batch(zoo, tmp_path / "here", verify="weights", jobs=1)
    assert tree(tmp_path / "there") == tree(tmp_path / "here") and len(tree(tmp_path / "here")) == 8
    again = []
    k2to3.batch(zoo, tmp_path / "there", verify="weights", cluster="local", done=lambda *_: again.append(1))
    assert not again


@pytest.mark.conformance
def test_a_scheduler_that_goes_away(tmp_path, zoo, dask_cluster, monkeypatch):
    """One error, and the next run does what is missing."""
    monkeypatch.setattr(importlib.import_module("k2to3.migration.cluster"), "CONNECTING", 3)
    ended = []

    def done(report, *_):
        if not ended:
            dask_cluster.close()
        ended.append(report)

    with pytest.raises(FileError, match="the scheduler is gone") as caught:
        k2to3.batch(zoo, tmp_path / "out", verify="none", cluster=dask_cluster.scheduler_address, jobs=1, done=done)
    assert caught.value.hint
    reports = k2to3.batch(zoo, tmp_path / "out", verify="none", jobs=1)
    assert sum(report.status == "converted" for report in reports) == 8


class Again(Inline):
    """Loses every process after it gave the target its name, and before it could say so."""

    def submit(self, function, /, *arguments, **options):
        super().submit(function, *arguments, **options).result()
        return super().submit(function, *arguments, **options)

    job = staticmethod(convert_alone)

    def room(self):
        return 2


def test_a_process_that_is_lost_after_it_published(tmp_path, zoo, monkeypatch):
    """Dask gives the file out again; what others put there is not replaced."""

    @contextmanager
    def lossy(address, jobs):
        yield Again()

    monkeypatch.setattr(importlib.import_module("k2to3.migration.give"), "cluster", lossy)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "m00.keras").write_text("mine")
    reports = k2to3.batch(zoo, tmp_path / "out", verify="none", cluster="tcp://nowhere")
    found = {Path(report.source).stem: report.status for report in reports}
    assert (found.pop("m00"), found.pop("bad")) == ("file error", "refused") and set(found.values()) == {"converted"}
    assert (tmp_path / "out" / "m00.keras").read_text() == "mine"


def test_a_script_without_a_guard(tmp_path, zoo):
    pytest.importorskip("distributed")
    script = tmp_path / "script.py"
    script.write_text(
        f"import k2to3\nk2to3.batch({str(zoo)!r}, {str(tmp_path / 'out')!r}, verify='none', cluster='local', jobs=1)\n"
    )
    done = subprocess.run([sys.executable, script], env=environment(), capture_output=True, text=True, timeout=120)
    errors = [line for line in done.stderr.splitlines() if line.startswith("k2to3.errors.")]
    assert done.returncode != 0 and len(errors) == 1 and "__main__" in errors[0], done.stderr


def test_no_scheduler(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(importlib.import_module("k2to3.migration.cluster"), "CONNECTING", 1)
    with pytest.raises(FileError, match="no scheduler answers"), cluster("tcp://127.0.0.1:9", None):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("k2to3.installed.find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught, cluster("local", None):
        pass
    assert caught.value.hint == 'pip install "k2to3[dask]"'


def test_what_nobody_can_keep_there_is_refused(tmp_path, zoo):
    with pytest.raises(UsageError, match="not ours to end") as caught:
        k2to3.batch(zoo, tmp_path / "out", executor=Inline(), timeout=5)
    assert "--limit seconds=N" in caught.value.hint
    reports = k2to3.batch(zoo, tmp_path / "out", executor=Inline(), verify="none", limits=["seconds=5"])
    assert sum(report.error is None for report in reports) == 8
    with pytest.raises(UsageError, match="not to both"):
        k2to3.batch(zoo, tmp_path / "out", executor=Inline(), cluster="local")
