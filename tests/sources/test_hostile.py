"""Files that no honest Keras wrote, each made here by code. Exit code 4, and no output."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import small_model, write_checkpoint
from k2to3.errors import K2to3Error, UnsafeFile

KERNEL = "model_weights/dense/dense/kernel:0"


def external_link(file: h5py.File, path: Path) -> None:
    """GHSA-27f4-p4xq-cxg8: a weight that lives in another file."""
    del file[KERNEL]
    file[KERNEL] = h5py.ExternalLink("other.h5", "/secret")


def soft_link(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.SoftLink("/model_weights/dense/dense/bias:0")


def link_in_the_path(file: h5py.File, path: Path) -> None:
    """keras PR 23168: the link is an intermediate component, not the last."""
    del file["model_weights/dense/dense"]
    file["model_weights/dense/dense"] = h5py.ExternalLink("other.h5", "/group")


def external_storage(file: h5py.File, path: Path) -> None:
    """CVE-2026-1669: raw data of a dataset in an arbitrary file."""
    del file[KERNEL]
    secret = path.parent / "secret.bin"
    secret.write_bytes(os.urandom(48))
    file.create_dataset(KERNEL, shape=(4, 3), dtype="f4", external=[(str(secret), 0, 48)])


def virtual_dataset(file: h5py.File, path: Path) -> None:
    """keras PR 22976: a dataset that is a view of other files."""
    del file[KERNEL]
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource("other.h5", "data", shape=(4, 3))
    file.create_virtual_dataset(KERNEL, layout)


def shape_bomb(file: h5py.File, path: Path) -> None:
    """CVE-2026-0897: petabytes declared, nothing stored."""
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(1 << 40, 1 << 10), dtype="f4", chunks=(1024, 1024))


def compression_bomb(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(1 << 30, 64), dtype="f4", chunks=(1 << 16, 64), compression="gzip")
    data[: 1 << 16] = 0


def never_written(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(4, 3), dtype="f4")


def object_reference(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=np.array([file["model_weights"].ref], dtype=h5py.ref_dtype))


def variable_length(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(2,), dtype=h5py.vlen_dtype(np.float32))
    data[0] = np.zeros(3, np.float32)


def deep_groups(file: h5py.File, path: Path) -> None:
    file.create_group("x/" * 200)


def deep_json(file: h5py.File, path: Path) -> None:
    file.attrs["model_config"] = "[" * 100_000 + "]" * 100_000


def deep_models(file: h5py.File, path: Path) -> None:
    config: dict = json.loads(file.attrs["model_config"])
    for level in range(80):
        config = {"class_name": "Sequential", "config": {"name": f"m{level}", "layers": [config]}}
    file.attrs["model_config"] = json.dumps(config)


ATTACKS = [
    external_link,
    soft_link,
    link_in_the_path,
    external_storage,
    virtual_dataset,
    shape_bomb,
    compression_bomb,
    never_written,
    object_reference,
    variable_length,
    deep_groups,
    deep_json,
    deep_models,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_refused_as_unsafe(attack: Callable[[h5py.File, Path], None], checkpoint: Path, tmp_path: Path):
    with h5py.File(checkpoint, "r+") as file:
        attack(file, checkpoint)
    before = checkpoint.read_bytes()
    with pytest.raises(UnsafeFile):
        k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    assert not list(tmp_path.glob("*.keras*")) and checkpoint.read_bytes() == before


def test_hard_link_cycles_end(checkpoint: Path, tmp_path: Path):
    with h5py.File(checkpoint, "r+") as file:
        file["model_weights/loop"] = file["model_weights"]
    assert k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights").status == "proved"


@pytest.mark.slow
def test_byte_flips_never_crash(tmp_path: Path):
    """A damaged file converts, or is refused by one of our errors; nothing else happens."""
    data = write_checkpoint(tmp_path / "old.h5", *small_model()).read_bytes()
    generator = np.random.default_rng(7)
    for trial in range(300):
        broken = bytearray(data)
        for position in generator.integers(0, len(data), 3):
            broken[position] ^= int(generator.integers(1, 256))
        path = tmp_path / "broken.h5"
        path.write_bytes(bytes(broken))
        try:
            k2to3.convert(path, tmp_path / f"{trial}.keras", verify="weights")
        except K2to3Error:
            assert not (tmp_path / f"{trial}.keras").exists()
