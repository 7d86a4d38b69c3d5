"""`.safetensors` and `.weights.h5`: the same variables, bit for bit, whole or not at all."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import k2to3
import numpy as np
import pytest
from conftest import FIXTURES, ROOT, dense_layer, sequential, write_checkpoint
from k2to3.archive.sizes import parse_size
from k2to3.errors import FileError, NotEqual, UsageError

FOLDER = FIXTURES / "formats"
SOURCE = FOLDER / "k215_graph.keras"
DTYPES = ("float16", "float32", "float64", "bfloat16")


def header(path: Path) -> dict:
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    assert size % 8 == 0
    return json.loads(data[8 : 8 + size])


@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5"])
@pytest.mark.parametrize("model", ["text", "graph", "cells", "ops"])
def test_round_trip(tmp_path, model, suffix):
    source, target = FOLDER / f"tfk221_{model}.keras", tmp_path / f"new{suffix}"
    report = k2to3.convert(source, target, verify="weights")
    assert report.status == "proved" and report.weights.variables == len(report.variables)
    assert k2to3.verify(source, target, verify="weights").status == "proved"
    archive = tmp_path / "new.keras"
    k2to3.convert(source, archive, verify="none", compile=False)
    for pair in ((source, target), (target, archive)):
        found = k2to3.diff(*pair)
        assert found.equal and all(item.bit_equal for item in found.tensors) and found.tensors


def test_metadata_and_layer_map(tmp_path):
    report = k2to3.convert(SOURCE, tmp_path / "new.safetensors", verify="weights")
    metadata = header(tmp_path / "new.safetensors")["__metadata__"]
    assert metadata["source_sha256"] == report.source_sha256
    assert metadata["source_writer"] == "tf.keras 2.15.0 on tensorflow"
    origins = json.loads(metadata["variables"])
    assert origins["layers/conv2d/vars/0"] == {"layer": "conv", "class": "Conv2D", "from": "layers/conv2d/vars/0"}
    assert set(origins) == {variable["path"] for variable in report.variables}


def test_official_library_and_alignment(tmp_path):
    from safetensors.numpy import load_file

    k2to3.convert(FOLDER / "k215_cells.keras", tmp_path / "new.safetensors", verify="none")
    found = load_file(tmp_path / "new.safetensors")
    assert found["layers/normalization/vars/2"].dtype == np.int64
    entries = {k: v for k, v in header(tmp_path / "new.safetensors").items() if k != "__metadata__"}
    sizes = {"I64": 8, "I32": 4, "F32": 4}
    assert all(e["data_offsets"][0] % sizes[e["dtype"]] == 0 for e in entries.values())


def test_same_bytes_twice(tmp_path):
    copy = tmp_path / "elsewhere.keras"
    copy.write_bytes(SOURCE.read_bytes())
    for source, name in ((SOURCE, "a"), (copy, "b")):
        for suffix in (".safetensors", ".weights.h5"):
            k2to3.convert(source, tmp_path / (name + suffix), verify="none")
    for suffix in (".safetensors", ".weights.h5"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_split(tmp_path):
    target = tmp_path / "new.safetensors"
    report = k2to3.convert(SOURCE, target, verify="weights", shard_size=1000)
    parts = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert parts == [f"new-{i + 1:05d}-of-{len(parts):05d}.safetensors" for i in range(len(parts))] and len(parts) > 2
    index = json.loads((tmp_path / "new.safetensors.index.json").read_text())
    assert set(index["weight_map"]) == {variable["path"] for variable in report.variables}
    assert index["metadata"]["total_size"] == report.weights.nbytes
    assert k2to3.verify(SOURCE, target, verify="weights").status == "proved"
    assert k2to3.diff(SOURCE, tmp_path / "new.safetensors.index.json").equal
    with pytest.raises(FileError, match="already exists"):
        k2to3.convert(SOURCE, target, verify="none", shard_size=1000)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_split_is_whole_or_not_at_all(tmp_path):
    """One part exists already: no other is left behind, and it is not replaced."""
    k2to3.convert(SOURCE, tmp_path / "try.safetensors", verify="none", shard_size=1000)
    names = sorted(path.name.replace("try", "new") for path in tmp_path.glob("try-*"))
    (tmp_path / names[1]).write_bytes(b"mine")
    with pytest.raises(FileError):
        k2to3.convert(SOURCE, tmp_path / "new.safetensors", verify="none", shard_size=1000)
    assert [path.name for path in tmp_path.glob("*new*")] == [names[1]]
    assert (tmp_path / names[1]).read_bytes() == b"mine"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5"])
def test_element_types(tmp_path, dtype, suffix):
    generator = np.random.default_rng(1)
    value = {"kernel:0": generator.standard_normal((4, 3)), "bias:0": generator.standard_normal(3)}
    stored = {
        name: (v.astype("float32").view("u4") >> 16).astype("u2").view("V2") if dtype == "bfloat16" else v.astype(dtype)
        for name, v in value.items()
    }
    config = sequential(dense_layer(batch_input_shape=[None, 4], dtype=dtype))
    source = write_checkpoint(tmp_path / "old.h5", config, {"dense": stored})
    target = tmp_path / f"new{suffix}"
    report = k2to3.convert(source, target, verify="weights")
    assert report.status == "proved" and {v["dtype"] for v in report.variables} == {dtype}
    found = k2to3.diff(source, target)
    assert found.equal and {item.b["dtype"] for item in found.tensors} == {dtype}


@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5"])
def test_proof_sees_one_bit(tmp_path, suffix):
    target = tmp_path / f"new{suffix}"
    k2to3.convert(SOURCE, target, verify="none")
    data = bytearray(target.read_bytes())
    kernel = np.float32(k2to3_value()).tobytes()
    data[data.index(kernel)] ^= 1
    target.write_bytes(data)
    with pytest.raises(NotEqual, match="differs"):
        k2to3.verify(SOURCE, target, verify="weights")
    found = k2to3.diff(SOURCE, target)
    assert [item.name for item in found.tensors if not item.equal] == ["layers/conv2d/vars/0"]


def k2to3_value() -> np.ndarray:
    from k2to3.sources.read import read_checkpoint

    with read_checkpoint(SOURCE) as checkpoint:
        return checkpoint.weights["layers/conv2d"][0].read()


def test_weights_file_in_another_order_of_parts(tmp_path):
    """A part under another name is not taken for the whole."""
    k2to3.convert(SOURCE, tmp_path / "new.safetensors", verify="none", shard_size=1000)
    part = next(iter(sorted(tmp_path.glob("new-*"))))
    with pytest.raises(NotEqual, match="is missing"):
        k2to3.verify(SOURCE, part, verify="weights")


def test_endings_and_sizes(tmp_path):
    assert [parse_size(t) for t in ("5GB", "1.5 MB", "4GiB", "10")] == [5 * 10**9, 1_500_000, 4 << 30, 10]
    for text in ("", "0", "5 apples", "-1GB", "0.2"):
        with pytest.raises(UsageError):
            parse_size(text)
    for name in ("new.h5", "new", ".keras", "new.safetensor"):
        with pytest.raises(UsageError, match="must end in"):
            k2to3.convert(SOURCE, tmp_path / name, verify="none")
    with pytest.raises(UsageError, match="training"):
        k2to3.convert(SOURCE, tmp_path / "new.safetensors", verify="training")


@pytest.mark.keras
def test_keras3_loads_the_weights_file(tmp_path):
    """`load_weights` into the zeroed model gives every variable back."""
    items = []
    for name in ("k215_graph", "k213_text", "k212_cells"):
        archive, weights = tmp_path / f"{name}.keras", tmp_path / f"{name}.weights.h5"
        k2to3.convert(FOLDER / f"{name}.keras", archive, verify="none")
        k2to3.convert(FOLDER / f"{name}.keras", weights, verify="none")
        items.append({"archive": str(archive), "weights": str(weights), "npz": str(FOLDER / f"{name}.npz")})
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "worker.py")],
        input=json.dumps(items),
        env={**os.environ, "PYTHONPATH": str(ROOT / "converter")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and json.loads(done.stdout) == [""] * len(items), done.stdout + done.stderr[-2000:]


@pytest.mark.keras
def test_outputs_through_a_temporary_archive(tmp_path):
    report = k2to3.convert(SOURCE, tmp_path / "new.safetensors")
    assert report.status == "proved" and report.evidence.outputs and "temporary" in report.evidence.backend
    assert [path.name for path in tmp_path.iterdir()] == ["new.safetensors"]
