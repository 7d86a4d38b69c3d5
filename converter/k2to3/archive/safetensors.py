"""Writing `.safetensors`: a JSON header and the tensors after it, streamed.

Layout: https://github.com/huggingface/safetensors#format. Larger models are split as the
Hugging Face Hub does it: `new-00001-of-00002.safetensors` and `new.safetensors.index.json`.
Same input and options, same bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.archive.forms.form import Variable, by_path
from k2to3.archive.keras_archive import write_value
from k2to3.archive.paths import Group
from k2to3.archive.trail import Progress, trail
from k2to3.errors import UnsupportedOption

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


def itemsize(variable: Variable) -> int:
    """Bytes of one element."""
    return 2 if variable.expression.dtype == "bfloat16" else int(np.dtype(variable.expression.dtype).itemsize)


def entry(variable: Variable, start: int) -> dict[str, Any]:
    """What stands in the header."""
    stop = start + variable.expression.nbytes
    shape = [int(n) for n in variable.expression.shape]
    return {"dtype": DTYPES[variable.expression.dtype], "shape": shape, "data_offsets": [start, stop]}


def origin(variable: Variable) -> dict[str, str]:
    """Its line in the layer map."""
    return {"layer": variable.layer, "class": variable.class_name, "from": str(variable.expression)}


def variables_of(groups: Sequence[Group]) -> list[Variable]:
    """All variables in the order of the archive.

    Raises:
        UnsupportedOption: an element type that the format does not have.
    """
    found = by_path(groups)
    for variable in found:
        if variable.expression.dtype not in DTYPES:
            text = f"{variable.name} is {variable.expression.dtype}, which safetensors cannot hold"
            raise UnsupportedOption(text)
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
    ordered = sorted(variables, key=lambda v: -itemsize(v))
    origins = {variable.name: origin(variable) for variable in ordered}
    header: dict[str, Any] = {"__metadata__": {**metadata, "variables": json.dumps(origins, ensure_ascii=False)}}
    position = 0
    for variable in ordered:
        header[variable.name] = entry(variable, position)
        position += variable.expression.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise UnsupportedOption("the list of variables is longer than a safetensors header may be")
    with path.open("r+b") as file, trail(path, file, progress) as followed:
        file.write(struct.pack("<Q", len(text)) + text)
        start = file.tell()
        for variable in ordered:
            write_value(variable.expression, start, followed)
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
