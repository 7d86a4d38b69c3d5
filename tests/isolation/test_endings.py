"""A proof that does not come to its end, and a source that does not stay what it was: nothing is published."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import k2to3
import numpy as np
import pytest
from conftest import dense_layer, sequential, small_model, write_checkpoint
from k2to3.errors import FileError, ProofFailed, UnsafeFile
from k2to3.isolation import launch

TILES = 1_400_000_000
"""Of four numbers: 22 GB for one sample."""


def refused(source: Path, error: type[k2to3.K2to3Error], code: int, text: str, **options: Any) -> None:
    target = source.with_name("new.keras")
    with pytest.raises(error, match=text) as caught:
        k2to3.convert(source, target, **options)
    assert caught.value.exit_code == code and error.exit_code == code
    left = {path.name for path in source.parent.iterdir()}
    assert left <= {source.name, "other.h5"}, left


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_worker_that_is_killed(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals):
    @contextmanager
    def killed(*arguments: Any, **options: Any) -> Iterator[subprocess.Popen[str]]:
        with launch.started(*arguments, **options) as process:
            os.kill(process.pid, number)
            yield process

    monkeypatch.setattr("k2to3.isolation.calls.started", killed)
    refused(checkpoint, ProofFailed, 7, number.name)


def test_a_worker_that_takes_too_long(checkpoint: Path):
    refused(checkpoint, ProofFailed, 7, "longer than 1 seconds", limits=["seconds=1"])


@pytest.mark.keras
def test_a_worker_that_runs_out_of_memory(tmp_path: Path):
    """Found here: 22 GB in a worker that had no limit."""
    layers = [
        {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 4]}, "inbound_nodes": []},
        {
            "class_name": "TFOpLambda",
            "config": {"name": "tf.tile", "function": "tile"},
            "inbound_nodes": [["in", 0, 0, {"multiples": [1, TILES]}]],
        },
    ]
    named = [{**layer, "name": layer["config"]["name"]} for layer in layers]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["tf.tile", 0, 0]]}
    config = {"class_name": "Functional", "config": {"name": "m", "layers": named, **ends}}
    source = write_checkpoint(tmp_path / "old.h5", config, {}, version="2.9.0")
    refused(source, ProofFailed, 7, "memory")


@pytest.mark.keras
def test_what_the_seal_denied_is_an_unsafe_file(checkpoint: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever asked for it, and although it went on."""

    def reporting(*arguments: Any) -> dict[str, Any]:
        return {"evidence": {}, "mismatch": None, "denied": ["open '/etc/passwd', 'r'"]}

    monkeypatch.setattr("k2to3.proof.outputs.run_worker", reporting)
    refused(checkpoint, UnsafeFile, 4, "/etc/passwd")


def other(source: Path) -> Path:
    config = sequential(dense_layer(batch_input_shape=[None, 4]))
    weights = {"dense": {"dense/kernel:0": np.ones((4, 3), "float32"), "dense/bias:0": np.ones(3, "float32")}}
    return write_checkpoint(source.with_name("other.h5"), config, weights)


def replace(source: Path) -> None:
    """Another file takes its name."""
    os.replace(other(source), source)


def rewrite(source: Path) -> None:
    """Another content, in place."""
    source.write_bytes(other(source).read_bytes())


@pytest.mark.parametrize("change", [replace, rewrite])
def test_a_source_that_is_swapped_before_the_proof(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, change: Any):
    module = importlib.import_module("k2to3.api.convert")
    prove = module.prove

    def swapped(*arguments: Any) -> None:
        change(checkpoint)
        prove(*arguments)

    monkeypatch.setattr(module, "prove", swapped)
    with pytest.raises(k2to3.K2to3Error) as caught:
        k2to3.convert(checkpoint, checkpoint.with_name("new.keras"), verify="weights")
    assert isinstance(caught.value, (FileError, k2to3.NotEqual))
    assert not checkpoint.with_name("new.keras").exists()


@pytest.mark.parametrize("change", [replace, rewrite])
def test_a_source_that_is_swapped_after_it_was_examined(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, change: Any):
    from k2to3.sources import hdf5

    look = hdf5.look

    def swapped(*arguments: Any) -> list[Any]:
        found = look(*arguments)
        change(checkpoint)
        return found

    monkeypatch.setattr(hdf5, "look", swapped)
    refused(checkpoint, FileError, 6, "changed while it was read", verify="none")


def test_the_judge_is_given_open_files_and_no_path(checkpoint: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither the path of the checkpoint, nor a name of a module, is in what the worker reads."""
    with h5py.File(checkpoint, "r+") as file:
        text = str(file.attrs["model_config"])
        file.attrs["model_config"] = text.replace('"class_name"', '"module": "keras.layers", "class_name"')
    seen: list[str] = []

    def asked(job: dict[str, Any], *arguments: Any) -> dict[str, Any]:
        seen.append(repr({**job, "archive": ""}))
        raise ProofFailed("enough")

    monkeypatch.setattr("k2to3.proof.outputs.run_worker", asked)
    refused(checkpoint, ProofFailed, 7, "enough")
    assert seen and str(checkpoint.parent) not in seen[0] and "keras.layers" not in seen[0]
    assert small_model()[0]["class_name"] in seen[0]


def test_an_archive_that_is_swapped_while_it_is_verified(checkpoint: Path, monkeypatch: pytest.MonkeyPatch):
    module = importlib.import_module("k2to3.api.verify")
    prove = module.prove

    target = checkpoint.with_name("new.keras")
    k2to3.convert(checkpoint, target, verify="none")

    def swapped(*arguments: Any) -> None:
        prove(*arguments)
        copy = target.with_name("copy.keras")
        copy.write_bytes(target.read_bytes())
        os.replace(copy, target)

    monkeypatch.setattr(module, "prove", swapped)
    with pytest.raises(FileError, match="changed while it was read"):
        k2to3.verify(checkpoint, target, verify="weights")
