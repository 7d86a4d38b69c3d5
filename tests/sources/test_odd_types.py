"""Element types that HDF5 converts while it reads: their bytes are never taken as they lie in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import dense_layer, members, sequential, small_model, write_checkpoint
from k2to3.archive.reading import open_weights
from k2to3.sources.hdf5 import read_hdf5
from k2to3.sources.opened import open_file
from k2to3.sources.tensors import StoredTensor, stored_tensor
from k2to3.sources.tree import Header

VALUES = np.array([[1, 2], [3, 4], [5, 6]])


def narrow_float() -> h5py.h5t.TypeID:
    """bfloat16 as a floating type: 8 bits of exponent, 7 of mantissa, in two bytes."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_size(2)
    kind.set_ebias(127)
    return kind


def padded_integer() -> h5py.h5t.TypeID:
    kind = h5py.h5t.STD_I32LE.copy()
    kind.set_precision(16)
    kind.set_offset(8)
    return kind


def other_bias() -> h5py.h5t.TypeID:
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    return kind


def write(group: h5py.Group, name: str, kind: h5py.h5t.TypeID, values: np.ndarray) -> None:
    space = h5py.h5s.create_simple(values.shape)
    dataset = h5py.h5d.create(group.id, name.encode(), kind, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(values))


@contextmanager
def only(path: Path) -> Iterator[StoredTensor]:
    file = open_file(path)
    hdf5 = read_hdf5(file)
    header = hdf5.root.find("w")
    assert isinstance(header, Header)
    yield stored_tensor("w", header, hdf5.library, "/w")
    hdf5.close()
    file.close()


@pytest.mark.parametrize("kind", [narrow_float, padded_integer, other_bias, lambda: h5py.h5t.IEEE_F32BE])
def test_what_is_read_is_what_hdf5_reads(tmp_path: Path, kind) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as root:
        write(root, "w", kind(), VALUES.astype("int32" if kind is padded_integer else "float32"))
    with only(tmp_path / "a.h5") as tensor:
        assert tensor.extent() is None and np.array_equal(tensor.read(), VALUES)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "uint16", "bool", "V2"])
def test_plain_types_are_taken_as_they_lie(tmp_path: Path, dtype: str) -> None:
    values = np.zeros((3, 2), dtype)
    with h5py.File(tmp_path / "a.h5", "w") as root:
        root["w"] = values
    with only(tmp_path / "a.h5") as tensor:
        assert tensor.extent() is not None and tensor.read().tobytes() == values.tobytes()


@pytest.mark.parametrize("level", ["none", "weights"])
def test_a_conversion_holds_the_numbers(tmp_path: Path, level) -> None:
    """A narrow float takes half the bytes: what lies behind it is not part of it."""
    config, weights = small_model()
    path = write_checkpoint(tmp_path / "old.h5", config, weights)
    kernel = np.round(weights["dense"]["dense/kernel:0"])
    with h5py.File(path, "r+") as root:
        group = root["model_weights/dense/dense"]
        del group["kernel:0"]
        write(group, "kernel:0", narrow_float(), kernel)
    k2to3.convert(path, tmp_path / "new.keras", verify=level)
    with open_weights(tmp_path / "new.keras") as root:
        found = [root[name][()] for name in ("layers/dense/vars/0",)]
    assert np.array_equal(found[0], kernel)


def test_a_layer_name_as_long_as_keras_2_writes_one(tmp_path):
    """Its own test saves names of 32,774 bytes; its limit is what fits into one HDF5 attribute, 64,512 bytes."""
    name = "x" * 64_000
    weights = {name: {"kernel:0": np.ones((4, 3), np.float32), "bias:0": np.zeros(3, np.float32)}}
    path = write_checkpoint(tmp_path / "old.h5", sequential(dense_layer(name, batch_input_shape=[None, 4])), weights)
    k2to3.convert(path, tmp_path / "new.keras", verify="none")
    config = json.loads(members(tmp_path / "new.keras")["config.json"])
    assert config["config"]["layers"][-1]["config"]["name"] == name
