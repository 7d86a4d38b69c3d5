"""However a run ends: nothing half-written, nothing that nobody clears, nobody left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile

import k2to3
import pytest
from conftest import FIXTURES
from fault_helpers import alive, checkpoint_of, command, environment, hidden, run, start, wait_for
from k2to3.leftovers import LOCK, clear, scratch_folder

SPLIT = FIXTURES / "formats" / "k215_graph.keras"
ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def paused(tmp_path, checkpoint):
    (tmp_path / "pause").mkdir()
    process = start("convert", checkpoint, tmp_path / "new.keras", PAUSE=str(tmp_path / "pause"))
    wait_for(lambda: list((tmp_path / "pause").iterdir()))
    assert hidden(tmp_path)
    return process


@pytest.mark.parametrize("number", ENDING)
def test_signals_end_a_conversion_cleanly(tmp_path, checkpoint, number):
    before = checkpoint.read_bytes()
    process = paused(tmp_path, checkpoint)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (128 + number, "", "k2to3: interrupted; nothing was written\n")
    assert not hidden(tmp_path) and not (tmp_path / "new.keras").exists() and checkpoint.read_bytes() == before


def test_ignored_signals_stay_ignored(tmp_path, checkpoint):
    """As under `nohup`: whoever started us said that a hangup is no reason to end."""
    code = (
        "import signal, sys, k2to3.cli.main, k2to3.api.convert\n"
        "for name in ('SIGHUP', 'SIGINT'): signal.signal(getattr(signal, name), signal.SIG_IGN)\n"
        "convert = sys.modules['k2to3.api.convert']\n"
        "real = convert.prove\n"
        "def prove(*a):\n"
        "    signal.raise_signal(signal.SIGHUP), signal.raise_signal(signal.SIGINT)\n"
        "    real(*a)\n"
        "convert.prove = prove\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    arguments = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "weights"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0 and (tmp_path / "new.keras").exists(), done.stderr


def test_swallowed_interruption(monkeypatch, tmp_path, checkpoint):
    """A library that turns the exception into one of its own does not turn the exit code."""
    code = (
        "import signal, sys, k2to3.cli.main, k2to3.api.convert\n"
        "def prove(*a):\n"
        "    try: signal.raise_signal(signal.SIGTERM)\n"
        "    except BaseException: raise OSError('something with HDF5')\n"
        "sys.modules['k2to3.api.convert'].prove = prove\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    arguments = ["convert", str(checkpoint), str(tmp_path / "new.keras")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True)
    assert done.returncode == 143 and "interrupted; nothing was written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["old.h5"]


def test_interruption_inside_hdf5(tmp_path, checkpoint):
    """Raised in a callback of the library, which makes an error of its own of it."""
    code = (
        "import signal, sys, k2to3.cli.main\n"
        "from k2to3.archive import keras_archive as archive\n"
        "real = archive._Window.write\n"
        "def write(self, data):\n"
        "    try: signal.raise_signal(signal.SIGTERM)\n"
        "    except BaseException as error: self._note(error); raise\n"
        "    return real(self, data)\n"
        "archive._Window.write = write\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    arguments = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "none"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (143, "k2to3: interrupted; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["old.h5"]


def test_interruption_after_the_end_says_what_was_written(tmp_path, checkpoint):
    code = (
        "import signal, sys, k2to3.cli.main, k2to3.cli.reported\n"
        "k2to3.cli.reported._emit = lambda *a: signal.raise_signal(signal.SIGTERM)\n"
        "sys.exit(k2to3.cli.main.main(sys.argv[1:]))"
    )
    arguments = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "none"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment(), capture_output=True, text=True)
    assert done.returncode == 143 and f"written: {tmp_path / 'new.keras'}" in done.stderr


def test_left_overs_are_cleared_by_the_next_run(tmp_path, checkpoint):
    process = paused(tmp_path, checkpoint)
    (left,) = hidden(tmp_path)[:1]
    assert os.path.basename(left).startswith(".k2to3-")
    # While its owner lives, nobody touches it.
    k2to3.convert(checkpoint, tmp_path / "other.keras", verify="none")
    assert os.path.exists(left)
    process.kill()
    process.communicate()
    assert os.path.exists(left)
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="none")
    assert not hidden(tmp_path) and (tmp_path / "new.keras").exists()


def test_unpacked_members_are_cleared_as_well(tmp_path):
    """A compressed archive is unpacked into the folder for temporary files: what stays there can be gigabytes."""
    source, scratch = tmp_path / "old.keras", tmp_path / "tmp"
    scratch.mkdir()
    with zipfile.ZipFile(SPLIT) as stored, zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    (tmp_path / "pause").mkdir()
    process = start("convert", source, tmp_path / "new.keras", PAUSE=str(tmp_path / "pause"), TMPDIR=str(scratch))
    wait_for(lambda: list((tmp_path / "pause").iterdir()))
    process.kill()
    process.communicate()
    assert len(hidden(scratch)) == 1
    done = run("convert", source, tmp_path / "new.keras", "--verify", "none", env={"TMPDIR": str(scratch)})
    assert done.returncode == 0 and not list(scratch.iterdir()) and not hidden(tmp_path)


def test_only_our_own_is_cleared(tmp_path):
    """Names that are nearly ours, files, links, other users' folders, and what somebody holds."""
    names = [".k2to3-0.part", "k2to3-0123456789abcdef.part", ".k2to3-0123456789abcdeF.part"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / LOCK).touch()
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / LOCK).touch()
    (tmp_path / ".k2to3-1111111111111111.part").symlink_to(kept)
    (tmp_path / ".k2to3-2222222222222222.part").write_text("a file")
    unknown = tmp_path / ".k2to3-3333333333333333.part"
    unknown.mkdir()
    (unknown / "mine").touch()
    with scratch_folder(tmp_path) as held:
        before = sorted(path.name for path in tmp_path.iterdir())
        clear(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == before and held.exists()
    assert not held.exists() and (kept / LOCK).exists()
    dead = tmp_path / ".k2to3-4444444444444444.part"
    (dead / "deep").mkdir(parents=True)
    (dead / "deep" / "x").touch()
    (dead / LOCK).touch()
    (dead / "out").symlink_to(kept)
    (tmp_path / ".k2to3-5555555555555555.part").mkdir()
    clear(tmp_path)
    assert not dead.exists() and (kept / LOCK).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({*before} - {held.name})


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives a folder away")
def test_folders_of_others_are_left(tmp_path):
    other = tmp_path / ".k2to3-0123456789abcdef.part"
    other.mkdir()
    (other / LOCK).touch()
    os.chown(other, 12345, 12345)
    clear(tmp_path)
    assert other.exists()


def test_makers_and_clearers_at_once(tmp_path):
    """A folder between its making and its lock is nobody's yet: its maker takes another."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom k2to3.leftovers import scratch_folder\n"
        "for i in range(300):\n"
        "    with scratch_folder(Path(sys.argv[1])) as folder:\n"
        "        (folder / 'x').write_text('x'); assert (folder / 'x').exists()\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment()) for _ in range(4)]
    assert [process.wait() for process in runs] == [0] * 4
    assert not list(tmp_path.iterdir())


def begin(tmp_path, batch: bool) -> subprocess.Popen[bytes]:
    zoo, out = tmp_path / "zoo", tmp_path / "out"
    arguments = ("batch", zoo, "--out", out, "--jobs", "2") if batch else ("convert", zoo / "a.h5", out / "a.keras")
    return subprocess.Popen(
        command(*arguments, "--verify", "weights", "--overwrite"),
        env=environment(TMPDIR=str(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def seconds_of(tmp_path, batch: bool) -> float:
    """How long a run takes here and now."""
    started = time.monotonic()
    assert begin(tmp_path, batch).wait() == 0
    return time.monotonic() - started


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the run was killed before its end; nobody of it is left."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    # A loaded machine takes its time to start the worker that has to notice.
    wait_for(lambda: not [pid for pid in of_session(process.pid) if alive(pid)], 90)
    return process.returncode == -signal.SIGKILL


def of_session(session: int) -> list[int]:
    """Every process of a session."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            found.append(int(name))
    return found


def workers_of(parent: int) -> list[int]:
    """Isolated interpreters that a process started; each has a session of its own."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            with open(f"/proc/{name}/cmdline", "rb") as file:
                isolated = b"isolation/start.py" in file.read()
        except OSError:
            continue
        if int(fields[1]) == parent and isolated:
            found.append(int(name))
    return found


def killed_many_times(tmp_path, count: int, seed: int) -> tuple[int, int]:
    """How many of `count` runs were killed before their end, and how many of those while they wrote."""
    zoo, out, whole = tmp_path / "zoo", tmp_path / "out", tmp_path / "whole"
    for folder in (zoo, out, whole):
        folder.mkdir()
    for number, name in enumerate("abc"):
        checkpoint_of(zoo / f"{name}.h5", 200_000 + number)
        k2to3.convert(zoo / f"{name}.h5", whole / f"{name}.keras", verify="weights")
    before = {path: path.read_bytes() for path in zoo.iterdir()}
    dice, longest = random.Random(seed), [seconds_of(tmp_path, batch) for batch in (False, True)]
    killed = writing = 0
    for number in range(count):
        # Most of a run is the start of the interpreter.
        delay = dice.uniform(0.3, 1.0) * longest[number % 2]
        was_killed = kill_after(begin(tmp_path, bool(number % 2)), delay)
        killed += was_killed
        if not was_killed:
            # A machine that has less to do than when it was measured.
            longest[number % 2] *= 0.7
        writing += bool(hidden(out))
        for path in out.glob("*.keras"):
            assert path.read_bytes() == (whole / path.name).read_bytes(), (number, delay)
    assert {path: path.read_bytes() for path in zoo.iterdir()} == before
    done = run("batch", zoo, "--out", out, "--jobs", "2", "--verify", "weights", "--overwrite")
    found = sorted(path.name for path in out.iterdir())
    assert done.returncode == 0 and found == ["a.keras", "b.keras", "c.keras", "k2to3.sqlite"]
    return killed, writing


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_kill_at_random_moments(tmp_path):
    assert killed_many_times(tmp_path, 8, seed=0)[0] > 0


@pytest.mark.conformance
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_kill_at_200_random_moments(tmp_path):
    started = time.monotonic()
    killed, writing = killed_many_times(tmp_path, 200, seed=1)
    print(f"{killed} of 200 runs were killed, {writing} left files, in {time.monotonic() - started:.0f} s")
    assert killed > 100 and writing > 10


@pytest.mark.keras
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_proof_ends_with_a_killed_conversion(tmp_path, checkpoint):
    """The worker process with the frameworks does not outlive us."""
    process = subprocess.Popen(
        command("convert", checkpoint, tmp_path / "new.keras"),
        env=environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (worker,) = wait_for(lambda: workers_of(process.pid) or process.poll() is not None, 90)
    process.kill()
    process.wait()
    # A loaded machine takes its time to start the worker that has to notice.
    wait_for(lambda: not alive(worker), 90)
    assert not (tmp_path / "new.keras").exists()
