"""CRC-32C, with which TensorFlow guards every block and tensor; zlib knows another polynomial only.

CRC is linear: the data is cut into lanes that NumPy takes four bytes further at a time, all at once, and
the lanes' sums are moved and added up. About as fast as reading the bytes from a disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
POLYNOMIAL = 0x82F63B78
ALL = 0xFFFF_FFFF
MASK = 0xA282EAD8
# Bytes of a lane, and lanes; a power of two each.
LANE, LANES = 1 << 9, 1 << 14


def masked(crc: int) -> int:
    """As it is stored: a CRC of something that holds its own would be constant."""
    return ((crc >> 15 | crc << 17) + MASK) & ALL


def crc32c(pieces: Iterable[bytes | bytearray], crc: int = 0) -> int:
    """The checksum of the pieces, one behind the other."""
    state = crc ^ ALL
    for piece in pieces:
        state = _extended(state, np.frombuffer(piece, np.uint8))
    return state ^ ALL


def _extended(state: int, data: npt.NDArray[np.uint8]) -> int:
    position, block = 0, LANE * LANES
    while len(data) - position >= block:
        lanes = data[position : position + block].reshape(LANES, LANE)
        # A sum that goes on is added to the first four bytes.
        state = _lanes(lanes, state)
        position += block
    while len(data) - position >= LANE:
        lanes = data[position : position + LANE].reshape(1, LANE)
        state = _lanes(lanes, state)
        position += LANE
    table = _byte_table()
    for byte in data[position:].tobytes():
        state = table[(state ^ byte) & 0xFF] ^ state >> 8
    return state


def _lanes(lanes: npt.NDArray[np.uint8], state: int) -> int:
    words = np.ascontiguousarray(np.ascontiguousarray(lanes).view("<u4").T).astype(np.uint32, copy=False)
    sums = _swept(words, state)
    size = LANE
    while len(sums) > 1:
        sums = _moved(sums[0::2], size) ^ sums[1::2]
        size *= 2
    return int(sums[0])


def _swept(words: Words, state: int) -> Words:
    """The sum of each column; `state` is what the first goes on from."""
    low, high = _word_tables()
    sums: Words = np.zeros(words.shape[1], np.uint32)
    sums[0] = state
    place, other = np.empty(len(sums), np.int64), np.empty_like(sums)
    for row in words:
        np.bitwise_xor(sums, row, out=sums)
        np.bitwise_and(sums, 0xFFFF, out=place)
        np.take(low, place, out=other, mode="wrap")
        np.right_shift(sums, 16, out=place)
        np.take(high, place, out=sums, mode="wrap")
        np.bitwise_xor(sums, other, out=sums)
    return sums


@cache
def _byte_table() -> tuple[int, ...]:
    found = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


def _step(sums: Words) -> Words:
    """The sums behind a byte of zeros."""
    table = np.array(_byte_table(), np.uint32)
    found: Words = table[sums & 0xFF] ^ sums >> np.uint32(8)
    return found


@cache
def _word_tables() -> tuple[Words, Words]:
    """What the lower and the upper half of four bytes become behind themselves."""
    low: Words = np.arange(1 << 16, dtype=np.uint32)
    high = low << np.uint32(16)
    for _ in range(4):
        low, high = _step(low), _step(high)
    return low, high


@cache
def _shift(size: int) -> tuple[Words, Words]:
    """Tables that move a sum behind `size` zeros: of its lower and its upper half."""
    columns: Words = np.uint32(1) << np.arange(32, dtype=np.uint32)
    if size == LANE:
        for _ in range(LANE):
            columns = _step(columns)
    else:
        columns = _moved(_moved(columns, size // 2), size // 2)
    return _halves(columns)


def _halves(columns: Words) -> tuple[Words, Words]:
    found = []
    for part in (columns[:16], columns[16:]):
        table = np.zeros(1 << 16, np.uint32)
        for bit, column in enumerate(part):
            table[1 << bit : 2 << bit] = table[: 1 << bit] ^ column
        found.append(table)
    return found[0], found[1]


def _moved(sums: Words, size: int) -> Words:
    low, high = _shift(size)
    found: Words = low[sums & 0xFFFF] ^ high[sums >> np.uint32(16)]
    return found
