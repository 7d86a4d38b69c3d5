"""The file itself: whole or not at all, the same bytes every time, no framework."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import small_model, write_checkpoint


def test_same_input_same_bytes(tmp_path, checkpoint):
    for name in ("a.keras", "b.keras"):
        k2to3.convert(checkpoint, tmp_path / name, verify="none")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_members_are_stored_and_sound(tmp_path, checkpoint):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert json.loads(archive.read("config.json"))["class_name"] == "Sequential"
        weights = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    np.testing.assert_array_equal(weights["layers/dense/vars/0"][()], small_model()[1]["dense"]["dense/kernel:0"])


def test_dry_run_leaves_the_folder_alone(tmp_path, checkpoint):
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    k2to3.convert(checkpoint, tmp_path / "new.keras", dry_run=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_converting_imports_no_framework(tmp_path, checkpoint):
    code = (
        "import sys, k2to3\n"
        f"k2to3.convert({str(checkpoint)!r}, {str(tmp_path / 'new.keras')!r}, verify='weights')\n"
        "found = {'keras', 'tf_keras', 'tensorflow', 'jax', 'torch', 'rich', 'safetensors'} & set(sys.modules)\n"
        "print(sorted(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_target_permissions_follow_the_umask(tmp_path, checkpoint):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    other = tmp_path / "other"
    other.touch()
    assert (tmp_path / "new.keras").stat().st_mode == other.stat().st_mode


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_large_table_in_bounded_memory(tmp_path):
    """An Embedding of 96 MB converts and is re-read with less than that resident."""
    rows, width = 24 * 1024, 1024
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "layers": [
                {
                    "class_name": "Embedding",
                    "config": {
                        "name": "e",
                        "input_dim": rows,
                        "output_dim": width,
                        "batch_input_shape": [None, 5],
                    },
                }
            ],
        },
    }
    table = np.arange(rows * width, dtype=np.float32).reshape(rows, width)
    path = write_checkpoint(tmp_path / "big.h5", config, {"e": {"e/embeddings:0": table}})
    code = (
        "import k2to3\n"
        f"k2to3.convert({str(path)!r}, {str(tmp_path / 'new.keras')!r}, verify='weights')\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 96 << 10, "kilobytes resident"


def test_source_is_never_written(tmp_path, checkpoint):
    checkpoint.chmod(0o400)
    before = checkpoint.read_bytes(), checkpoint.stat().st_mtime_ns
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights")
    assert (checkpoint.read_bytes(), checkpoint.stat().st_mtime_ns) == before


def test_every_output_is_a_path(tmp_path, checkpoint):
    report = k2to3.convert(str(checkpoint), Path(tmp_path / "new.keras"), verify="none")
    assert report.target_bytes == (tmp_path / "new.keras").stat().st_size
