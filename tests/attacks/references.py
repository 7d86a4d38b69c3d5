"""Recorded outputs that are none, or are bombs: found out before anything is converted."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from conftest import small_model, write_checkpoint

from attacks.attack import Attack, Made
from attacks.inputs import KINDS


def made(make: Callable[[Path], None]) -> Callable[[Path], Made]:
    def write(folder: Path) -> Made:
        make(folder / "ref.npz")
        path = write_checkpoint(folder / "old.h5", *small_model())
        return Made(path, options=("--reference", str(folder / "ref.npz")))

    return write


def holding(method: int = zipfile.ZIP_STORED, **members: bytes) -> Callable[[Path], Made]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in members.items():
                archive.writestr(f"{name}.npy", data)

    return made(make)


def array(value: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, value, allow_pickle=True)
    return file.getvalue()


def header(shape: str, extra: str = "") -> bytes:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}{extra}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


class Evil:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("PWNED"),)


ONES, OUT = np.ones((2, 4), "float32"), np.ones((2, 3), "float32")
FOUND = "found here: exit 0, the archive is published as NOT PROVED"
DIFF = {"diff": 0, "inspect": 0}
ATTACKS = [
    *(Attack(f"{what} as the reference", FOUND, made(make), "FileError", DIFF) for what, make in KINDS),
    Attack("garbage as the reference", FOUND, made(lambda p: p.write_bytes(b"x" * 999) and None), "UsageError", DIFF),
    Attack("an empty reference", FOUND, made(lambda path: path.touch()), "UsageError", DIFF),
    Attack("a reference without outputs", FOUND, holding(in0=array(ONES)), "UsageError", DIFF),
    Attack("a reference without inputs", FOUND, holding(out0=array(OUT)), "UsageError", DIFF),
    Attack(
        "a reference with a gap", FOUND, holding(in0=array(ONES), in2=array(ONES), out0=array(OUT)), "UsageError", DIFF
    ),
    Attack(
        "a pickle",
        "pickle in .npy",
        made(lambda path: path.write_bytes(pickle.dumps(Evil())) and None),
        "UsageError",
        DIFF,
    ),
    Attack(
        "pickled objects in the reference",
        "pickle in .npy",
        holding(in0=array(np.array([Evil()], object)), out0=array(OUT)),
        "UsageError",
        DIFF,
    ),
    Attack(
        "a header that is code",
        "`ast.literal_eval` of headers",
        holding(in0=header("__import__('os').getcwd()"), out0=array(OUT)),
        "UsageError",
        DIFF,
    ),
    Attack(
        "a header of 60,000 bytes",
        "slow `literal_eval`",
        holding(in0=header("(" + "1," * 30_000 + ")"), out0=array(OUT)),
        "UsageError",
        DIFF,
    ),
    Attack(
        "an array of petabytes",
        "npz bombs",
        holding(in0=header("(1125899906842624,)"), out0=array(OUT)),
        "UsageError",
        DIFF,
    ),
    Attack(
        "a reference of 300 MB of zeros",
        "keras PR 23101: npz bombs",
        holding(zipfile.ZIP_DEFLATED, in0=array(np.zeros(75 << 20, "float32")), out0=array(OUT)),
        "UnsafeFile",
        DIFF,
    ),
]
