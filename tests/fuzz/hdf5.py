"""Changes of an HDF5 file's structure, by h5py."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import h5py
import numpy as np

ODD: tuple[Any, ...] = (
    "", "x", b"\xff\xfe", 1, -1, 2.5, np.array([], "S1"), np.array([b"a", b"a"]), np.array([1, 2]), np.bool_(True),
    np.array([[b"a"]]), "2.4.0", "1.2.2", "3.0.0", "2.2.4-tf", "9" * 400, "theano", "cntk", h5py.Empty("f4"),
)  # fmt: skip
SHAPES = ((), (0,), (1,), (3,), (2, 3), (2, 0), (1, 1, 1, 1), (1,) * 20)
DTYPES = ("f2", "f8", "i1", "i8", "u2", "?", "c8", "S4", "V2", "V7")


def mutate(path: Path, generator: random.Random) -> None:
    """One to three changes; what h5py cannot do is left out."""
    with h5py.File(path, "r+") as file:
        for _ in range(generator.choice((1, 1, 1, 2, 3))):
            try:
                _once(file, generator)
            except (OSError, ValueError, KeyError, TypeError, RuntimeError, UnicodeEncodeError):
                continue


def _once(file: h5py.File, generator: random.Random) -> None:
    found: list[Any] = [file]
    file.visititems(lambda name, item: found.append(item))
    item = generator.choice(found)
    kind = generator.randrange(8)
    if kind < 3:
        _attribute(item if item.attrs else file, generator)
    elif kind == 3 and item is not file:
        del file[item.name]
    elif kind == 4 and item is not file:
        file.move(item.name, item.name + generator.choice(("x", "/y", "_1", ":0")))
    elif kind == 5 and item is not file:
        name = item.name
        del file[name]
        if generator.random() < 0.5:
            file.create_group(name)
        else:
            file.create_dataset(name, generator.choice(SHAPES), generator.choice(DTYPES))
    elif isinstance(item, h5py.Dataset):
        name, shape, dtype = item.name, item.shape, item.dtype
        del file[name]
        other = shape[::-1] if generator.random() < 0.5 else generator.choice(SHAPES)
        file.create_dataset(name, other, generator.choice((dtype, *DTYPES)))
    else:
        target = generator.choice(found)
        file[f"{item.name}/again".replace("//", "/")] = target


def _attribute(item: Any, generator: random.Random) -> None:
    names = list(item.attrs)
    if not names:
        return
    name = generator.choice(names)
    value = item.attrs[name]
    kind = generator.randrange(4)
    if kind == 0:
        del item.attrs[name]
    elif kind == 1 and isinstance(value, np.ndarray) and value.size:
        order = generator.choice((value[::-1], value[1:], np.concatenate([value, value])))
        item.attrs[name] = order
    elif kind == 2 and isinstance(value, str | bytes):
        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
        item.attrs[name] = generator.choice((text[: len(text) // 2], json.dumps(text), text + " ", "null", "[]"))
    else:
        item.attrs[name] = generator.choice(ODD)
