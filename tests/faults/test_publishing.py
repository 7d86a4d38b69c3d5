"""No output is an input or another output, and nothing that exists is replaced unasked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import checkpoint_of, command, environment, hidden, run
from k2to3.cli.main import main
from k2to3.errors import FileError, UsageError
from k2to3.publish import naming
from k2to3.publish.identity import ASKED
from k2to3.publish.inputs import inputs_of
from k2to3.publish.listing import Listing, split
from k2to3.publish.publisher import Publisher

SPLIT = FIXTURES / "formats" / "k215_graph.keras"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
@pytest.mark.parametrize("verb", ["convert", "verify"])
@pytest.mark.parametrize("over", ["old.h5", "new.keras", "hard.json", "soft.json", "OLD.H5"])
def test_report_is_never_what_is_read_or_written(capsys, tmp_path, checkpoint, verb, over, overwrite):
    target = tmp_path / "new.keras"
    if verb == "verify":
        k2to3.convert(checkpoint, target, verify="none")
    os.link(checkpoint, tmp_path / "hard.json")
    (tmp_path / "soft.json").symlink_to(checkpoint)
    before = contents(tmp_path)
    arguments = [verb, str(checkpoint), str(target), "--verify", "weights", "--report", str(tmp_path / over)]
    assert main([*arguments, *overwrite]) in (2, 6)
    printed = capsys.readouterr().err
    assert any(text in printed for text in ("same file", "already exists", "end its name in .json"))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("verb", ["convert", "verify", "batch"])
def test_existing_report_is_refused_before_any_work(capsys, monkeypatch, tmp_path, checkpoint, verb):
    report, target = tmp_path / "report.json", tmp_path / "out" / "old.keras"
    target.parent.mkdir()
    if verb == "verify":
        k2to3.convert(checkpoint, target, verify="none")
    report.write_text("mine")
    given = (
        [verb, str(tmp_path), "--out", str(target.parent)] if verb == "batch" else [verb, str(checkpoint), str(target)]
    )
    arguments = [*given, "--verify", "weights", "--report", str(report)]
    before = contents(tmp_path)
    assert main(arguments) == 6 and "already exists" in capsys.readouterr().err
    assert contents(tmp_path) == before
    assert main([*arguments, "--overwrite"]) == 0
    assert json.loads(report.read_text())["schema"].startswith("k2to3-")


def test_targets_are_none_of_the_inputs(tmp_path, checkpoint):
    """By name, by link and through links; every file that an option names is an input."""
    words = tmp_path / "words.keras"
    words.write_text("a\n")
    os.link(checkpoint, tmp_path / "hard.keras")
    (tmp_path / "soft.keras").symlink_to(checkpoint)
    before = contents(tmp_path)
    for name, options in (
        ("hard", {}),
        ("soft", {}),
        ("words", {"architecture": words}),
        ("words", {"vocabularies": {"lookup": words}}),
        ("words", {"reference": words}),
    ):
        with pytest.raises(UsageError, match="same file"):
            k2to3.convert(checkpoint, tmp_path / f"{name}.keras", overwrite=True, verify="none", **options)
        assert contents(tmp_path) == before


def test_every_option_that_names_a_file_is_an_input():
    options = {
        "rules": ["r.py"],
        "custom_objects": "c.py",
        "architecture": "a.py:make",
        "vocabularies": ["layer=v.txt"],
    }
    assert [str(path) for path in inputs_of("old.h5", None, **options)] == [
        "old.h5",
        "a.py:make",
        "a.py",
        "c.py",
        "r.py",
        "v.txt",
    ]


@pytest.mark.parametrize("names", [("a.keras", "A.keras"), ("é.keras", "é.keras"), ("ß.json", "SS.json")])
def test_names_that_some_file_systems_take_for_one(tmp_path, names):
    writer = Publisher()
    writer.writes(tmp_path / names[0], what="one")
    with pytest.raises(UsageError, match="same file"):
        writer.writes(tmp_path / names[1], what="other")


def test_many_names_are_folded_as_each_alone(tmp_path, monkeypatch):
    """Folders are resolved once, links among the files for themselves."""
    (tmp_path / "Deep").mkdir()
    (tmp_path / "link").symlink_to("Deep")
    (tmp_path / "Deep" / "to.h5").symlink_to("../ß.h5")
    monkeypatch.chdir(tmp_path)
    names = ("a.h5", "Deep/A.h5", "link/a.h5", "link/to.h5", "Deep/../É.h5", "É.h5", "ß.h5", ".", "..", "Deep/", "/")
    seen = Listing()
    for path in (Path(name) for name in (*names, *(str(tmp_path / name) for name in names))):
        assert seen.file(path)[:2] == ASKED.file(path)[:2], path
        assert split(str(path)) == os.path.split(path)


def test_parts_of_a_split_target_are_outputs_too(capsys, tmp_path):
    index = tmp_path / "new.safetensors.index.json"
    arguments = ["convert", str(SPLIT), str(tmp_path / "new.safetensors"), "--verify", "none", "--shard-size", "1000"]
    assert main([*arguments, "--report", str(index)]) == 2
    assert "same file" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_special_files_are_never_replaced(tmp_path, checkpoint):
    os.mkfifo(tmp_path / "pipe.keras")
    (tmp_path / "null.keras").symlink_to("/dev/null")
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "dangling.keras").symlink_to(tmp_path / "nowhere")
    for name, overwrite in (("pipe", True), ("null", True), ("folder", True), ("dangling", False)):
        with pytest.raises(FileError):
            k2to3.convert(checkpoint, tmp_path / f"{name}.keras", verify="none", overwrite=overwrite)
    assert (tmp_path / "pipe.keras").is_fifo() and Path("/dev/null").is_char_device()
    assert os.readlink(tmp_path / "dangling.keras") == str(tmp_path / "nowhere")


def without_links(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.parametrize("renames", [True, False])
def test_file_systems_without_hard_links(monkeypatch, tmp_path, checkpoint, renames):
    """A name that appears while we write is not replaced, with and without `renameat2`."""
    without_links(monkeypatch)
    if not renames:
        monkeypatch.setattr(naming, "_renamed", lambda *_: False)
    target = tmp_path / "new.keras"
    k2to3.convert(checkpoint, target, verify="weights")
    target.unlink()
    publish = Publisher._publish

    def late(self, *arguments):
        target.write_text("somebody else's")
        publish(self, *arguments)

    monkeypatch.setattr(Publisher, "_publish", late)
    with pytest.raises(FileError, match="already exists"):
        k2to3.convert(checkpoint, target, verify="none")
    assert target.read_text() == "somebody else's" and not hidden(tmp_path)


def test_reserved_name_is_given_back(monkeypatch, tmp_path):
    (tmp_path / "part").write_text("x")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output"):
        naming._reserved(tmp_path / "part", tmp_path / "target")
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_two_conversions_to_one_target(tmp_path, overwrite):
    """Exactly one wins; with `--overwrite` both do, the last one whole."""
    sources = [checkpoint_of(tmp_path / f"{i}.h5", units) for i, units in enumerate((3, 5))]
    target, whole = tmp_path / "new.keras", []
    for source in sources:
        k2to3.convert(source, tmp_path / "alone.keras", verify="none", overwrite=True)
        whole.append((tmp_path / "alone.keras").read_bytes())
    more = ["--overwrite"] if overwrite else []
    runs = [
        subprocess.Popen(
            command("convert", source, target, "--verify", "none", *more),
            env=environment(),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for source in sources
    ]
    said = [process.communicate()[1] for process in runs]
    codes = sorted(process.returncode for process in runs)
    assert codes == ([0, 0] if overwrite else [0, 6]), said
    assert overwrite or any("already exists" in text for text in said)
    assert target.read_bytes() in whole and not hidden(tmp_path)


def test_race_of_threads(tmp_path, checkpoint):
    """Twenty at once: one target, one winner, nothing of the losers."""
    won, lost = [], []

    def go() -> None:
        writer = Publisher()
        try:
            with writer.staged(tmp_path, ["one.json"]) as parts:
                parts["one.json"].write_text(threading.current_thread().name)
        except FileError:
            lost.append(1)
        else:
            won.append(threading.current_thread().name)

    threads = [threading.Thread(target=go) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and (tmp_path / "one.json").read_text() == won[0] and not hidden(tmp_path)


@pytest.mark.parametrize("overwrite", [False, True])
def test_split_targets_come_all_or_not_at_all(monkeypatch, tmp_path, overwrite):
    target = tmp_path / "new.safetensors"
    if overwrite:
        k2to3.convert(SPLIT, target, verify="none", shard_size=1000)
    before, calls, real = contents(tmp_path), [], naming.take_free_name

    def third_fails(part: Path, name: Path) -> None:
        calls.append(name)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(part, name)

    monkeypatch.setattr("k2to3.publish.publisher.take_free_name", third_fails)
    with pytest.raises(FileError, match="disk is full"):
        k2to3.convert(SPLIT, target, verify="none", shard_size=1000, overwrite=overwrite)
    assert contents(tmp_path) == before and not hidden(tmp_path)


def test_others_files_are_not_taken_back(monkeypatch, tmp_path):
    """A part that appeared under another's hand survives our failure."""
    part = tmp_path / "new-00001-of-00002.safetensors"
    writer, real = Publisher(), naming.take_free_name

    def late(source: Path, name: Path) -> None:
        part.write_text("somebody else's")
        real(source, name)

    monkeypatch.setattr("k2to3.publish.publisher.take_free_name", late)
    with pytest.raises(FileError, match="already exists"), writer.staged(tmp_path, ["index", part.name]):
        pass
    assert part.read_text() == "somebody else's" and [path.name for path in tmp_path.iterdir()] == [part.name]


def test_long_names(tmp_path, checkpoint):
    """A target whose name is as long as names can be leaves no room for a temporary one."""
    target = tmp_path / ("n" * 249 + ".keras")
    assert k2to3.convert(checkpoint, target, verify="weights").status == "proved"
    with pytest.raises(FileError, match="too long"):
        k2to3.convert(checkpoint, tmp_path / ("n" * 250 + ".keras"), verify="weights")


def test_report_of_a_failure_is_written_too(tmp_path):
    path = checkpoint_of(tmp_path / "old.h5", activation="mine")
    done = run("convert", path, tmp_path / "new.keras", "--report", tmp_path / "report.json")
    assert done.returncode == 1 and json.loads((tmp_path / "report.json").read_text())["status"] == "refused"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system of its own")
def test_read_only_folder(tmp_path, checkpoint):
    """chmod does not stop root, a mount does."""
    folder = tmp_path / "locked"
    folder.mkdir()
    script = 'mount -t tmpfs -o ro none "$1" && shift && exec "$@"'
    arguments = command("convert", checkpoint, folder / "new.keras", "--verify", "none")
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare")
    done = subprocess.run(
        [unshare, "-m", "sh", "-c", script, "sh", str(folder), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 6 and "cannot write here: Read-only file system" in done.stderr
