"""Two processes that look at one file side by side find what one finds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import FIXTURES
from k2to3 import UnsafeFile
from k2to3.isolation.child import Action, Budget
from k2to3.limits import DEFAULT, Limits
from k2to3.sources import examine, hdf5
from k2to3.sources.hdf5 import look, read_hdf5
from k2to3.sources.opened import open_file
from k2to3.sources.tree import Group, Header
from k2to3.sources.tree_index import tree_of

FILES = sorted(FIXTURES.rglob("*.h5"))[::9]


def described(item: Group | Header, seen: dict[int, int]) -> object:
    """All of a tree; groups that are one object are one number, and of several paths to an array any will do."""
    if isinstance(item, Header):
        return item.kind, item.type, item.shape, item.offset
    if id(item) in seen:
        return seen[id(item)]
    seen[id(item)] = len(seen)
    return dict(item.attributes), [(name, described(inner, seen)) for name, inner in item.members.items()]


def one_after_the_other(actions: Sequence[Action], budget: Budget) -> list[bytes]:
    """What the processes would tell: a test before this one may have left threads, beside which nothing is forked."""
    return [b"".join(action(lambda: None)) for action in actions]


def divide(monkeypatch: pytest.MonkeyPatch):
    """From here on any file, any group of two links, is for two."""
    monkeypatch.setattr(hdf5, "LARGE", 0)
    monkeypatch.setattr(hdf5.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(hdf5, "can_fork", lambda: True)
    monkeypatch.setattr(hdf5, "survive", one_after_the_other)
    monkeypatch.setattr(examine, "MANY", 2)


def both(path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits = DEFAULT) -> tuple[object, object]:
    file = open_file(path)
    try:
        alone = described(tree_of(look(file, 0, file.size, limits)), {})
        divide(monkeypatch)
        found = look(file, 0, file.size, limits)
        assert len(found) == 2 and all(share.totals.objects for share in found)
        return alone, described(tree_of(found), {})
    finally:
        file.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_checkpoint(path: Path, monkeypatch: pytest.MonkeyPatch):
    alone, together = both(path, monkeypatch)
    assert together == alone


def linked(path: Path) -> Path:
    """Groups with several names, in one half, in both, in groups that are divided themselves, and in a circle."""
    with h5py.File(path, "w") as file:
        for name in "abcdefgh":
            group = file.create_group(f"top/{name}")
            group.attrs["weight_names"] = [name.encode()]
            for number in range(4):
                group[f"{number}"] = np.full(3, number)
        file["other"] = file["top/h"]
        file["top/a/again"] = file["top/g"]
        file["top/g/again"] = file["top/b"]
        file["top/h/circle"] = file["top"]
        file["zzz/deep/er"] = file["top/c"]
        file["aaa"] = file["top/f/1"]
    return path


def test_groups_with_several_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    alone, together = both(linked(tmp_path / "linked.h5"), monkeypatch)
    assert together == alone


def test_a_root_that_is_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Below it nothing is divided again: each process is alone there."""
    path = tmp_path / "bare.h5"
    with h5py.File(path, "w") as file:
        for number in range(9):
            for inner in range(9):
                file[f"layer_{number}/{inner}/kernel:0"] = np.full((2, 2), number)
    alone, together = both(path, monkeypatch)
    assert together == alone


def test_limits_hold_for_both_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = linked(tmp_path / "linked.h5")
    with pytest.raises(UnsafeFile, match="more than 40 objects"):
        both(path, monkeypatch, Limits(objects=40))


@pytest.mark.parametrize("name", ["top/a/0", "top/h/3"])
def test_what_either_refuses_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    path = linked(tmp_path / "linked.h5")
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = h5py.SoftLink("/aaa")
    divide(monkeypatch)
    file = open_file(path)
    with pytest.raises(UnsafeFile, match="soft link"):
        read_hdf5(file)
    file.close()


def test_heaps_are_walked_by_what_both_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Data that look like a damaged heap are none, whichever process found them; a heap that loops is refused."""
    path = linked(tmp_path / "linked.h5")
    looks_like_a_heap = np.frombuffer(b"GCOL\x01\0\0\0" + bytes(8) * 4, np.uint8)
    with h5py.File(path, "r+") as file:
        file["top/a/heap"], file["top/h/heap"] = looks_like_a_heap, looks_like_a_heap
    alone, together = both(path, monkeypatch)
    assert together == alone
    with h5py.File(path, "r+") as file:
        file["top"].attrs["note"] = "that nobody reads"
    data = path.read_bytes()
    place = data.rindex(b"GCOL\x01\0\0\0\0\x10")
    path.write_bytes(data[: place + 24] + bytes(8) + data[place + 32 :])
    file = open_file(path)
    with pytest.raises(UnsafeFile, match="heap"):
        look(file, 0, file.size, DEFAULT)
    file.close()


FORKED = """
import sys
from pathlib import Path
from k2to3.limits import DEFAULT
from k2to3.sources import examine, hdf5
from k2to3.sources.opened import open_file
hdf5.LARGE, hdf5.os.cpu_count, examine.MANY = 0, lambda: 2, 2
file = open_file(Path(sys.argv[1]))
print(len(hdf5.look(file, 0, file.size, DEFAULT)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="two processes are forked, or there is one")
def test_in_processes(tmp_path: Path):
    """A fresh interpreter has one thread, so that it forks: two processes, one answer of each."""
    run = [sys.executable, "-c", FORKED, str(linked(tmp_path / "linked.h5"))]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "2\n"
