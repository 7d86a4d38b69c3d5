"""A batch: no source is written over, no file stops the others, every file is in the report."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time

import jsonschema
import k2to3
import pytest
from conftest import ROOT
from fault_helpers import alive, checkpoint_of, children, hidden, run, start, wait_for
from k2to3.cli.main import main
from k2to3.errors import UsageError
from referencing import Registry, Resource

LETHAL = 7
SCHEMAS = [json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()) for name in ("batch", "report")]
REGISTRY = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in SCHEMAS)


def report_of(path):
    found = json.loads(path.read_text())
    jsonschema.Draft202012Validator(SCHEMAS[0], registry=REGISTRY).validate(found)
    return found


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def zoo(tmp_path):
    folder = tmp_path / "zoo"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_two_sources_for_one_target(capsys, tmp_path, zoo, overwrite):
    for number, name in enumerate(("m.h5", "m.hdf5", "m.h5py")):
        checkpoint_of(zoo / name, 3 + number)
    arguments = ["batch", str(zoo), "--out", str(tmp_path / "out"), "--verify", "none", "--jobs", "1", *overwrite]
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert "would both become" in printed and "--keep-suffix" in printed and not (tmp_path / "out").exists()
    assert main([*arguments, "--keep-suffix"]) == 0
    written = sorted(path.name for path in (tmp_path / "out").glob("*.keras"))
    assert written == ["m.h5.keras", "m.h5py.keras", "m.hdf5.keras"]
    assert k2to3.verify(zoo / "m.hdf5", tmp_path / "out" / "m.hdf5.keras", verify="weights").status == "proved"


def test_names_apart_by_case_alone(tmp_path, zoo):
    checkpoint_of(zoo / "m.h5")
    checkpoint_of(zoo / "M.h5")
    for keep in (False, True):
        with pytest.raises(UsageError, match="rename one"):
            k2to3.batch(zoo, tmp_path / "out", keep_suffix=keep, verify="none")


@pytest.mark.parametrize("out", ["zoo", "zoo/converted", "."])
def test_results_among_the_sources(tmp_path, zoo, out):
    """Twice the same: results are no sources of the second run, and sources stay as they are."""
    (zoo / "deep").mkdir()
    checkpoint_of(zoo / "a.h5")
    checkpoint_of(zoo / "deep" / "b.h5")
    before = contents(zoo)
    for again in range(2):
        reports = k2to3.batch(zoo, tmp_path / out, verify="none", overwrite=bool(again))
        assert [(r.source, r.status) for r in reports] == [
            (str(zoo / "a.h5"), "converted"),
            (str(zoo / "deep" / "b.h5"), "converted"),
        ]
    assert {path: data for path, data in contents(zoo).items() if path in before} == before


def test_a_source_is_never_a_target(capsys, tmp_path, zoo):
    """A Keras 2 archive whose result would have its name."""
    source = ROOT / "fixtures" / "formats" / "k215_graph.keras"
    (zoo / "m.keras").write_bytes(source.read_bytes())
    os.makedirs(tmp_path / "out")
    os.link(zoo / "m.keras", tmp_path / "out" / "m.keras")
    before = contents(tmp_path)
    for out in (zoo, tmp_path / "out"):
        arguments = ["batch", str(zoo), "--out", str(out), "--verify", "none", "--overwrite", "--jobs", "1"]
        assert main(arguments) == 2 and "same file" in capsys.readouterr().err
        assert contents(tmp_path) == before
    assert main([*arguments[:3], str(zoo), *arguments[4:], "--keep-suffix"]) == 0
    assert (zoo / "m.keras").read_bytes() == source.read_bytes() and (zoo / "m.keras.keras").exists()


def test_names_that_cannot_be_printed_or_written(tmp_path, zoo):
    """Too long for the target, not UTF-8, not in the console's alphabet: the others are converted."""
    names = ["good.h5", "n" * 252 + ".h5", os.fsdecode(b"caf\xe9.h5"), "モデル.h5", "esc\x1b[2J.h5", "line\nbreak.h5"]
    for name in names:
        checkpoint_of(tmp_path / "model.h5").rename(zoo / name)
    for encoding in ("cp1252", "ascii", "cp850"):
        out, report = tmp_path / encoding, tmp_path / f"{encoding}.json"
        arguments = ("batch", zoo, "--out", out, "--verify", "weights", "--jobs", "1", "--report", report)
        done = run(*arguments, env={"PYTHONIOENCODING": encoding})
        found = report_of(report)
        assert done.returncode == 6 and "Traceback" not in done.stderr and "\x1b" not in done.stdout
        assert found["counts"] == {"proved": 5, "file error": 1} and len(found["reports"]) == len(names)
        assert len(list(out.glob("*.keras"))) == 5 and len(done.stdout.splitlines()) >= 7


def test_things_that_are_no_files(tmp_path, zoo, monkeypatch):
    """Never opened: a pipe without a writer would wait for ever."""
    checkpoint_of(zoo / "good.h5")
    os.mkfifo(zoo / "pipe.h5")
    (zoo / "null.h5").symlink_to("/dev/zero")
    (zoo / "gone.h5").symlink_to(zoo / "nowhere")
    monkeypatch.chdir(zoo)
    socket.socket(socket.AF_UNIX).bind("socket.h5")
    os.mkfifo(zoo / "good.json")
    reports = {os.path.basename(r.source): r for r in k2to3.batch(zoo, tmp_path / "out", verify="none")}
    assert {name: report.status for name, report in reports.items()} == {
        "good.h5": "converted",
        "pipe.h5": "file error",
        "null.h5": "file error",
        "socket.h5": "file error",
        "gone.h5": "file error",
    }
    assert "a pipe, not a regular file" in reports["pipe.h5"].error["message"]


def dies(count):
    if count == 4 * LETHAL:
        os.kill(os.getpid(), signal.SIGKILL)


def breaks(count):
    if count == 4 * LETHAL:
        raise TypeError("unsupported \x1b operand")


def lacks_memory(count):
    if count == 4 * LETHAL:
        raise MemoryError


@pytest.mark.parametrize(
    ("progress", "status", "code", "text"),
    [(dies, "failed", 70, "SIGKILL"), (breaks, "failed", 70, "TypeError"), (lacks_memory, "file error", 6, "memory")],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_one_bad_file_costs_one_file(tmp_path, zoo, progress, status, code, text, jobs):
    for name in "abcde":
        checkpoint_of(zoo / f"{name}.h5", LETHAL if name == "b" else 3)
    reports = k2to3.batch(zoo, tmp_path / "out", verify="weights", jobs=jobs, progress=progress)
    assert [r.status for r in reports] == ["proved", status, "proved", "proved", "proved"]
    bad = reports[1]
    assert bad.exit_code == code and text in bad.error["message"]
    # What a killed process left is cleared by the next that writes there.
    k2to3.batch(zoo, tmp_path / "out", verify="none", overwrite=True)
    assert not hidden(tmp_path) and len(list((tmp_path / "out").glob("*.keras"))) == 5


def test_unreadable_folder_is_in_the_report(tmp_path, zoo, monkeypatch):
    checkpoint_of(zoo / "a.h5")
    (zoo / "locked").mkdir()
    real = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    reports = k2to3.batch(zoo, tmp_path / "out", verify="none")
    assert [r.status for r in reports] == ["converted", "file error"] and reports[1].source.endswith("locked")


def paused_batch(tmp_path, zoo):
    """A batch of three that waits in the first two, having written but not published."""
    for name in "abc":
        checkpoint_of(zoo / f"{name}.h5")
    pause, out, report = tmp_path / "pause", tmp_path / "out", tmp_path / "report.json"
    pause.mkdir()
    process = start(
        "batch", zoo, "--out", out, "--verify", "weights", "--jobs", "2", "--report", report, PAUSE=str(pause)
    )
    wait_for(lambda: len(list(pause.iterdir())) == 2)
    return process, children(process.pid), out, report


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_batch(tmp_path, zoo, number):
    process, below, out, report = paused_batch(tmp_path, zoo)
    process.send_signal(number)
    if number == signal.SIGINT:
        # The first one drains.
        assert "finishing what has begun" in process.stderr.readline()
        process.send_signal(number)
    printed = process.communicate(timeout=60)
    assert process.returncode == 128 + number, printed
    assert "interrupted; 0 of 3 were converted" in printed[1] and "Traceback" not in printed[1]
    found = report_of(report)
    assert found["counts"] == {"interrupted": 3} and [path.name for path in out.iterdir()] == ["k2to3.sqlite"]
    wait_for(lambda: not [pid for pid in below if alive(pid)], 20)
    assert not hidden(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_a_killed_batch(tmp_path, zoo):
    process, below, out, _ = paused_batch(tmp_path, zoo)
    assert len(below) >= 2
    process.kill()
    process.communicate()
    wait_for(lambda: not [pid for pid in below if alive(pid)], 20)
    assert len(hidden(out)) == 2 and not list(out.glob("*.keras"))
    assert main(["batch", str(zoo), "--out", str(out), "--verify", "weights", "--jobs", "1"]) == 0
    assert sorted(path.name for path in out.glob("*.keras")) == ["a.keras", "b.keras", "c.keras"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_worker_of_a_running_batch(tmp_path, zoo):
    """The true cause is told, and whoever waits for another file goes on."""
    process, _, _, report = paused_batch(tmp_path, zoo)
    os.kill(int((tmp_path / "pause" / "a.h5").read_text()), signal.SIGKILL)
    wait_for(lambda: (tmp_path / "pause" / "c.h5").exists())
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    found = {os.path.basename(r["source"]): r for r in report_of(report)["reports"]}
    assert {name: r["status"] for name, r in found.items()} == {
        "a.h5": "failed",
        "b.h5": "interrupted",
        "c.h5": "interrupted",
    }
    assert "SIGKILL" in found["a.h5"]["error"]["message"]
