"""A batch again where nothing is left to do: that is seen at a glance, and whatever is otherwise is not."""

from __future__ import annotations

import os
import shutil
import sqlite3

import k2to3
import pytest
from conftest import FIXTURES
from k2to3.cli.main import main
from k2to3.migration import run

MODEL = FIXTURES / "keras-2.2.4__text_lstm.h5"


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """Three models in two folders that a run finished; how often a run looked closer, from then on."""
    source = tmp_path / "old"
    for name in ("a.h5", "inner/b.h5", "inner/c.h5"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MODEL, source / name)
    assert again(tmp_path) == (0, [])
    looks = []
    real = run._announce
    monkeypatch.setattr(run, "_announce", lambda *given: looks.append(given) or real(*given))
    return tmp_path, looks


def again(folder, *more) -> tuple[int, list[str]]:
    """The exit code, and what of the targets was written anew."""
    before = {path: path.stat().st_mtime_ns for path in (folder / "new").rglob("*.keras")}
    code = main(["batch", f"{folder / 'old'}", "--out", f"{folder / 'new'}", "--verify", "weights", "-q", *more])
    after = {path: path.stat().st_mtime_ns for path in (folder / "new").rglob("*.keras")}
    return code, sorted(path.name for path in after if before and after[path] != before.get(path))


def test_what_is_done_is_seen_at_a_glance(zoo, capsys):
    folder, looks = zoo
    capsys.readouterr()
    assert again(folder) == (0, []) and not looks
    assert "proved: 3  (done before: 3)" in capsys.readouterr().out
    reports = k2to3.batch(folder / "old", folder / "new", verify="weights")
    assert not looks and [report.status for report in reports] == ["proved"] * 3
    assert [os.path.basename(report.source) for report in reports] == ["a.h5", "b.h5", "c.h5"]


def touch(path) -> None:
    os.utime(path, ns=(1, 1))


CHANGES = {
    "another source": (lambda f: shutil.copy(FIXTURES / "keras-1.2.2__cnn.h5", f / "old/a.h5"), ["a.keras"]),
    "a new source": (lambda f: shutil.copy(MODEL, f / "old/d.h5"), ["d.keras"]),
    "a source of another time": (lambda f: touch(f / "old/a.h5"), []),
    "a target of another time": (lambda f: touch(f / "new/a.keras"), None),
    "a target that is gone": (lambda f: (f / "new/inner/b.keras").unlink(), ["b.keras"]),
    "a source that is a link": (lambda f: linked(f / "old/a.h5"), []),
    "an architecture beside": (lambda f: (f / "old/a.json").write_text("{}"), ["a.keras"]),
    "a ledger that is gone": (lambda f: (f / "new/k2to3.sqlite").unlink(), None),
    "a row of another source": (
        lambda f: first_row(f, "source = 'x'"),
        ["a.keras"],
    ),
    "a row that failed": (
        lambda f: first_row(f, "state = 'failed'"),
        ["a.keras"],
    ),
}


def linked(path) -> None:
    """A link to the same file, of the same size and time."""
    path.rename(path.with_suffix(".kept"))
    path.symlink_to(path.with_suffix(".kept"))


def first_row(folder, change) -> None:
    with sqlite3.connect(folder / "new/k2to3.sqlite") as ledger:
        assert ledger.execute(f"UPDATE files SET {change} WHERE target = 'a.keras'").rowcount == 1
    ledger.close()


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_otherwise_is_looked_at(zoo, change):
    folder, looks = zoo
    act, anew = CHANGES[change]
    act(folder)
    code, written = again(folder)
    glance = change == "a source that is a link"
    assert len(looks) == (0 if glance else 1)
    if anew is None:
        # Somebody else's by now, or unknown: nothing of it is replaced unasked.
        assert code == 6 and not written
    else:
        assert (code, written) == (0, anew)


@pytest.mark.parametrize("more", [["--report", "r.json"], ["--only-failed"], ["--dry-run"], ["--keep-suffix"]])
def test_whoever_asks_for_more_gets_the_whole(zoo, monkeypatch, more):
    folder, looks = zoo
    monkeypatch.chdir(folder)
    # Nothing failed: with --only-failed there is nothing to do.
    assert again(folder, *more)[0] == (3 if more == ["--only-failed"] else 0) and len(looks) == 1


def test_a_report_in_the_place_of_a_source_is_refused(zoo):
    folder, _ = zoo
    before = (folder / "old/a.h5").read_bytes()
    assert again(folder, "--report", str(folder / "old/a.h5"), "--overwrite")[0] == 2
    assert (folder / "old/a.h5").read_bytes() == before
