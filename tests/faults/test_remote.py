"""Sources and targets behind URLs: found, fetched one at a time, put whole or not at all."""

from __future__ import annotations

import fsspec
import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import checkpoint_of
from k2to3.cli.main import main
from k2to3.errors import FileError, UsageError
from k2to3.migration import remote
from k2to3.migration.places import Objects, is_url
from test_resume import Inline

WEIGHTS = FIXTURES / "keras-2.2.4__weights_only.h5"


@pytest.fixture
def memory(tmp_path):
    """A tree in a bucket, the same tree here, and the file system."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    (tmp_path / "zoo" / "deep").mkdir(parents=True)
    checkpoint_of(tmp_path / "zoo" / "a.h5")
    checkpoint_of(tmp_path / "zoo" / "deep" / "b.h5", 4)
    for ending in (".h5", ".arch.json"):
        (tmp_path / "zoo" / f"w{ending}").write_bytes(WEIGHTS.with_suffix(ending).read_bytes())
    (tmp_path / "zoo" / "bad.h5").write_bytes(b"no checkpoint")
    system.put(str(tmp_path / "zoo") + "/", "/bucket/zoo/", recursive=True)
    yield system
    system.store.clear()


def run(tmp_path, source="memory://bucket/zoo", out="memory://bucket/new", **options):
    worked = []
    said = {"verify": "weights", "executor": Inline(), **options}
    if is_url(out):
        said["work"] = tmp_path / "work"
    reports = k2to3.batch(source, out, done=lambda report, *_: worked.append(report.source.rpartition("/")[2]), **said)
    return "".join(sorted(name[0] for name in worked)), {report.source.rpartition("/")[2]: report for report in reports}


def contents(system, folder="/bucket/new"):
    return {name.removeprefix(folder + "/"): system.cat_file(name) for name in system.find(folder)}


def test_a_bucket_becomes_what_the_same_folder_becomes(tmp_path, memory):
    worked, reports = run(tmp_path)
    assert worked == "abbw" and reports["bad.h5"].status == "refused"
    assert reports["bad.h5"].source == "memory:///bucket/zoo/bad.h5"
    assert reports["b.h5"].target == "memory://bucket/new/deep/b.keras"
    run(tmp_path, tmp_path / "zoo", tmp_path / "out")
    here = {name: (tmp_path / "out" / name).read_bytes() for name in ("a.keras", "deep/b.keras", "w.keras")}
    assert contents(memory) == here


def test_what_is_done_is_skipped_and_what_changed_is_not(tmp_path, memory, capsys):
    run(tmp_path)
    assert run(tmp_path)[0] == ""
    checkpoint_of(tmp_path / "a.h5", 7)
    memory.put_file(str(tmp_path / "a.h5"), "/bucket/zoo/a.h5")
    memory.rm("/bucket/new/w.keras")
    before = contents(memory)
    assert run(tmp_path)[0] == "aw" and contents(memory)["a.keras"] != before["a.keras"]
    assert main(["batch", "--status", "--out", "memory://bucket/new", "--work", str(tmp_path / "work")]) == 9
    assert "proved: 3  refused: 1" in capsys.readouterr().out


def test_what_others_put_there_is_kept(tmp_path, memory):
    memory.pipe_file("/bucket/new/a.keras", b"mine")
    assert run(tmp_path)[1]["a.h5"].error["hint"] == "--overwrite replaces it"
    assert contents(memory)["a.keras"] == b"mine"
    assert run(tmp_path, overwrite=True)[1]["a.h5"].status == "proved" and contents(memory)["a.keras"] != b"mine"


def test_files_patterns_and_what_was_made_before_in_the_tree(tmp_path, memory):
    assert run(tmp_path, "memory://bucket/zoo/w.h5")[0] == "w", "with the architecture beside it"
    assert set(contents(memory)) == {"w.keras"}
    assert run(tmp_path, "memory://bucket/zoo/**/b.h5", tmp_path / "out")[0] == "b"
    assert (tmp_path / "out" / "deep" / "b.keras").is_file()
    run(tmp_path, out="memory://bucket/zoo/new")
    assert "new" not in {name[:3] for name in run(tmp_path, out="memory://bucket/zoo/new")[1]}
    with pytest.raises(FileError, match="no such file"):
        run(tmp_path, "memory://bucket/nowhere")


def test_an_upload_that_fails_leaves_nothing_and_is_tried_again(tmp_path, memory, monkeypatch):
    def full(self, lpath, rpath, **_):
        raise OSError("the bucket is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "put_file", full)
        assert {report.exit_code for report in run(tmp_path)[1].values()} == {9, 6}
    assert contents(memory) == {} and run(tmp_path)[0] == "abw"


def test_processes_fetch_and_put(tmp_path, memory):
    """A file system without whole objects: named at the end."""
    reports = k2to3.batch(
        f"file://{tmp_path}/zoo", f"file://{tmp_path}/there", verify="weights", jobs=2, work=tmp_path / "work"
    )
    assert sorted(report.status for report in reports) == ["proved", "proved", "proved", "refused"]
    assert sorted(str(path.relative_to(tmp_path / "there")) for path in (tmp_path / "there").rglob("*.*")) == [
        "a.keras",
        "deep/b.keras",
        "w.keras",
    ]


def test_a_name_cannot_lead_out(tmp_path, memory):
    memory.pipe_file("/bucket/evil", b"x")
    (tmp_path / "folder").mkdir()
    objects = Objects("memory://bucket/m", (("/bucket/evil", "../../evil"),), "evil", (1, 1))
    with pytest.raises(FileError, match="leads out"):
        remote._fetched(objects, tmp_path / "folder" / "source")


def test_missing_packages_are_named(tmp_path, monkeypatch):
    def missing(url):
        raise ImportError("Install s3fs to access S3")

    with monkeypatch.context() as patch:
        patch.setattr(fsspec.core, "url_to_fs", missing)
        with pytest.raises(UsageError) as caught:
            run(tmp_path, "s3://bucket/zoo", tmp_path / "out")
    assert caught.value.hint == 'pip install "k2to3[s3]"'
    with pytest.raises(UsageError, match="nosuch"):
        run(tmp_path, "nosuch://bucket/zoo", tmp_path / "out")
    monkeypatch.setattr("k2to3.installed.find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        run(tmp_path, "memory://bucket/zoo", tmp_path / "out")
    assert caught.value.hint == 'pip install "k2to3[remote]"'


def test_a_folder_for_work_is_for_urls(tmp_path):
    with pytest.raises(UsageError, match="--work"):
        k2to3.batch(tmp_path, tmp_path / "out", work=tmp_path)
