"""Writing `.safetensors`: a JSON header and the tensors after it, streamed.

Layout: https://github.com/huggingface/safetensors#format. Larger models are split as the
Hugging Face Hub does it: `new-00001-of-00002.safetensors` and `new.safetensors.index.json`.
Same input and options, same bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.archive.keras_archive import Progress, write_value
from k2to3.archive.paths import Group
from k2to3.errors import UnsupportedOption
from k2to3.weights import Expression

DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}
INDEX = ".index.json"
# The official reader refuses longer headers.
MAX_HEADER = 100_000_000


@dataclass(frozen=True)
class Variable:
    """One tensor of the file, under its path in Keras 3's weights file."""

    name: str
    layer: str
    class_name: str
    expression: Expression

    @property
    def itemsize(self) -> int:
        return 2 if self.expression.dtype == "bfloat16" else int(np.dtype(self.expression.dtype).itemsize)

    def entry(self, start: int) -> dict[str, Any]:
        """What stands in the header."""
        stop = start + self.expression.nbytes
        shape = [int(n) for n in self.expression.shape]
        return {"dtype": DTYPES[self.expression.dtype], "shape": shape, "data_offsets": [start, stop]}

    def origin(self) -> dict[str, str]:
        """Its line in the layer map."""
        return {"layer": self.layer, "class": self.class_name, "from": str(self.expression)}


def variables_of(groups: Sequence[Group]) -> list[Variable]:
    """All variables in the order of the archive.

    Raises:
        UnsupportedOption: an element type that the format does not have.
    """
    found = []
    for group in groups:
        for index, expression in enumerate(group.variables):
            name = f"{group.path}/vars/{index}".lstrip("/")
            if expression.dtype not in DTYPES:
                raise UnsupportedOption(f"{name} is {expression.dtype}, which safetensors cannot hold")
            found.append(Variable(name, group.layer.name, group.layer.class_name, expression))
    return found


def split(variables: Sequence[Variable], limit: int) -> list[list[Variable]]:
    """Consecutive parts of at most `limit` bytes; a larger tensor has a part of its own."""
    parts: list[list[Variable]] = [[]]
    size = 0
    for variable in variables:
        if parts[-1] and size + variable.expression.nbytes > limit:
            parts.append([])
            size = 0
        parts[-1].append(variable)
        size += variable.expression.nbytes
    return parts


def file_names(target: str, count: int) -> list[str]:
    """`new.safetensors`, or the names of its parts."""
    if count == 1:
        return [target]
    stem = target.removesuffix(".safetensors")
    return [f"{stem}-{index + 1:05d}-of-{count:05d}.safetensors" for index in range(count)]


def write_part(
    variables: Sequence[Variable], metadata: Mapping[str, str], path: Path, progress: Progress | None
) -> None:
    """Write one file: wider types first, so that every tensor is aligned."""
    ordered = sorted(variables, key=lambda v: -v.itemsize)
    origins = {variable.name: variable.origin() for variable in ordered}
    header: dict[str, Any] = {"__metadata__": {**metadata, "variables": json.dumps(origins, ensure_ascii=False)}}
    position = 0
    for variable in ordered:
        header[variable.name] = variable.entry(position)
        position += variable.expression.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise UnsupportedOption("the list of variables is longer than a safetensors header may be")
    with path.open("r+b") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        start = file.tell()
        for variable in ordered:
            write_value(variable.expression, file, start, progress)
            start += variable.expression.nbytes
        file.truncate(start)


def write_index(path: Path, parts: Mapping[str, Sequence[Variable]], digests: Mapping[str, str]) -> None:
    """`new.safetensors.index.json`: which file holds which tensor."""
    total = sum(variable.expression.nbytes for part in parts.values() for variable in part)
    index = {
        "metadata": {"total_size": total, "sha256": dict(digests)},
        "weight_map": {variable.name: name for name, part in parts.items() for variable in part},
    }
    path.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
