"""What genuine Kerases recorded: one Lambda a case, the file they saved, the outputs they computed."""

from __future__ import annotations

import base64
import codecs
import functools
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .cases import values

PACKED = Path(__file__).with_name("recorded.xz")
HOLE = '"@CODE@{}"'


@dataclass(frozen=True)
class Case:
    """`generation` is `keras2.2.4` or `tf1.15`; `texts` are model_config, keras_version and backend of the file."""

    generation: str
    name: str
    source: str
    specs: tuple[str, ...]
    texts: tuple[str, str, str]
    outputs: tuple[Any, ...]

    @property
    def function(self) -> str:
        return self.name.rpartition("-")[0]

    def inputs(self) -> list[Any]:
        return [values(spec, place) for place, spec in enumerate(self.specs)]

    def write(self, path: Path) -> None:
        """The file as its author wrote it; it had no weights."""
        with h5py.File(path, "w") as file:
            for name, text in zip(("model_config", "keras_version", "backend"), self.texts, strict=True):
                file.attrs[name] = text.encode()
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = np.array([], "S1")


def texts_of_code(code: bytes) -> dict[str, str]:
    """`func_dump` of Keras from 2.1.3 on, and of before."""
    return {"base64": codecs.encode(code, "base64").decode("ascii"), "raw": code.decode("raw_unicode_escape")}


@functools.cache
def packed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lzma.decompress(PACKED.read_bytes()))
    return found


def generations() -> list[str]:
    return list(packed()["rows"])


def recorded(generation: str) -> Iterator[Case]:
    """All cases of one generation."""
    found = packed()
    for name, (file, code, *outputs) in found["rows"][generation].items():
        config, *others = json.loads(found["files"][file])
        for form, text in texts_of_code(found["codes"][code].encode("latin-1")).items():
            config = config.replace(HOLE.format(form), json.dumps(text))
        source, specs = found["cases"][name]
        arrays = tuple(_array(*found["outputs"][number]) for number in outputs)
        yield Case(generation, name, source, tuple(specs), (config, *others), arrays)


def _array(dtype: str, shape: list[int], text: str) -> Any:
    return np.frombuffer(base64.b85decode(text), dtype).reshape(shape)
