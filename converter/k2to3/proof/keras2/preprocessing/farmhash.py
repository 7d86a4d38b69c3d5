"""FarmHash's Fingerprint64, which `tf.strings.to_hash_bucket_fast` uses, and SipHash-2-4 of the strong one.

google/farmhash, src/farmhash.cc `farmhashna::Hash64`; SipHash by Aumasson and Bernstein.
"""

from __future__ import annotations

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
MASK = (1 << 64) - 1


def fingerprint64(data: bytes) -> int:
    size = len(data)
    if size <= 16:
        return _to_16(data)
    if size <= 32:
        return _to_32(data)
    if size <= 64:
        return _to_64(data)
    return _long(data)


def _fetch(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _rotate(value: int, by: int) -> int:
    value &= MASK
    return ((value >> by) | (value << (64 - by))) & MASK


def _mix(value: int) -> int:
    value &= MASK
    return value ^ (value >> 47)


def _pair(u: int, v: int, mul: int) -> int:
    a = _mix((u ^ v) * mul)
    b = _mix((v ^ a) * mul)
    return (b * mul) & MASK


def _to_16(data: bytes) -> int:
    size = len(data)
    mul = K2 + size * 2
    if size >= 8:
        a = (_fetch(data, 0) + K2) & MASK
        b = _fetch(data, size - 8)
        c = (_rotate(b, 37) * mul + a) & MASK
        d = ((_rotate(a, 25) + b) * mul) & MASK
        return _pair(c, d, mul)
    if size >= 4:
        return _pair(size + (_fetch(data, 0, 4) << 3), _fetch(data, size - 4, 4), mul)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return (_mix(y * K2 ^ z * K0) * K2) & MASK
    return K2


def _to_32(data: bytes) -> int:
    size = len(data)
    mul = K2 + size * 2
    a, b = _fetch(data, 0) * K1, _fetch(data, 8)
    c, d = _fetch(data, size - 8) * mul, _fetch(data, size - 16) * K2
    first = (_rotate(a + b, 43) + _rotate(c, 30) + d) & MASK
    return _pair(first, (a + _rotate(b + K2, 18) + c) & MASK, mul)


def _to_64(data: bytes) -> int:
    size = len(data)
    mul = K2 + size * 2
    a, b = _fetch(data, 0) * K2, _fetch(data, 8)
    c, d = _fetch(data, size - 8) * mul, _fetch(data, size - 16) * K2
    y = (_rotate(a + b, 43) + _rotate(c, 30) + d) & MASK
    z = _pair(y, (a + _rotate(b + K2, 18) + c) & MASK, mul)
    e, f = _fetch(data, 16) * mul, _fetch(data, 24)
    g = (y + _fetch(data, size - 32)) * mul
    h = (z + _fetch(data, size - 24)) * mul
    first = (_rotate(e + f, 43) + _rotate(g, 30) + h) & MASK
    return _pair(first, (e + _rotate(f + a, 18) + g) & MASK, mul)


def _weak(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_fetch(data, at + n) for n in (0, 8, 16, 24))
    a = (a + w) & MASK
    b = _rotate(b + a + z, 21)
    c = a
    a = (a + x + y) & MASK
    return (a + z) & MASK, (b + _rotate(a, 44) + c) & MASK


def _long(data: bytes) -> int:
    size = len(data)
    x, y = 81, (81 * K1 + 113) & MASK
    z = (_mix(y * K2 + 113) * K2) & MASK
    v, w = (0, 0), (0, 0)
    x = (x * K2 + _fetch(data, 0)) & MASK
    end = (size - 1) // 64 * 64
    for at in range(0, end, 64):
        x, y, z, v, w = _round(data, at, x, y, z, v, w, K1, 1)
    mul = K1 + ((z & 0xFF) << 1)
    w = ((w[0] + ((size - 1) & 63)) & MASK, w[1])
    v = ((v[0] + w[0]) & MASK, v[1])
    w = ((w[0] + v[0]) & MASK, w[1])
    x, y, z, v, w = _round(data, size - 64, x, y, z, v, w, mul, 9)
    first = (_pair(v[0], w[0], mul) + _mix(y) * K0 + z) & MASK
    return _pair(first, (_pair(v[1], w[1], mul) + x) & MASK, mul)


Two = tuple[int, int]


def _round(
    data: bytes, at: int, x: int, y: int, z: int, v: Two, w: Two, mul: int, times: int
) -> tuple[int, int, int, Two, Two]:
    x = _rotate(x + y + v[0] + _fetch(data, at + 8), 37) * mul & MASK
    y = _rotate(y + v[1] + _fetch(data, at + 48), 42) * mul & MASK
    x ^= w[1] * times & MASK
    y = (y + v[0] * times + _fetch(data, at + 40)) & MASK
    z = _rotate(z + w[0], 33) * mul & MASK
    v = _weak(data, at, v[1] * mul, x + w[0])
    w = _weak(data, at + 32, z + w[1], y + _fetch(data, at + 16))
    return z, y, x, v, w


def siphash(key: Two, data: bytes) -> int:
    v0, v1 = 0x736F6D6570736575 ^ key[0], 0x646F72616E646F6D ^ key[1]
    v2, v3 = 0x6C7967656E657261 ^ key[0], 0x7465646279746573 ^ key[1]
    tail = len(data) % 8
    blocks = [_fetch(data, at) for at in range(0, len(data) - tail, 8)]
    blocks.append(_fetch(data, len(data) - tail, tail) | (len(data) & 0xFF) << 56)
    for block in blocks:
        v3 ^= block
        for _ in range(2):
            v0, v1, v2, v3 = _sip(v0, v1, v2, v3)
        v0 ^= block
    v2 ^= 0xFF
    for _ in range(4):
        v0, v1, v2, v3 = _sip(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


def _left(value: int, by: int) -> int:
    return _rotate(value, 64 - by)


def _sip(v0: int, v1: int, v2: int, v3: int) -> tuple[int, int, int, int]:
    v0 = (v0 + v1) & MASK
    v1 = _left(v1, 13) ^ v0
    v0 = _left(v0, 32)
    v2 = (v2 + v3) & MASK
    v3 = _left(v3, 16) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = _left(v3, 21) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = _left(v1, 17) ^ v2
    v2 = _left(v2, 32)
    return v0, v1, v2, v3
