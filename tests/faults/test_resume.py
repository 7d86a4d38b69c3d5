"""A batch that is run again: what is done and unchanged is skipped, the rest is done, nobody's file is lost."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import sqlite3
import threading
from concurrent.futures import Executor, Future
from contextlib import closing, nullcontext

import pytest
from fault_helpers import checkpoint_of, wait_for
from k2to3.cli.main import main
from k2to3.errors import FileError
from k2to3.migration.ledger import DONE, NAME, Known, Ledger, opened
from k2to3.migration.lock import locked
from k2to3.migration.run import Outcome, run_batch
from k2to3.publish.publisher import Publisher


class Inline(Executor):
    """Does at once, here, what it is given."""

    def submit(self, function, /, *arguments, **options):
        future = Future()
        try:
            future.set_result(function(*arguments, **options))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
def zoo(tmp_path):
    (tmp_path / "zoo").mkdir()
    for number, name in enumerate("abc"):
        checkpoint_of(tmp_path / "zoo" / f"{name}.h5", 3 + number)
    return tmp_path / "zoo"


@pytest.fixture
def again(tmp_path, zoo):
    """One more run: names of what was worked on, and of what is there at the end by status."""

    def run(**options):
        worked, outcome = [], Outcome()
        said = {"verify": "weights", "executor": Inline(), **options}
        publisher = Publisher(overwrite=bool(said.get("overwrite")))
        run_batch(
            outcome,
            [zoo],
            tmp_path / "out",
            said,
            publisher=publisher,
            done=lambda report, *_: worked.append(os.path.basename(report.source)[0]),
        )
        assert outcome.skipped == len(outcome.reports) - len(worked)
        return "".join(sorted(worked)), {os.path.basename(r.source)[0]: r.status for r in outcome.reports}

    return run


def row_of(out, name):
    with opened(out / NAME, create=False) as ledger:
        return ledger.row(name)


def test_what_is_done_is_skipped(tmp_path, zoo, again):
    assert again() == ("abc", dict.fromkeys("abc", "proved"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.keras")}
    assert again() == ("", dict.fromkeys("abc", "proved"))
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.keras")}
    assert [row_of(tmp_path / "out", f"{name}.keras").attempts for name in "abc"] == [1, 1, 1]


def test_what_is_skipped_costs_no_look_at_packages(zoo, again, monkeypatch):
    """A hundred thousand files are skipped in seconds, where no report looks versions up for itself."""
    again()
    asked = []
    monkeypatch.setattr(importlib.metadata, "version", asked.append)
    assert again()[0] == "" and asked == []


def test_what_is_skipped_is_looked_at_in_its_folder(zoo, again, monkeypatch):
    """A listing tells what each file is; to ask file by file takes six system calls."""
    again()
    looked, real = [], os.stat

    def stat(path, *arguments, **options):
        looked.append(os.path.basename(path) if isinstance(path, (str, os.PathLike)) else "")
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert again()[0] == ""
    assert [name for name in looked if name.endswith((".h5", ".keras"))] == []


def test_what_is_skipped_is_read_from_the_ledger_at_once(zoo, again, monkeypatch):
    """One query for all that has nothing of its own, and no record made of what is only counted."""
    again()
    asked, real, made = [], Ledger.row, []
    monkeypatch.setattr(Ledger, "row", lambda self, target: (asked.append(target), real(self, target))[1])
    monkeypatch.setattr(Known, "report", lambda *_: made.append(1))
    outcome = Outcome()
    said = {"verify": "weights", "executor": Inline()}
    run_batch(outcome, [zoo], zoo.parent / "out", said, publisher=Publisher(), done=None)
    assert outcome.skipped == 3 and asked == [] and not outcome.problems and made == []
    monkeypatch.undo()
    assert [report.status for report in outcome.reports] == ["proved"] * 3
    checkpoint_of(zoo / "a.h5", 9)
    monkeypatch.setattr(Ledger, "row", lambda self, target: (asked.append(target), real(self, target))[1])
    assert again()[0] == "a" and set(asked) == {"a.keras"}


def test_a_ledger_of_an_earlier_run_without_its_index(tmp_path, zoo, again):
    again()
    with sqlite3.connect(tmp_path / "out" / NAME) as connection:
        connection.execute("DROP INDEX known")
    assert again()[0] == ""
    with sqlite3.connect(tmp_path / "out" / NAME) as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN " + DONE, ("", "")).fetchall()
    assert "COVERING INDEX known" in plan[0][3], "a resume would read every report"


def test_what_changed_is_done_again(tmp_path, zoo, again):
    again()
    old = (tmp_path / "out" / "a.keras").read_bytes()
    checkpoint_of(zoo / "a.h5", 9)
    (tmp_path / "out" / "b.keras").unlink()
    assert again()[0] == "ab" and (tmp_path / "out" / "a.keras").read_bytes() != old
    assert again(tolerance=0.5)[0] == "abc", "other options"
    assert again(tolerance=0.5, jobs=1, fail_fast=True)[0] == "", "what is said of the run changes no file"


def test_a_source_that_was_only_touched_is_known_by_its_content(zoo, again):
    again()
    os.utime(zoo / "a.h5", ns=(1, 1))
    assert again()[0] == ""


def test_another_version_does_it_again(zoo, again, monkeypatch):
    again()
    for module in ("resume", "glance"):
        monkeypatch.setattr(importlib.import_module(f"k2to3.migration.{module}"), "__version__", "0.0.1")
    assert again()[0] == "abc"


def test_what_may_pass_is_tried_again_and_what_lasts_is_not(zoo, again, monkeypatch):
    (zoo / "b.h5").write_bytes(b"no checkpoint")

    def full(path):
        if path.name == "c.h5":
            raise FileError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("k2to3.migration.worker"), "architecture_beside", full)
        assert again() == ("abc", {"a": "proved", "b": "refused", "c": "file error"})
    assert again() == ("c", {"a": "proved", "b": "refused", "c": "proved"})
    assert again(only_failed=True) == ("b", {"b": "refused"})
    checkpoint_of(zoo / "b.h5")
    assert again() == ("b", dict.fromkeys("abc", "proved"))


def test_what_others_put_there_is_never_replaced(tmp_path, zoo, again):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.keras").write_text("mine")
    assert again() == ("abc", {"a": "file error", "b": "proved", "c": "proved"})
    assert again()[0] == "a"
    # A killed run leaves the row as it was begun.
    with opened(tmp_path / "out" / NAME, create=False) as ledger:
        ledger.put(ledger.row("a.keras")._replace(state="running"))
    (tmp_path / "out" / "b.keras").write_text("changed by hand")
    assert again() == ("ab", {"a": "file error", "b": "file error", "c": "proved"})
    assert (tmp_path / "out" / "a.keras").read_text() == "mine"
    assert (tmp_path / "out" / "b.keras").read_text() == "changed by hand"


def test_a_run_that_died_after_it_published(tmp_path, zoo, again):
    """The target is there and the ledger does not know: it is made again, byte for byte."""
    again()
    before = (tmp_path / "out" / "a.keras").read_bytes()
    with opened(tmp_path / "out" / NAME, create=False) as ledger:
        ledger.put(ledger.row("a.keras")._replace(state="running", target_size=None, target_mtime_ns=None))
    assert again() == ("a", dict.fromkeys("abc", "proved"))
    assert (tmp_path / "out" / "a.keras").read_bytes() == before


def test_a_run_that_died_while_it_tidied_up(tmp_path, zoo, again):
    again()
    left = tmp_path / "out" / ".k2to3-0123456789abcdef.part"
    left.mkdir()
    (left / "k2to3.lock").touch()
    again()
    assert not left.exists()


def test_two_runs_on_one_folder_take_turns(tmp_path, zoo, again):
    (tmp_path / "out").mkdir()
    found, told = [], threading.Event()
    with locked(tmp_path / "out"):

        def second():
            with locked(tmp_path / "out", told.set):
                found.append("second")

        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(20) and not found
        found.append("first")
    thread.join(20)
    assert found == ["first", "second"] and not list((tmp_path / "out").iterdir())


def test_what_changed_while_another_run_had_the_folder(tmp_path, zoo, again, monkeypatch):
    again()
    (tmp_path / "out" / "b.keras").unlink()
    changed = []

    def wait(folder, waiting=None):
        if waiting is not None:
            checkpoint_of(zoo / "a.h5", 9)
            changed.append(folder)
        return nullcontext(True)

    monkeypatch.setattr(importlib.import_module("k2to3.migration.resume"), "locked", wait)
    assert again()[0] == "ab" and changed


def test_status_and_sql(tmp_path, zoo, again, capsys):
    (zoo / "b.h5").write_bytes(b"no checkpoint")
    again()
    assert main(["batch", "--status", "--out", str(tmp_path / "out")]) == 9
    printed = capsys.readouterr().out
    assert "proved: 2  refused: 1" in printed and "such as" in printed and "b.h5" in printed
    with closing(sqlite3.connect(tmp_path / "out" / NAME)) as connection:
        ((target, text),) = connection.execute("select target, report from files where state = 'failed'")
    assert target == "b.keras" and json.loads(text)["exit_code"] == 9
    assert main(["batch", "--status", "--out", str(tmp_path)]) == 6
    assert "no ledger" in capsys.readouterr().err


def test_a_ledger_that_is_none(tmp_path, zoo, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / NAME).write_bytes(b"not a database" * 100)
    assert main(["batch", str(zoo), "--out", str(tmp_path / "out"), "--verify", "none"]) == 6
    assert "the ledger cannot be used" in capsys.readouterr().err
    assert wait_for(lambda: [path.name for path in (tmp_path / "out").iterdir()] == [NAME])
