"""A tensor bundle: `variables.index` says where in `variables.data-00000-of-00001` each tensor lies.

Source: tensorflow/core/util/tensor_bundle/tensor_bundle.cc
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from k2to3.dataclass import dataclass
from k2to3.errors import Damaged, FileError, UnsafeFile, WeightMismatch
from k2to3.limits import Limits, too_much
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.checksum import crc32c, masked
from k2to3.sources.saved_model.messages import Entry, bundle_entry, bundle_shards
from k2to3.sources.saved_model.raw_array import RawArray
from k2to3.sources.saved_model.table import read_table
from k2to3.sources.saved_model.wire import varint
from k2to3.sources.tensors import StoredTensor

STRING = 7
DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    19: "float16",
    22: "uint32",
    23: "uint64",
}
MAX_SHARDS = 10_000
# So many that no honest file of this size has them all.
MAX_RANK = 64
Shards = Callable[[str], OpenedFile]


@dataclass(frozen=True)
class Bundle:
    """The tensors of a bundle by name, none of them read yet."""

    entries: dict[str, Entry]
    shards: dict[int, OpenedFile]
    limits: Limits

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def tensor(self, key: str, name: str) -> StoredTensor:
        """One tensor under a name of Keras's.

        Raises:
            WeightMismatch: it is missing, or of a type that no weight has.
        """
        entry = self._entry(key, name)
        dtype = DTYPES.get(entry.dtype)
        if dtype is None:
            raise WeightMismatch(f"weight {name!r} has TensorFlow's type {entry.dtype}, which no Keras weight has")
        array = RawArray(self.shards[entry.shard], entry.offset, entry.shape, dtype, name, entry.crc)
        if array.nbytes != entry.size:
            raise Damaged(f"weight {name!r} has {entry.size} bytes, its shape says {array.nbytes}")
        return StoredTensor(name, key, entry.shape, dtype, array)

    def texts(self, key: str, most: int) -> list[bytes]:
        """The elements of a tensor of texts, of at most `most` bytes in all.

        Raises:
            UnsafeFile: longer. WeightMismatch: missing, or no texts. Damaged: its checksum is wrong.
        """
        entry = self._entry(key, key)
        if entry.dtype != STRING:
            raise WeightMismatch(f"tensor {key!r} holds no texts")
        if entry.size > most:
            raise too_much("config_bytes", f"tensor {key!r} is longer than {most} bytes")
        count = math.prod(entry.shape)
        if count > min(self.limits.values, entry.size):
            raise too_much("values", f"tensor {key!r} holds {count} texts in {entry.size} bytes")
        data = self.shards[entry.shard].read_at(entry.offset, entry.size)
        return _texts(data, count, key, entry.crc)

    def _entry(self, key: str, name: str) -> Entry:
        if key not in self.entries:
            raise WeightMismatch(f"weight {name!r} is listed but missing")
        return self.entries[key]


def read_bundle(index: OpenedFile, shard: Shards, prefix: str, limits: Limits) -> Bundle:
    """The bundle whose index is open; `shard` opens a data file by its name beside the index.

    Raises:
        Damaged, UnsafeFile: see `read_table`; tensors that overlap or lie outside of their file.
        FileError: a data file is missing.
    """
    table = read_table(index, limits)
    header = table.pop(b"", None)
    if header is None:
        raise Damaged("a table, but not an index of tensors")
    count = bundle_shards(header)
    if not 0 < count <= MAX_SHARDS:
        raise Damaged(f"a damaged index of tensors: {count} data files")
    entries = {_name(key): bundle_entry(value) for key, value in table.items()}
    used = sorted({entry.shard for entry in entries.values()})
    if any(not 0 <= number < count for number in used):
        raise Damaged("a damaged index of tensors: a tensor lies in a data file that is not there")
    shards = {number: _shard(shard, f"{prefix}.data-{number:05d}-of-{count:05d}") for number in used}
    for number, file in shards.items():
        _check_extents({key: entry for key, entry in entries.items() if entry.shard == number}, file.size)
    return Bundle(entries, shards, limits)


def _shard(shard: Shards, name: str) -> OpenedFile:
    try:
        return shard(name)
    except FileError as error:
        error.hint = "the index names it: copy all files of the folder together"
        raise


def _name(key: bytes) -> str:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged("the name of a tensor is not UTF-8 text") from error


def _check_extents(entries: dict[str, Entry], size: int) -> None:
    position = 0
    for key, entry in sorted(entries.items(), key=lambda pair: (pair[1].offset, pair[1].size)):
        if entry.sliced:
            raise UnsafeFile(
                f"tensor {key!r} is stored in slices, as parameter servers do",
                hint="in the old environment, load the model without a distribution strategy and save it again",
            )
        if len(entry.shape) > MAX_RANK or any(extent < 0 for extent in entry.shape):
            raise Damaged(f"tensor {key!r} has the shape {list(entry.shape)[:MAX_RANK]}")
        if entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > size:
            raise Damaged(
                f"tensor {key!r} ends behind the end of its data file ({entry.offset} + {entry.size} of {size} bytes)"
            )
        if entry.offset < position:
            raise UnsafeFile(f"tensor {key!r} overlaps another")
        position = entry.offset + entry.size


def _texts(data: bytes, count: int, key: str, crc: int) -> list[bytes]:
    """Lengths, their checksum, and the texts one behind the other."""
    lengths, position = [], 0
    for _ in range(count):
        length, position = varint(data, position)
        lengths.append(length)
    if position + 4 + sum(lengths) != len(data):
        raise Damaged(f"tensor {key!r} is damaged: its texts are not as long as it says")
    own = data[position : position + 4]
    sums = crc32c([b"".join(_as_stored(length) for length in lengths)])
    body = data[position + 4 :]
    if masked(sums).to_bytes(4, "little") != own or masked(crc32c([own, body], sums)) != crc & 0xFFFF_FFFF:
        raise Damaged(f"tensor {key!r} is damaged: its checksum is wrong")
    return list(_cut(body, lengths))


def _as_stored(length: int) -> bytes:
    return length.to_bytes(4 if length < 1 << 32 else 8, "little")


def _cut(body: bytes, lengths: list[int]) -> Iterator[bytes]:
    position = 0
    for length in lengths:
        yield body[position : position + length]
        position += length
