"""Every call of the system that writing makes fails in turn, in every way it can."""

from __future__ import annotations

import builtins
import errno
import io
import os
import traceback
from collections import Counter
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import hidden
from k2to3.archive import copying, running_sync
from k2to3.cli.main import main
from k2to3.errors import K2to3Error
from k2to3.sources.opened import OpenedFile

CALLS = (
    "fsync",
    "link",
    "mkdir",
    "open",
    "pread",
    "pwrite",
    "replace",
    "rmdir",
    "stat",
    "unlink",
    "write",
)
ERRORS = (errno.ENOSPC, errno.EIO, errno.EINTR, errno.EXDEV, errno.EACCES, errno.EROFS, errno.EDQUOT)
SPLIT = FIXTURES / "formats" / "k215_graph.keras"
CASES = ("new.keras", "new.weights.h5", "new.safetensors")


class Faults:
    """Counts the calls that concern `folder`, and lets the chosen one fail."""

    def __init__(self, monkeypatch, folder: Path) -> None:
        self.folder, self.seen = str(folder), Counter()
        self.fail: tuple[str, int, int] | None = None
        self.failed = False
        for name in CALLS:
            if hasattr(os, name):
                monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))
        opened = self._wrapped("io.open", io.open)
        monkeypatch.setattr(io, "open", opened)
        monkeypatch.setattr(builtins, "open", opened)

    def _wrapped(self, name, real):
        def call(*arguments, **options):
            if not self._concerns(arguments):
                return real(*arguments, **options)
            self.seen[name] += 1
            if self.fail and self.fail[:2] == (name, self.seen[name]):
                self.failed = True
                raise OSError(self.fail[2], os.strerror(self.fail[2]), str(arguments[0]))
            found = real(*arguments, **options)
            return Limited(self, found) if name == "io.open" and "w" in _mode(arguments, options) else found

        return call

    def _concerns(self, arguments) -> bool:
        """Paths below the folder of the target; descriptors may be of any file."""
        first = arguments[0] if arguments else None
        return isinstance(first, int) or (isinstance(first, (str, Path)) and str(first).startswith(self.folder))


def _mode(arguments, options) -> str:
    return str(options.get("mode", arguments[1] if len(arguments) > 1 else "r")).replace("+", "w")


class Limited:
    """An open file whose writes can fail."""

    def __init__(self, faults: Faults, file) -> None:
        self._file, self.write = file, faults._wrapped("file.write", lambda _, data: file.write(data))
        self.write = lambda data, call=self.write: call(0, data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self._file.close()


def chosen(count: int) -> list[int]:
    """Which calls of many: first, last and one between."""
    return sorted({1, count // 2, count} & set(range(1, count + 1)))


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_every_call_fails_in_turn(monkeypatch, tmp_path, name, overwrite):
    """The target is absent, as it was, or whole; nothing temporary is left; the error is ours."""
    source, folder = tmp_path / "old.keras", tmp_path / "out"
    source.write_bytes(SPLIT.read_bytes())
    size = 1000 if name.endswith(".safetensors") else 10**9

    def convert() -> None:
        k2to3.convert(source, folder / name, verify="none", overwrite=overwrite, shard_size=size)

    def state() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def reset() -> None:
        for path in folder.iterdir():
            path.unlink()
        for file, data in before.items():
            (folder / file).write_bytes(data)

    folder.mkdir()
    before: dict[str, bytes] = {}
    convert()
    whole = state()
    before = dict.fromkeys(whole, b"older") if overwrite else {}
    reset()
    monkeypatch.setattr(copying, "PIECE", 24)
    with monkeypatch.context() as patch:
        faults = Faults(patch, folder)
        convert()
        counts = dict(faults.seen)
    # HDF5's own bytes go past the buffer of the file.
    assert {"mkdir", "fsync", "io.open", "file.write" if name.endswith(".safetensors") else "pwrite"} <= set(counts)
    assert "replace" in counts or "link" in counts
    failures = 0
    for call, count in counts.items():
        for number in chosen(count):
            kinds = ERRORS if number == 1 else ERRORS[:1]
            for kind in kinds:
                reset()
                with monkeypatch.context() as patch:
                    faults = Faults(patch, folder)
                    faults.fail = call, number, kind
                    try:
                        convert()
                    except K2to3Error as error:
                        failures += 1
                        assert error.exit_code == 6, (call, number, kind, error)
                        assert state() == before, (call, number, kind, error)
                    else:
                        assert state() == whole, (call, number, kind)
                    assert faults.failed, (call, number)
                assert not hidden(tmp_path) and source.read_bytes() == SPLIT.read_bytes(), (call, number, kind)
    assert failures > 20


@pytest.mark.parametrize("name", CASES)
def test_short_copies(monkeypatch, tmp_path, name):
    """Through buffers that are shorter than the values, filled a few bytes at a time, and in one piece."""
    k2to3.convert(SPLIT, tmp_path / f"a{name}", verify="weights")
    monkeypatch.setattr(copying, "PIECE", 24)
    k2to3.convert(SPLIT, tmp_path / f"b{name}", verify="weights")
    with monkeypatch.context() as patch:
        while_copied(patch, lambda real, file, view, place: real(file, view[:7], place))
        k2to3.convert(SPLIT, tmp_path / f"c{name}", verify="weights")
    monkeypatch.delattr(os, "preadv")
    k2to3.convert(SPLIT, tmp_path / f"d{name}", verify="weights")
    assert len({(tmp_path / f"{letter}{name}").read_bytes() for letter in "abcd"}) == 1


@pytest.mark.parametrize("piece", [8, copying.PIECE])
def test_copies_that_end_early(monkeypatch, tmp_path, checkpoint, piece):
    """The checkpoint became shorter: an error, not zeros."""
    monkeypatch.setattr(copying, "PIECE", piece)
    while_copied(monkeypatch, lambda *_: 0)
    with pytest.raises(K2to3Error, match="shorter") as error:
        k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    assert error.value.exit_code == 6 and [path.name for path in tmp_path.iterdir()] == ["old.h5"]


def while_copied(patch, read) -> None:
    """What a checkpoint is asked for to copy its values is answered by `read`."""
    real = OpenedFile.read_into

    def answered(file, view, place):
        callers = {frame.name for frame in traceback.extract_stack()}
        return read(real, file, view, place) if "copy_range" in callers else real(file, view, place)

    patch.setattr(OpenedFile, "read_into", answered)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("number", [1, 2])
def test_a_disk_that_fails_while_it_is_written_to(monkeypatch, tmp_path, name, number):
    """The system tells of a failed write once, to whoever flushes first: that is heard."""
    monkeypatch.setattr(running_sync, "STEP", 1)
    seen = Counter()

    def fail(path: Path) -> None:
        seen[path.name] += 1
        if seen[path.name] == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(running_sync, "sync", fail)
    with pytest.raises(K2to3Error, match="cannot be written") as error:
        k2to3.convert(SPLIT, tmp_path / name, verify="none")
    assert error.value.exit_code == 6 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("call", ["fsync", "link", "mkdir", "replace"])
def test_report_that_cannot_be_written(capsys, monkeypatch, tmp_path, checkpoint, call):
    """The archive stays, the exit code says that something is missing, an older report is as it was."""
    report, target = tmp_path / "reports" / "r.json", tmp_path / "new.keras"
    report.parent.mkdir()
    report.write_text("older")
    real = getattr(os, call)

    def fail(path, *arguments, **options):
        name = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else str(path)
        if name.startswith(str(report.parent)) and (call != "link" or name.endswith("json")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, call, fail)
    arguments = ["convert", str(checkpoint), str(target), "--verify", "none", "--overwrite", "--report", str(report)]
    code = main(arguments)
    assert (code, call) in [(6, call), (0, "link"), (0, "fsync")] and target.exists()
    if code:
        assert (report.read_text() == "older" and "r.json" in capsys.readouterr().err) or call == "mkdir"
    assert not hidden(tmp_path)
