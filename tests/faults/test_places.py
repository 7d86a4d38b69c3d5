"""Odd places and little room: pipes, devices, folders; no /tmp, no HOME; limits of the process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import checkpoint_of, command, environment, hidden, run
from k2to3.errors import FileError, K2to3Error

SPLIT = FIXTURES / "formats" / "k215_graph.keras"


@pytest.fixture
def odd(tmp_path):
    """Things that are no files, by what they are."""
    os.mkfifo(tmp_path / "pipe.h5")
    (tmp_path / "device.h5").symlink_to("/dev/zero")
    (tmp_path / "terminal.h5").symlink_to("/dev/tty")
    (tmp_path / "folder.h5").mkdir()
    return [tmp_path / f"{name}.h5" for name in ("pipe", "device", "terminal", "folder")]


def test_as_input(tmp_path, odd, checkpoint):
    for path in odd:
        for verb in (
            lambda p: k2to3.convert(p, tmp_path / "new.keras", verify="none"),
            k2to3.plan,
            k2to3.inspect,
            lambda p: k2to3.diff(p, checkpoint),
            lambda p: k2to3.diff(checkpoint, p),
            lambda p: k2to3.verify(p, checkpoint),
            lambda p: k2to3.convert(checkpoint, tmp_path / "new.keras", reference=p) if p.name[0] != "f" else 1 / 0,
        ):
            with pytest.raises((K2to3Error, ZeroDivisionError)):
                verb(path)
    assert not (tmp_path / "new.keras").exists()


def test_missing_and_closed_folders(tmp_path, checkpoint):
    for target in (tmp_path / "no" / "new.keras", checkpoint / "new.keras", tmp_path / "old.h5" / "x" / "new.keras"):
        with pytest.raises(FileError) as error:
            k2to3.convert(checkpoint, target, verify="none")
        assert str(target.parent) in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["old.h5"]


def test_no_place_for_temporary_files(tmp_path, checkpoint):
    """Only what needs one asks for it."""
    code = (
        "import sys, tempfile, k2to3.cli.main\n"
        "def none(*_): raise FileNotFoundError(2, 'No usable temporary directory found')\n"
        "tempfile._get_default_tempdir = none\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    for name, level, expected in (("a.keras", "weights", 0), ("b.safetensors", "outputs", 6)):
        arguments = ["convert", str(checkpoint), str(tmp_path / name), "--verify", level]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True
        )
        assert done.returncode == expected and "Traceback" not in done.stderr, done.stderr
        assert (tmp_path / name).exists() == (expected == 0)
    assert "TMPDIR" in done.stderr and not hidden(tmp_path)


def test_no_home(tmp_path, checkpoint):
    env = {key: value for key, value in environment(HOME="/nonexistent").items() if key != "XDG_CACHE_HOME"}
    arguments = command("convert", checkpoint, tmp_path / "new.keras", "--verify", "weights")
    done = subprocess.run(arguments, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_largest_file(tmp_path):
    """`ulimit -f`: EFBIG in the middle of the copy."""
    source = checkpoint_of(tmp_path / "old.h5", 100_000)
    for name in ("new.keras", "new.safetensors", "new.weights.h5"):
        done = run(
            "convert",
            source,
            tmp_path / name,
            "--verify",
            "none",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)),
        )
        assert done.returncode == 6 and "File too large" in done.stderr, done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["old.h5"]


@pytest.mark.parametrize("megabytes", [400, 500, 700])
def test_little_memory(tmp_path, megabytes):
    """`ulimit -v`: it works, or it says so and leaves nothing."""
    source, target = checkpoint_of(tmp_path / "old.h5", 1_000_000), tmp_path / "new.keras"
    limit = megabytes << 20
    done = run(
        "convert",
        source,
        target,
        "--verify",
        "weights",
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    if "numpy" in done.stderr and not target.exists():
        pytest.skip("NumPy itself does not start in so little")
    assert done.returncode in (0, 6, 70) and (done.returncode == 0) == target.exists(), done.stderr
    assert not hidden(tmp_path)
