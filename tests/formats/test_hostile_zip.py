"""`.keras` archives that lie: refused before anything of them is used."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES
from conftest import members as written
from k2to3.errors import NothingToDo, NotKeras2, UnsafeFile, UnsupportedOption

GOOD = FIXTURES / "formats" / "k215_text.keras"


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(GOOD) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, found: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def test_compressed_weights_give_the_same_archive(tmp_path):
    packed = pack(tmp_path / "packed.keras", members(), zipfile.ZIP_DEFLATED)
    for source, target in ((GOOD, "a.keras"), (packed, "b.keras")):
        assert k2to3.convert(source, tmp_path / target, verify="weights").status == "proved"
    assert written(tmp_path / "a.keras") == written(tmp_path / "b.keras")


NAMES = ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:/evil", "assets//x", "./config.json"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_leave_the_archive(tmp_path, name):
    with pytest.raises(UnsafeFile, match="leaves the archive"):
        k2to3.plan(pack(tmp_path / "x.keras", {**members(), name: b"x"}))
    assert [path.name for path in tmp_path.iterdir()] == ["x.keras"]


def test_the_same_name_twice(tmp_path):
    path = pack(tmp_path / "x.keras", members())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("config.json", b"{}")
    with pytest.raises(UnsafeFile, match="two members"):
        k2to3.plan(path)


def test_symbolic_link(tmp_path):
    path = pack(tmp_path / "x.keras", members())
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("assets/link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, b"/etc/passwd")
    with pytest.raises(UnsafeFile, match="link"):
        k2to3.plan(path)


def patch(path: Path, name: str, offset: int, value: bytes) -> Path:
    """Overwrite bytes of a member's entry in the central directory."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    data[at + offset : at + offset + len(value)] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (8, struct.pack("<H", 1), "encrypted"),
        (10, struct.pack("<H", 12), "unknown compression"),
        (20, struct.pack("<I", 1 << 30), "more bytes than the file"),
        (24, struct.pack("<I", 1 << 30), "two sizes"),
    ],
)
def test_entries_that_lie(tmp_path, offset, value, message):
    path = patch(pack(tmp_path / "x.keras", members()), "model.weights.h5", offset, value)
    with pytest.raises(UnsafeFile, match=message):
        k2to3.plan(path)


def test_overlapping_members(tmp_path):
    path = patch(pack(tmp_path / "x.keras", members()), "config.json", 42, struct.pack("<I", 0))
    with pytest.raises(UnsafeFile, match="overlaps"):
        k2to3.plan(path)


def test_zip_bomb(tmp_path):
    bomb = {**members(), "config.json": b" " * (64 << 20)}
    path = patch(
        pack(tmp_path / "x.keras", bomb, zipfile.ZIP_DEFLATED), "config.json", 24, struct.pack("<I", 0xF0000000)
    )
    with pytest.raises(UnsafeFile, match="declares"):
        k2to3.plan(path)


def test_more_bytes_than_declared(tmp_path):
    path = pack(tmp_path / "x.keras", members(), zipfile.ZIP_DEFLATED)
    size = len(members()["model.weights.h5"])
    with pytest.raises((UnsafeFile, NotKeras2)):
        k2to3.plan(patch(path, "model.weights.h5", 24, struct.pack("<I", size - 100)))


def test_flipped_bit(tmp_path):
    path = pack(tmp_path / "x.keras", members())
    data = bytearray(path.read_bytes())
    data[data.index(b"\x89HDF") + 20_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(NotKeras2, match="checksum"):
        k2to3.plan(path)


@pytest.mark.parametrize("cut", [10, 100, 5_000, 34_000])
def test_truncated(tmp_path, cut):
    path = tmp_path / "x.keras"
    path.write_bytes(GOOD.read_bytes()[:cut])
    with pytest.raises(NotKeras2):
        k2to3.plan(path)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"model.weights.h5": None}, NotKeras2),
        ({"config.json": None}, NotKeras2),
        ({"config.json": b"[1]"}, k2to3.BadConfig),
        ({"metadata.json": b'{"keras_version": "3.1.0"}'}, NothingToDo),
        ({"metadata.json": b'{"keras_version": 2}'}, k2to3.BadConfig),
        ({"assets/layers/text_vectorization/vocabulary.txt": b"a"}, k2to3.BadConfig),
        ({"assets/layers/dense/weights.bin": b"a"}, UnsupportedOption),
        ({"run.py": b"print()"}, NotKeras2),
        ({"model.weights.h5": b"no HDF5"}, NotKeras2),
    ],
)
def test_members_missing_or_odd(tmp_path, change, error):
    found = {name: data for name, data in {**members(), **change}.items() if data is not None}
    with pytest.raises(error):
        k2to3.plan(pack(tmp_path / "x.keras", found))
