"""`.keras` archives of Keras 2 that lie about their members, or are two things at once."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import FIXTURES, small_model, write_checkpoint

from attacks.attack import Attack, Made

GOOD = FIXTURES / "formats" / "k215_text.keras"
WITH_VOCABULARY = FIXTURES / "formats" / "k215_vocabulary.keras"
WEIGHTS, CONFIG, METADATA = "model.weights.h5", "config.json", "metadata.json"
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
Members = dict[str, bytes]


def members(source: Path = GOOD) -> Members:
    with zipfile.ZipFile(source) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: Members, method: int = STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return file.getvalue()


def archive(make: Callable[[], bytes | bytearray], name: str = "old.keras") -> Callable[[Path], Made]:
    def write(folder: Path) -> Made:
        path = folder / name
        path.write_bytes(make())
        return Made(path)

    return write


def with_member(name: str, data: bytes = b"x") -> Callable[[Path], Made]:
    return archive(lambda: packed({**members(), name: data}))


def entry(name: str, offset: int, value: bytes, method: int = STORED, **changed: bytes) -> Callable[[Path], Made]:
    """Bytes of a member's entry in the central directory overwritten."""

    def make() -> bytearray:
        data = bytearray(packed({**members(), **changed}, method))
        at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
        data[at + offset : at + offset + len(value)] = value
        return data

    return archive(make)


def doubled() -> bytes:
    file = io.BytesIO(packed(members()))
    with zipfile.ZipFile(file, "a") as found:
        found.filelist[0].filename, found.NameToInfo = "none", {}
        found.writestr(CONFIG, b"{}")
        found.filelist[0].filename = METADATA
    return file.getvalue()


def linked(mode: int) -> Callable[[], bytes]:
    def make() -> bytes:
        file = io.BytesIO(packed(members()))
        with zipfile.ZipFile(file, "a") as found:
            info = zipfile.ZipInfo("assets/link")
            info.external_attr = mode << 16
            found.writestr(info, b"/etc/passwd")
        return file.getvalue()

    return make


def many_members(count: int = 200_000) -> bytes:
    """A directory of empty members, written by hand: zipfile would take minutes."""
    name = b"assets/%07d"
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 14, 0)
    head = b"".join(local + name % index for index in range(count))
    step = len(local) + 14
    listed = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 14, 0, 0, 0, 0, 0, index * step)
        + name % index
        for index in range(count)
    )
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), len(head))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(head) + len(listed), 1)
    return head + listed + record + locator + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 8, 8, 0)


def end_record(**fields: int) -> Callable[[], bytearray]:
    """The end record says something else: `count`, `size` of the directory, or its `place`."""
    offsets = {"count": (10, "<H"), "size": (12, "<I"), "place": (16, "<I")}

    def make() -> bytearray:
        data = bytearray(packed(members()))
        at = data.rindex(b"PK\5\6")
        for name, value in fields.items():
            struct.pack_into(offsets[name][1], data, at + offsets[name][0], value)
        return data

    return make


def zip64_end(size: int) -> bytes:
    """A small end record, and before it a 64-bit one of another opinion, which zipfile believes."""
    data = packed(members())
    at = data.rindex(b"PK\5\6")
    place, length = struct.unpack_from("<I", data, at + 16)[0], struct.unpack_from("<I", data, at + 12)[0]
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, size or length, place)
    return data[:at] + record + struct.pack("<4sIQI", b"PK\6\7", 0, at, 1) + data[at:]


def bomb(name: str, size: int, method: int = DEFLATED) -> bytes:
    """A member of zeros (blanks in a JSON text)."""
    fill = b" " if name.endswith(".json") else b"\0"
    found = members()
    return packed({**found, name: found[name] + fill * size if fill == b" " else fill * size}, method)


def vocabulary_bomb() -> bytes:
    """What a layer reads as one token a line."""
    found = members(WITH_VOCABULARY)
    name = next(name for name in found if name.endswith("vocabulary.txt"))
    return packed({**found, name: b"\n" * (80 << 20)}, DEFLATED)


def many_vocabularies() -> bytes:
    return packed({**members(), **{f"assets/layers/x_{i}/vocabulary.txt": b"\n" * (2 << 20) for i in range(20)}}, 8)


def wide_vocabulary() -> bytes:
    """Sixteen million tokens of nothing."""
    found = members(WITH_VOCABULARY)
    name = next(name for name in found if name.endswith("vocabulary.txt"))
    return packed({**found, name: found[name] + b"\n" * (16 << 20)}, DEFLATED)


def weights_of_another(change: Callable[[Any], None]) -> Callable[[], bytes]:
    """The HDF5 member, changed with h5py."""
    import h5py

    def make() -> bytes:
        found = members()
        file = io.BytesIO(found[WEIGHTS])
        with h5py.File(file, "r+") as root:
            change(root)
        return packed({**found, WEIGHTS: file.getvalue()})

    return make


def _first(root: Any) -> str:
    import h5py

    names: list[str] = []
    root.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names[0]


def link_inside(root: Any) -> None:
    import h5py

    name = _first(root)
    del root[name]
    root[name] = h5py.ExternalLink("/etc/passwd", "/")


def storage_inside(root: Any) -> None:
    name = _first(root)
    shape, kind = root[name].shape, root[name].dtype
    del root[name]
    root.create_dataset(name, shape=shape, dtype=kind, external=[("/etc/passwd", 0, 1 << 20)])


def bomb_inside(root: Any) -> None:
    name = _first(root)
    del root[name]
    data = root.create_dataset(name, shape=(1 << 26, 64), dtype="f4", chunks=(1 << 16, 64), compression="gzip")
    data[: 1 << 16] = 0


def compressed_weights(factor: int) -> Callable[[], bytes]:
    """Stored in HDF5 as zeros without compression, then compressed by the zip: small twice."""
    import h5py
    import numpy as np

    def make() -> bytes:
        file = io.BytesIO()
        with h5py.File(file, "w") as root:
            root["layers/x/vars/0"] = np.zeros(factor << 18, "float32")
        return packed({**members(), WEIGHTS: file.getvalue()}, DEFLATED)

    return make


def hdf5_then_zip(name: str) -> Callable[[Path], Made]:
    """HDF5 by its beginning, a zip archive by its end: `k2to3` and tf-keras would read two models."""

    def write(folder: Path) -> Made:
        path = write_checkpoint(folder / name, *small_model())
        path.write_bytes(path.read_bytes() + packed(members()))
        return Made(path)

    return write


def zip_then_hdf5() -> bytes:
    """A zip archive by its beginning, HDF5 behind a user block of 512 bytes."""
    head = packed({"a": b"x"})
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w", userblock_size=512) as root:
        root.attrs["model_config"] = "{}"
    data = bytearray(file.getvalue())
    data[: len(head)] = head
    return bytes(data)


def prefixed() -> bytes:
    """Bytes before the first member, which zip readers skip."""
    return b"PK\x03\x04" + b"\0" * 200 + packed(members())


def local_name() -> bytearray:
    """The directory and the member itself give two names."""
    data = bytearray(packed(members()))
    at = data.index(WEIGHTS.encode())
    data[at : at + 5] = b"other"
    return data


def crc() -> bytearray:
    data = bytearray(packed(members()))
    data[data.index(b"\x89HDF") + 3000] ^= 1
    return data


def too_long() -> bytes:
    """A deflated member that goes on after the size it declares."""
    data = bytearray(packed(members(), DEFLATED))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(CONFIG.encode()))
    struct.pack_into("<I", data, at + 24, 10)
    return bytes(data)


def config_of_evil() -> bytes:
    """CVE-2025-1550 in its own format: the module and class that a Keras 2 archive names."""
    found = members()
    config = json.loads(found[CONFIG])
    config["config"]["layers"][-1] |= {"module": "os", "class_name": "system", "registered_name": "system"}
    return packed({**found, CONFIG: json.dumps(config).encode()})


NAMES = ["../evil", "/etc/evil", "assets/../../evil", "..\\evil", "C:/evil", "assets//x", "./config.json", "assets/\0x"]
TRAVERSAL = "CVE-2025-12060, CVE-2024-55459, keras PR 23016: names that leave the archive"
BOMB = "keras PRs 23010, 23101, 23303: zip bombs"
LIES = "a directory that lies"
ATTACKS = [
    *(Attack(f"a member named {name!r}", TRAVERSAL, with_member(name)) for name in NAMES),
    Attack("a member name of 65,000 bytes", TRAVERSAL, with_member("assets/" + "x" * 65_000)),
    Attack("two members of one name", LIES, archive(doubled)),
    Attack("a symbolic link", "keras PR 23017", archive(linked(0o120777))),
    Attack("a device", "keras PR 23017", archive(linked(0o020666))),
    Attack("a FIFO as a member", "keras PR 23017", archive(linked(0o010666))),
    Attack("an encrypted member", LIES, entry(WEIGHTS, 8, b"\1\0")),
    Attack("an unknown compression", LIES, entry(WEIGHTS, 10, b"\x0c\0")),
    Attack("members that overlap", "better zip bombs", entry(CONFIG, 42, bytes(4))),
    Attack("a stored member of two sizes", LIES, entry(WEIGHTS, 24, struct.pack("<I", 1 << 30))),
    Attack("a member larger than the file", LIES, entry(WEIGHTS, 20, struct.pack("<I", 1 << 30))),
    Attack("a member of 4 GB declared", BOMB, entry(WEIGHTS, 24, struct.pack("<I", 0xFFFFFFF0), DEFLATED)),
    Attack("200,000 members", "found here: a million members", archive(many_members)),
    Attack("an end record of 65,535 members", LIES, archive(end_record(count=65_535)), ""),
    Attack("a directory of 4 GB", LIES, archive(end_record(size=0xFFFFFFF0)), "Damaged"),
    Attack("a directory somewhere else", LIES, archive(end_record(place=0xFFFFFFF0))),
    Attack("a 64-bit end record of another opinion", LIES, archive(lambda: zip64_end(0)), ""),
    Attack("a 64-bit directory of 2^40 bytes", LIES, archive(lambda: zip64_end(1 << 40)), "Damaged"),
    Attack("a config of 300 MB", BOMB, archive(lambda: bomb(CONFIG, 300 << 20))),
    Attack("metadata of 1 MB", BOMB, archive(lambda: bomb(METADATA, 1 << 20))),
    Attack("weights of 300 MB", BOMB, archive(lambda: bomb(WEIGHTS, 300 << 20))),
    Attack("weights that are zeros within zeros", "found here: 4 MB to 4 GB of disk", archive(compressed_weights(90))),
    Attack("a vocabulary of 80 MB", "found here: 0.5 MB to 1 GB", archive(vocabulary_bomb)),
    Attack("twenty vocabularies of 2 MB", "found here", archive(many_vocabularies)),
    Attack("a vocabulary of 16 million tokens", "found here", archive(wide_vocabulary)),
    Attack("an external link in the weights", "keras PR 22057", archive(weights_of_another(link_inside))),
    Attack("external storage in the weights", "CVE-2026-1669", archive(weights_of_another(storage_inside))),
    Attack("a shape bomb in the weights", "CVE-2026-0897", archive(weights_of_another(bomb_inside))),
    Attack("HDF5 with a zip behind it", "found here: a polyglot", hdf5_then_zip("old.h5")),
    Attack("HDF5 with a zip behind it, named .keras", "found here: a polyglot", hdf5_then_zip("old.keras")),
    Attack("a zip with HDF5 behind it", "a polyglot", archive(zip_then_hdf5, "old.h5"), "NotKeras2"),
    Attack("a zip behind other bytes", "a polyglot", archive(prefixed), ""),
    Attack("a member of two names", "a polyglot: local and central names", archive(local_name), "Damaged"),
    Attack("weights with a flipped bit", LIES, archive(crc), "Damaged"),
    Attack("a member longer than it says", BOMB, archive(too_long), "Damaged|UnsafeFile"),
    Attack("a class of the standard library", "CVE-2025-1550", archive(config_of_evil), "UnsupportedLayer"),
    Attack("a file of its own", "keras PR 23016", with_member("run.py"), "NotKeras2"),
    Attack("weights as .npz", "keras PR 23101: npz bombs", with_member("model.weights.npz"), "NotKeras2"),
]
