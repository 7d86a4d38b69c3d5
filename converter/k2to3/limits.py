"""How much a file may ask for: one table of limits with safe defaults, an error each, and one way to raise them.

Sizes are those of honest checkpoints with room to spare; a file beyond one is refused with the option that lets
it through (`--limit tensors=1000000`), never read "as far as it goes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsafeFile, UsageError

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30}


def _limit(default: int, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class Limits:
    """What a checkpoint may hold and a proof may use."""

    layers: int = _limit(50_000, "layers of a model, those of nested models included")
    containers: int = _limit(1_000_000, "objects and lists in one JSON text")
    values: int = _limit(2_000_000, "values in one JSON text, or tokens in one vocabulary")
    nesting: int = _limit(200, "levels of objects and lists in the architecture")
    config_bytes: int = _limit(32 << 20, "bytes of an architecture or of another JSON text in the file")
    yaml_bytes: int = _limit(1 << 20, "bytes of an architecture in YAML, which is slow to read")
    yaml_values: int = _limit(200_000, "values in an architecture in YAML")
    objects: int = _limit(500_000, "groups and arrays in an HDF5 file, objects in a SavedModel")
    graph_bytes: int = _limit(64 << 20, "bytes of the objects in a SavedModel or TensorFlow checkpoint")
    tensors: int = _limit(200_000, "names in one list of layers or weights, or in one index of tensors")
    # HDF5_OBJECT_HEADER_LIMIT of Keras 2: it writes no longer ones.
    name_bytes: int = _limit(64_512, "bytes of one name of a layer, weight or member")
    members: int = _limit(10_000, "members of a .keras archive")
    chunk_bytes: int = _limit(64 << 20, "bytes of one chunk of a compressed array, which is unpacked whole")
    expansion: int = _limit(32, "bytes of arrays for each byte of the file (beyond 64 MiB), so gzip bombs are refused")
    seconds: int = _limit(3600, "seconds that a proof may take")
    memory: int = _limit(0, "bytes that a proof may use (0: 8 GiB, or 12 times the archive where that is more)")

    def expanded(self, stored: int) -> int:
        """The most bytes of arrays that a file of `stored` bytes may hold."""
        return FREE + self.expansion * stored

    def proof_memory(self, archive: int) -> int:
        """Bytes that a proof of an archive of this size may use."""
        return self.memory or max(8 << 30, 12 * archive)


FREE = 64 << 20
DEFAULT = Limits()


def too_much(name: str, text: str) -> UnsafeFile:
    """The error of a limit: what was found, and the option that lets it through."""
    return UnsafeFile(text, hint=f"where you trust the file, raise the limit with --limit {name}=N")


def read_limits(given: Mapping[str, int | str] | Sequence[str], base: Limits = DEFAULT) -> Limits:
    """Limits from `{"layers": 10}` or `["layers=10", "config_bytes=100MB"]`.

    Raises:
        UsageError: no such limit, or not a size.
    """
    pairs = given.items() if isinstance(given, Mapping) else [_pair(text) for text in given]
    known = [item.name for item in fields(Limits)]
    changed = {}
    for name, value in pairs:
        if name not in known:
            raise UsageError(f"--limit {name}: there is no such limit", hint=f"one of {', '.join(known)}")
        changed[name] = value if isinstance(value, int) else _number(name, value)
    return replace(base, **changed)


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise UsageError(f"--limit {text!r} has no value", hint="--limit layers=100000")
    return name.strip(), value


def _number(name: str, text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*([KMGT]i?|)B?", text.strip(), re.IGNORECASE)
    if match is None or match[2].upper() not in UNITS:
        raise UsageError(f"--limit {name}={text}: not a number such as 1000 or 500MB")
    return int(match[1]) * UNITS[match[2].upper()]
