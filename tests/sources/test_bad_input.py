"""Bad input gives one clear line, the right exit code, no output, an untouched source."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import dense_layer, sequential, write_checkpoint
from k2to3 import errors
from k2to3.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main([str(a) for a in arguments])
    return code, capsys.readouterr().err


def check(capsys, tmp_path: Path, source: Path, code: int, text: str) -> None:
    before = source.read_bytes() if source.is_file() else b""
    found, printed = run(capsys, "convert", source, tmp_path / "new.keras", "--verify", "none")
    assert (found, printed.count("\n")) == (code, 1), printed
    assert text in printed and str(source) in printed and "Traceback" not in printed
    assert not list(tmp_path.glob("*.keras*"))
    assert before == (source.read_bytes() if source.is_file() else b"")


def test_no_such_file(capsys, tmp_path):
    check(capsys, tmp_path, tmp_path / "none.h5", 6, "no such file")


def test_directory(capsys, tmp_path):
    (tmp_path / "folder").mkdir()
    check(capsys, tmp_path, tmp_path / "folder", 6, "is a folder")


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (b"", 9, "the file is empty"),
        (b"hello", 9, "not an HDF5 file"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, 4, "damaged HDF5"),
        (b"version https://git-lfs.github.com/spec/v1\n", 9, "git lfs pull"),
        (b"<!DOCTYPE html><html>", 9, "web page"),
        (b"\x80\x04\x95", 9, "pickle"),
        (b'{"class_name": "Sequential"}', 9, "--architecture"),
    ],
)
def test_foreign_content(capsys, tmp_path, content, code, text):
    path = tmp_path / "old.h5"
    path.write_bytes(content)
    check(capsys, tmp_path, path, code, text)


def test_saved_model_folder(capsys, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\x08\x01\x12\x7f_tf_keras_sequential")
    code, printed = run(capsys, "inspect", folder)
    assert code == 4 and "damaged" in printed and 'save("model.h5")' in printed


def test_keras_3_file(capsys, tmp_path, checkpoint):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    code, printed = run(capsys, "inspect", tmp_path / "new.keras")
    assert code == 3 and "Keras 3 opens it as it is" in printed


@pytest.mark.slow
def test_truncated_at_any_byte(checkpoint, tmp_path):
    data = checkpoint.read_bytes()
    path = tmp_path / "cut.h5"
    for length in [*range(600), *range(600, len(data), 97)]:
        path.write_bytes(data[:length])
        with pytest.raises(errors.K2to3Error) as caught:
            k2to3.convert(path, tmp_path / "new.keras", verify="none")
        assert caught.value.exit_code in (9, 4)
    assert not (tmp_path / "new.keras").exists()


def kernel_of(shape):
    return {"dense": {"dense/kernel:0": np.ones(shape, "float32"), "dense/bias:0": np.ones(3, "float32")}}


@pytest.mark.parametrize(
    ("config", "weights", "text"),
    [
        ("not json", {}, "not valid JSON"),
        ('{"a": 1, "a": 2}', {}, "duplicate key"),
        ("[1]", {}, "not a JSON object"),
        ({"class_name": "Sequential"}, {}, "config"),
        (sequential(dense_layer(batch_input_shape=[None, 4])), {}, "no weights of layer 'dense'"),
        (sequential(dense_layer(batch_input_shape=[None, 4])), kernel_of((5, 3)), "has shape [5, 3]"),
        (
            sequential(dense_layer(batch_input_shape=[None, 4])),
            {"dense": {"dense/kernel:0": np.ones((4, 3), "float32")}},
            "expects 2 weights",
        ),
        (
            sequential(dense_layer(batch_input_shape=[None, 4])),
            kernel_of((4, 3)) | {"extra": {"extra/kernel:0": np.ones(2, "float32")}},
            "no layer takes",
        ),
        (sequential(dense_layer(batch_input_shape=[None, 4], secret=1)), kernel_of((4, 3)), "unknown key"),
        (
            sequential(dense_layer(batch_input_shape=[None, 4], activation="my_act")),
            kernel_of((4, 3)),
            "'my_act'",
        ),
        (
            sequential({"class_name": "Mystery", "config": {"name": "m", "batch_input_shape": [None, 4]}}),
            {},
            "no rule for layer class 'Mystery'",
        ),
        (
            sequential({"class_name": "Lambda", "config": {"name": "m", "batch_input_shape": [None, 4]}}),
            {},
            "'m'",
        ),
    ],
)
def test_refused(capsys, tmp_path, config, weights, text):
    path = write_checkpoint(tmp_path / "old.h5", None, weights)
    with h5py.File(path, "r+") as file:
        import json

        file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
    check(capsys, tmp_path, path, 1, text)


def test_existing_target_is_kept(capsys, tmp_path, checkpoint):
    target = tmp_path / "new.keras"
    target.write_bytes(b"mine")
    code, printed = run(capsys, "convert", checkpoint, target, "--verify", "none")
    assert code == 6 and "already exists" in printed and target.read_bytes() == b"mine"
    assert run(capsys, "convert", checkpoint, target, "--verify", "none", "--overwrite")[0] == 0


def test_target_folder_missing(capsys, tmp_path, checkpoint):
    code, printed = run(capsys, "convert", checkpoint, tmp_path / "none" / "new.keras", "--verify", "none")
    assert code == 6 and "cannot write here" in printed


def test_wrong_usage(capsys, tmp_path, checkpoint):
    assert run(capsys, "convert", checkpoint, tmp_path / "new.txt")[0] == 2
    assert run(capsys, "convert", checkpoint)[0] == 2
    assert run(capsys, "convert", checkpoint, tmp_path / "n.keras", "--token-ids", "x")[0] == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_no_permission(capsys, tmp_path, checkpoint):
    checkpoint.chmod(0)
    code, printed = run(capsys, "convert", checkpoint, tmp_path / "new.keras")
    checkpoint.chmod(0o600)
    assert code == 6 and "cannot be read" in printed


def limit_file_size() -> None:
    """Stands in for a full disk: writing past 4 kB fails."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_full_disk(tmp_path, checkpoint):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "k2to3",
            "convert",
            str(checkpoint),
            str(tmp_path / "new.keras"),
            "--verify",
            "none",
        ],
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 6 and done.stderr.count("\n") == 1 and "cannot be written" in done.stderr
    assert not list(tmp_path.glob("*.keras*"))
    assert not list(tmp_path.glob(".*"))


def test_source_and_target_the_same_file(capsys, tmp_path, checkpoint):
    linked = tmp_path / "old.keras"
    os.link(checkpoint, linked)
    before = checkpoint.read_bytes()
    code, printed = run(capsys, "convert", checkpoint, linked, "--overwrite", "--verify", "none")
    assert code == 2 and "same file" in printed and checkpoint.read_bytes() == before


def test_interrupted(tmp_path, checkpoint):
    """Ctrl-C while the proof runs: one line, exit code 130, no file."""
    code = (
        "import signal, sys, k2to3.cli.main, k2to3.api.convert\n"
        # A test run in the background has it ignored, which a process hands down.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.modules['k2to3.api.convert'].prove = lambda *a: signal.raise_signal(signal.SIGINT)\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "convert", str(checkpoint), str(tmp_path / "new.keras")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 130 and done.stderr.count("\n") == 1 and "interrupted" in done.stderr
    assert not list(tmp_path.glob("*.keras*")) and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("text", ["", "[", "null", '{"a": NaN}', '{"class_name": "Sequential"}'])
def test_wrong_architecture_file(capsys, tmp_path, text):
    config, weights = (None, kernel_of((4, 3)))
    path = write_checkpoint(tmp_path / "old.h5", config, weights, whole=False)
    (tmp_path / "model.json").write_text(text)
    before = path.read_bytes()
    code, printed = run(
        capsys, "convert", path, tmp_path / "new.keras", "--architecture", tmp_path / "model.json", "--verify", "none"
    )
    assert code in (1, 9) and printed.count("\n") == 1 and "Traceback" not in printed, printed
    assert path.read_bytes() == before and not list(tmp_path.glob("*.keras*"))
