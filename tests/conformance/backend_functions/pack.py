"""Packs what the authors recorded: python -m tests.conformance.backend_functions.pack FOLDER

FOLDER holds GENERATION.json of each `author.py`, and GENERATION+more.json of what was recorded later. Writes
`recorded.xz`. Bytecode, texts of files and outputs are each kept once; outputs that are equal but for rounding are one.
"""

from __future__ import annotations

import base64
import codecs
import json
import lzma
import sys
from pathlib import Path
from typing import Any

import numpy as np

from .cases import cases
from .corpus import PACKED, texts_of_code

HOLE = "@CODE@"


class Pool:
    """Bytes or texts, each once, by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.place: dict[Any, int] = {}

    def add(self, item: Any) -> int:
        if item not in self.place:
            self.place[item] = len(self.items)
            self.items.append(item)
        return self.place[item]


class Outputs:
    """Arrays; those within rounding of an earlier one of the same case are that one."""

    def __init__(self) -> None:
        self.items: list[tuple[str, list[int], bytes]] = []

    def add(self, known: list[int], output: tuple[str, list[int], str]) -> int:
        dtype, shape, text = output
        value = np.frombuffer(bytes.fromhex(text), dtype).reshape(shape)
        for number in known:
            if self._same(self.items[number], value):
                return number
        self.items.append((dtype, shape, value.tobytes()))
        known.append(len(self.items) - 1)
        return known[-1]

    def _same(self, item: tuple[str, list[int], bytes], value: Any) -> bool:
        dtype, shape, raw = item
        if (dtype, tuple(shape)) != (str(value.dtype), value.shape):
            return False
        other = np.frombuffer(raw, dtype).reshape(shape)
        if value.dtype.kind != "f":
            return bool(np.array_equal(value, other))
        return bool(np.allclose(value, other, rtol=1e-6, atol=1e-6, equal_nan=True))


def parted(config: str) -> tuple[str, bytes]:
    """The text of a file with a hole for the bytecode, and the bytecode.

    Raises:
        ValueError: the file writes bytecode in another way.
    """
    layer = next(item for item in json.loads(config)["config"]["layers"] if item["class_name"] == "Lambda")
    text = layer["config"]["function"][0]
    written = json.dumps(text)
    if config.count(written) != 1:
        raise ValueError("the bytecode is not there once")
    form = "raw" if not text.endswith("\n") else "base64"
    code = text.encode("raw_unicode_escape") if form == "raw" else codecs.decode(text.encode("ascii"), "base64")
    if texts_of_code(code)[form] != text:
        raise ValueError(f"bytecode in another form than {form}")
    return config.replace(written, f'"{HOLE}{form}"'), code


def key(row: Any) -> tuple[str, tuple[str, ...]]:
    return row["source"], tuple(row["inputs"])


def packed(folder: Path) -> dict[str, Any]:
    """All generations in the order of their names."""
    names = {(source, inputs): name for name, _, inputs, source in cases()}
    codes, files, outputs = Pool(), Pool(), Outputs()
    known: dict[str, list[int]] = {}
    authors: dict[str, Any] = {}
    rows: dict[str, dict[str, list[int]]] = {}
    failed: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.json")):
        generation = path.stem.partition("+")[0]
        found = json.loads(path.read_text())
        authors[generation] = {"versions": found["versions"], "public": found["public"]}
        refused = failed.setdefault(generation, {})
        refused |= {names[key(row)]: row["why"] for row in found["failed"].values() if key(row) in names}
        rows.setdefault(generation, {})
        for row in found["rows"].values():
            if key(row) not in names:
                continue
            name = names[key(row)]
            config, code = parted(row["file"]["model_config"])
            file = files.add(json.dumps([config, row["file"]["keras_version"], row["file"]["backend"]]))
            numbers = [outputs.add(known.setdefault(name, []), output) for output in row["outputs"]]
            rows[generation][name] = [file, codes.add(code), *numbers]
    arrays = [[dtype, shape, base64.b85encode(raw).decode()] for dtype, shape, raw in outputs.items]
    return {
        "authors": authors,
        "cases": {name: case for case, name in names.items()},
        "codes": [code.decode("latin-1") for code in codes.items],
        "files": files.items,
        "outputs": arrays,
        "rows": rows,
        "failed": failed,
    }


def main() -> int:
    found = packed(Path(sys.argv[1]))
    data = json.dumps(found, ensure_ascii=False).encode()
    PACKED.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    counts = {name: len(rows) for name, rows in found["rows"].items()}
    print(counts, {part: len(found[part]) for part in ("codes", "files", "outputs")}, PACKED.stat().st_size, "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
