"""SavedModels and checkpoints byte by byte, as TensorFlow writes them: honest ones, and parts of hostile ones."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from k2to3.sources.saved_model.checksum import crc32c, masked

DTYPES = {"float32": 1, "float64": 2, "int32": 3, "int64": 9, "float16": 19}
OBJECTS = b"_CHECKPOINTABLE_OBJECT_GRAPH"
Entry = tuple[bytes, bytes]
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def message(*fields: tuple[int, int | bytes | str]) -> bytes:
    """Fields by number: whole numbers as varints, texts and messages by length."""
    found = b""
    for number, value in fields:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            found += varint(number << 3 | 2) + varint(len(data)) + data
    return found


def fixed32(number: int, value: int) -> bytes:
    return varint(number << 3 | 5) + struct.pack("<I", value)


def sealed(content: bytes, kind: int = 0) -> bytes:
    """A block with how it is packed and its checksum."""
    data = content + bytes([kind])
    return data + struct.pack("<I", masked(crc32c([data])))


def block(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Entries whose keys share what they have in common with the one before."""
    found, last = b"", b""
    for key, value in entries:
        shared = next((i for i, (a, b) in enumerate(zip(key, last, strict=False)) if a != b), min(len(key), len(last)))
        found += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    return found + struct.pack("<II", 0, 1)


def table(
    entries: Mapping[bytes, bytes] | Sequence[tuple[bytes, bytes]], blocks: Sequence[bytes] | None = None
) -> bytes:
    """An index; `blocks`, sealed, in the place of the one of `entries`."""
    listed = sorted(entries.items()) if isinstance(entries, Mapping) else list(entries)
    found, handles = b"", []
    for data in [sealed(block(listed))] if blocks is None else blocks:
        handles.append((b"\xff" * (len(handles) + 1), varint(len(found)) + varint(len(data) - 5)))
        found += data
    return finished(found, handles)


def finished(data: bytes, handles: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Blocks, their index and the footer."""
    empty, index = sealed(block([])), sealed(block(handles))
    places = varint(len(data)) + varint(len(empty) - 5)
    places += varint(len(data) + len(empty)) + varint(len(index) - 5)
    return data + empty + index + places.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def entry(dtype: int, shape: Sequence[int], offset: int, size: int, crc: int, shard: int = 0) -> bytes:
    extents = message(*((2, message((1, extent))) for extent in shape))
    return message((1, dtype), (2, extents), (3, shard), (4, offset), (5, size)) + fixed32(6, crc)


def texts(values: Sequence[bytes]) -> tuple[bytes, int]:
    """A tensor of texts and its checksum."""
    lengths = b"".join(varint(len(value)) for value in values)
    sums = crc32c([b"".join(struct.pack("<I", len(value)) for value in values)])
    own, body = struct.pack("<I", masked(sums)), b"".join(values)
    return lengths + own + body, masked(crc32c([own, body], sums))


class Bundle:
    """Tensors, their entries, and the files of both."""

    def __init__(self) -> None:
        self.data, self.entries = b"", {b"": message((1, 1), (3, message((1, 1))))}

    def add(self, name: str, value: np.ndarray | Sequence[bytes]) -> None:
        if isinstance(value, np.ndarray):
            content, shape, dtype = value.tobytes(), value.shape, DTYPES[value.dtype.name]
            crc = masked(crc32c([content]))
        else:
            (content, crc), shape, dtype = texts(value), (len(value),), 7
        self.entries[name.encode()] = entry(dtype, shape, len(self.data), len(content), crc)
        self.data += content

    def write(self, prefix: Path) -> None:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        prefix.with_name(f"{prefix.name}.index").write_bytes(table(self.entries))
        prefix.with_name(f"{prefix.name}.data-00000-of-00001").write_bytes(self.data)


def children(**found: int) -> list[tuple[int, bytes]]:
    return [(1, message((1, node), (2, name.replace("__", "-")))) for name, node in found.items()]


KERNEL, BIAS = np.arange(8, dtype="float32").reshape(4, 2), np.array([1, -1], "float32")
CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "model",
        "layers": [
            {
                "class_name": "Dense",
                "config": {"name": "dense", "units": 2, "activation": "linear", "batch_input_shape": [None, 4]},
            }
        ],
    },
}
MODEL = {"class_name": "Sequential", "name": "model", "model_config": CONFIG, "keras_version": "2.4.0"}
LAYER = {"class_name": "Dense", "name": "dense"}


def user(kind: str, metadata: Any = None) -> tuple[int, bytes]:
    return 4, message((1, kind), *([] if metadata is None else [(3, json.dumps(metadata))]))


def saved_objects(model: Any = MODEL, layer: Any = LAYER, kind: str = "_tf_keras_sequential") -> list[bytes]:
    """The objects of a Dense layer in a model, as TensorFlow 2.4 describes them."""
    lists = {"variables": 2, "trainable_variables": 2, "keras_api": 5}
    return [
        message(*children(layer__0=1, **lists), user(kind, model)),
        message(*children(kernel=3, bias=4, **lists), user("_tf_keras_layer", layer)),
        message((1, message((1, 3), (2, "0"))), (1, message((1, 4), (2, "1"))), user("trackable_list_wrapper")),
        message((7, message((1, 1), (6, "dense/kernel")))),
        message((7, message((1, 1), (6, "dense/bias")))),
        message(*children(non_trainable_variables=6), user("_generic_user_object")),
        message(user("trackable_list_wrapper")),
    ]


def stored_objects() -> list[bytes]:
    """The objects of the same model in its bundle."""

    def value(name: str) -> tuple[int, bytes]:
        return 2, message((1, "VARIABLE_VALUE"), (2, f"dense/{name}"), (3, f"layer-0/{name}{VALUE}"))

    return [
        message(*children(layer__0=1)),
        message(*children(kernel=2, bias=3)),
        message(value("kernel")),
        message(value("bias")),
    ]


def graph(objects: Sequence[bytes]) -> bytes:
    return message(*((1, item) for item in objects))


def honest_bundle(objects: Sequence[bytes] | None = None) -> Bundle:
    found = Bundle()
    found.add(f"layer-0/bias{VALUE}", BIAS)
    found.add(f"layer-0/kernel{VALUE}", KERNEL)
    data, crc = texts([graph(stored_objects() if objects is None else objects)])
    found.entries[OBJECTS] = entry(7, (), len(found.data), len(data), crc)
    found.data += data
    return found


def saved_model(folder: Path, objects: Sequence[bytes] | None = None, bundle: Bundle | None = None) -> Path:
    """Write a SavedModel folder; an honest one where nothing is given."""
    folder.mkdir(parents=True, exist_ok=True)
    found = graph(saved_objects() if objects is None else objects)
    (folder / "saved_model.pb").write_bytes(message((1, 1), (2, message((1, b""), (7, found)))))
    (bundle or honest_bundle()).write(folder / "variables" / "variables")
    return folder


def checkpoint(folder: Path, bundle: Bundle | None = None, config: Any = None) -> tuple[Path, Path]:
    """Write a checkpoint and its architecture; returns both."""
    (bundle or honest_bundle()).write(folder / "w")
    architecture = folder / "model.json"
    architecture.write_text(json.dumps({**CONFIG, "keras_version": "2.4.0"} if config is None else config))
    return folder / "w.index", architecture
