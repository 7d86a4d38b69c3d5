"""HDF5 files with bytes changed where no library would write them: crashes, loops and allocations of the C library."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import h5py
from conftest import small_model, write_checkpoint

from attacks.attack import HARMLESS, Attack, Made

NAME = b"model_config\0\0\0\0"
# After the name of an attribute that is a variable-length text: the class bits of its type, its size, the type of
# its characters, its space; then the length, the address of the heap and the index in it.
CLASS_BITS, SIZE, BASE = 1, 4, 8
LENGTH = struct.Struct("<IQI")


def texts(folder: Path) -> tuple[Path, bytearray, int]:
    """A checkpoint whose `model_config` is of variable length, its bytes, and where the type of that begins."""
    path = write_checkpoint(folder / "old.h5", *small_model(), as_bytes=False)
    data = bytearray(path.read_bytes())
    return path, data, data.index(NAME) + len(NAME)


def heap_of(data: bytes, kind: int) -> int:
    """Where the value of the attribute, its place in a heap, begins."""
    place = data.index(b"GCOL", 0)
    at = data.index(struct.pack("<Q", place), kind)
    return at - 4


def patched(change: Callable[[bytearray, int], None]) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        path, data, kind = texts(folder)
        change(data, kind)
        path.write_bytes(data)
        return Made(path)

    return make


def class_bits(data: bytearray, kind: int) -> None:
    """Neither a sequence nor a text: h5py reads a pointer that HDF5 never set."""
    data[kind + CLASS_BITS] = 2


def class_bits_high(data: bytearray, kind: int) -> None:
    data[kind + CLASS_BITS] = 255


def length(data: bytearray, kind: int) -> None:
    """4.2 GB are allocated before the heap is looked at."""
    at = heap_of(data, kind)
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)


def length_within(data: bytearray, kind: int) -> None:
    at = heap_of(data, kind)
    data[at : at + 4] = struct.pack("<I", 100 << 20)


def heap_address(data: bytearray, kind: int) -> None:
    at = heap_of(data, kind)
    data[at + 4 : at + 12] = struct.pack("<Q", 1 << 62)


def heap_index(data: bytearray, kind: int) -> None:
    at = heap_of(data, kind)
    data[at + 12 : at + 16] = struct.pack("<I", 60_000)


def heap_loop(data: bytearray, kind: int) -> None:
    """The free space of a heap says that it is empty, and HDF5 goes on from where it stands."""
    place = data.index(b"GCOL") + 16
    (size,) = struct.unpack_from("<Q", data, data.index(b"GCOL") + 8)
    end = place - 16 + size
    while place < end:
        index, _, _, used = struct.unpack_from("<HHIQ", data, place)
        if index == 0:
            data[place + 8 : place + 16] = bytes(8)
            return
        place += 16 + (used + 7) // 8 * 8


def hidden_heap(folder: Path) -> Made:
    """As before, with an array laid over the heap: whoever skips the raw data of arrays does not see it."""
    path, data, kind = texts(folder)
    heap_loop(data, kind)
    with h5py.File(path, "r") as file:
        offset = file["model_weights/dense/dense/bias:0"].id.get_offset()
    at = data.index(struct.pack("<QQ", offset, 12))
    data[at : at + 8] = struct.pack("<Q", data.index(b"GCOL"))
    path.write_bytes(data)
    return Made(path)


def base_size(data: bytearray, kind: int) -> None:
    data[kind + BASE + SIZE : kind + BASE + SIZE + 4] = struct.pack("<I", 0xFFFFFFFF)


def element_size(data: bytearray, kind: int) -> None:
    data[kind + SIZE : kind + SIZE + 4] = struct.pack("<I", 0x7FFFFFFF)


def whole(change: Callable[[bytearray], None]) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        path = write_checkpoint(folder / "old.h5", *small_model())
        data = bytearray(path.read_bytes())
        change(data)
        path.write_bytes(data)
        return Made(path)

    return make


def end_of_file(data: bytearray) -> None:
    """The superblock says that the file is larger than it is."""
    data[40:48] = struct.pack("<Q", 1 << 50)


def base_address(data: bytearray) -> None:
    data[24:32] = struct.pack("<Q", 1 << 40)


def tree_loop(data: bytearray) -> None:
    """The nodes of a group's tree point at one another for ever."""
    place = data.index(b"TREE")
    data[place + 16 : place + 24] = struct.pack("<Q", place)


def tree_child(data: bytearray) -> None:
    """The tree of the root holds itself."""
    place = data.index(b"TREE")
    data[place + 5] = 1
    data[place + 32 : place + 40] = struct.pack("<Q", place)


def tree_entries(data: bytearray) -> None:
    place = data.index(b"TREE")
    data[place + 6 : place + 8] = b"\xff\xff"


def symbols(data: bytearray) -> None:
    place = data.index(b"SNOD")
    data[place + 6 : place + 8] = b"\xff\xff"


def local_heap(data: bytearray) -> None:
    place = data.index(b"HEAP")
    data[place + 8 : place + 16] = struct.pack("<Q", 1 << 60)


def raw_data(data: bytearray) -> None:
    """A kernel that lies behind the end of the file."""
    place = data.rindex(struct.pack("<Q", 48), 0, len(data)) - 8
    data[place : place + 8] = struct.pack("<Q", len(data) + (1 << 30))


SEGFAULT = "found here: one byte of a variable-length type, SIGSEGV of the process"
LOOP = "found here: HDF5 loops in `H5HG__cache_heap_deserialize`"
STRUCTURE = "HDF5's own structures, damaged on purpose"
ATTACKS = [
    Attack("a variable-length type of no kind", SEGFAULT, patched(class_bits), "BadConfig"),
    Attack("a variable-length type of no kind, other bits", SEGFAULT, patched(class_bits_high), "BadConfig"),
    Attack("a text of 4.2 GB", "found here: allocated before the heap is looked at", patched(length)),
    Attack("a text of 100 MB in a small heap", "found here", patched(length_within), HARMLESS),
    Attack("a text in a heap far outside", STRUCTURE, patched(heap_address), "Damaged|UnsafeFile"),
    Attack("a text that its heap does not hold", STRUCTURE, patched(heap_index), "Damaged|UnsafeFile"),
    Attack("a heap whose free space is empty", LOOP, patched(heap_loop)),
    Attack("such a heap below an array", LOOP, hidden_heap),
    Attack("characters of 4 GB", STRUCTURE, patched(base_size), "Damaged|UnsafeFile"),
    Attack("a text whose elements have 2 GB", STRUCTURE, patched(element_size), "Damaged|UnsafeFile"),
    Attack("a file that ends far outside", STRUCTURE, whole(end_of_file), "Damaged"),
    Attack("a file that begins far outside", STRUCTURE, whole(base_address), "Damaged"),
    Attack("a tree that is its own neighbour", STRUCTURE, whole(tree_loop), HARMLESS),
    Attack("a tree that holds itself", STRUCTURE, whole(tree_child), "Damaged|UnsafeFile"),
    Attack("a tree of 65,535 entries", STRUCTURE, whole(tree_entries), "Damaged|UnsafeFile"),
    Attack("a node of 65,535 names", STRUCTURE, whole(symbols), "Damaged|UnsafeFile"),
    Attack("a heap of names of 2^60 bytes", STRUCTURE, whole(local_heap), "Damaged|UnsafeFile"),
    Attack("raw data behind the end of the file", STRUCTURE, whole(raw_data), "Damaged|UnsafeFile"),
]
