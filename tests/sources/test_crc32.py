"""The fast checksum is the same one."""

from __future__ import annotations

import importlib
import random
import zlib

import pytest
from k2to3.sources.crc32 import fastest


@pytest.mark.parametrize("have", [True, False])
def test_the_same_in_pieces_and_without_the_package(monkeypatch, have):
    if have:
        pytest.importorskip("isal")
    monkeypatch.setattr(importlib.import_module("k2to3.sources.crc32"), "installed", lambda *names: have)
    crc32, crc = fastest.__wrapped__(), 0
    data = random.Random(0).randbytes(100_000)
    for start, stop in ((0, 0), (0, 1), (1, 7), (7, 70_000), (70_000, 100_000)):
        crc = crc32(data[start:stop], crc)
    assert crc == zlib.crc32(data) and (crc32 is zlib.crc32) != have
