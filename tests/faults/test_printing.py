"""Text that came from a file is never printed raw, and printing never fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import k2to3
import pytest
from conftest import dense_layer, sequential, small_model, write_checkpoint
from fault_helpers import checkpoint_of, command, environment, run
from k2to3.errors import UnsupportedLayer
from k2to3.findings import Finding
from k2to3.printable import printable

EVIL = "a\x1b[31m\x1b]0;t\x07b\u202ec\u2066d\u200fe\u061cf\x85g\u2028h\ni\rj\x00k\x9bl"
FORBIDDEN = set("\x1b\x07\u202e\u2066\u200f\u061c\x85\u2028\r\x00\x9b")
ENCODINGS = ("ascii", "cp850", "cp1252", "utf-8")


def clean(text: str) -> bool:
    return not FORBIDDEN & set(text) and all(char.isprintable() or char == "\n" for char in text)


def test_every_control_is_escaped_and_words_are_not():
    for code in [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F]:
        assert printable(f"a{chr(code)}b").isprintable() and chr(code) not in printable(chr(code)), hex(code)
    for code in (0x61C, 0x2028, 0x2029, 0xD800, 0xDCFF, 0xFEFF, 0xE0001):
        assert printable(chr(code)).startswith("\\")
    assert printable("größe 模型 é ×2 → ok\u00a0") == "größe 模型 é ×2 → ok\u00a0"
    assert printable(printable(EVIL)) == printable(EVIL)


def test_every_part_of_an_error_and_of_a_finding():
    error = UnsupportedLayer(EVIL, file=EVIL, layer=EVIL, key=EVIL, hint=EVIL)
    assert clean(str(error)) and "\n" not in str(error) and str(error).count("\\x1b") >= 10
    assert clean(str(Finding("drift", EVIL, EVIL, EVIL)))


def evil_files(folder):
    """Names of layers, weights, classes, a version, an activation, zip members and files."""
    evil = EVIL.replace("\x00", "")
    kernel, bias = small_model()[1]["dense"].values()
    weights = {evil.replace("/", "-"): {f"{evil}/kernel:0": kernel, f"{evil}/bias:0": bias}}
    layer = dense_layer(evil, batch_input_shape=[None, 4])
    yield write_checkpoint(folder / "names.h5", sequential(layer, name=evil), weights)
    yield write_checkpoint(folder / "version.h5", sequential(layer), weights, version=f"2.4.0{evil}")
    unknown = {"class_name": EVIL, "config": {"name": EVIL, EVIL: EVIL}}
    yield write_checkpoint(folder / "class.h5", sequential(layer, unknown), weights)
    yield checkpoint_of(folder / "activation.h5", activation=EVIL)
    yield checkpoint_of(folder / "key.h5", **{EVIL: 1})
    with zipfile.ZipFile(folder / "zip.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5", evil):
            archive.writestr(name, "{}")
    yield folder / "zip.keras"
    yield checkpoint_of(folder / f"file {evil.replace('/', '')}.h5")
    yield checkpoint_of(folder / os.fsdecode(b"bytes \xff.h5"))


def test_nothing_of_a_file_is_printed_raw(tmp_path):
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    good = checkpoint_of(tmp_path / "good.h5")
    for number, path in enumerate(evil_files(zoo)):
        target = tmp_path / f"{number}.keras"
        for arguments in (
            ("convert", path, target, "--verify", "none"),
            ("convert", path, "--dry-run"),
            ("convert", path, tmp_path / f"{number}j.keras", "--verify", "none", "--json"),
            ("inspect", path, "--weights"),
            ("verify", path, target, "--verify", "weights"),
            ("diff", path, good, "--all"),
        ):
            done = run_here(*arguments)
            assert clean(done) and "Traceback" not in done, (arguments, done)
    done = run("batch", zoo, "--out", tmp_path / "out", "--verify", "none", "--jobs", "1")
    assert clean(done.stdout + done.stderr) and "Traceback" not in done.stderr


def run_here(*arguments: object) -> str:
    """A command in this process: its output is what a terminal would get."""
    import contextlib
    import io

    from k2to3.cli.main import main

    text = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="surrogatepass", newline="")
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        main([str(argument) for argument in arguments])
        text.flush()
        return text.buffer.getvalue().decode()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_prints_on_every_console(tmp_path, encoding):
    source, target = checkpoint_of(tmp_path / "modèle 模型.h5"), tmp_path / "→.keras"
    for arguments in (
        ("--help",),
        ("convert", "--help"),
        ("rules",),
        ("rules", "--json"),
        ("convert", source, target, "--verify", "weights"),
        ("inspect", source, "--weights"),
        ("inspect", source, "--json"),
        ("verify", source, target, "--verify", "weights"),
        ("diff", source, target, "--all"),
        ("batch", tmp_path, "--out", tmp_path / "out", "--verify", "none"),
    ):
        done = subprocess.run(
            command(*arguments), env=environment(PYTHONIOENCODING=encoding), capture_output=True, check=False
        )
        assert done.returncode == 0 and b"Traceback" not in done.stderr, (arguments, done.stderr)
        assert done.stdout.decode(encoding)
    done = run("convert", tmp_path / "não.h5", target, env={"PYTHONIOENCODING": encoding}, encoding=encoding)
    assert done.returncode == 6 and "Traceback" not in done.stderr
    done = run("convert", "a", "b", "c\x1b[2J→", env={"PYTHONIOENCODING": encoding}, encoding=encoding)
    assert done.returncode == 2 and "\x1b" not in done.stderr and "\\x1b" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_full_standard_output(tmp_path, checkpoint):
    """The archive is there: said on standard error, with an exit code that is not success."""
    target = tmp_path / "new.keras"
    for arguments in (
        ("convert", checkpoint, target, "--verify", "weights"),
        ("convert", checkpoint, target, "--verify", "weights", "--json", "--overwrite"),
        ("inspect", checkpoint),
        ("rules",),
        ("batch", tmp_path, "--out", tmp_path / "out", "--verify", "none"),
        ("--help",),
    ):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                command(*arguments), env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert done.returncode == 6 and done.stderr.count("\n") == 1, (arguments, done.stderr)
        assert "the output could not be printed: No space left on device" in done.stderr
    assert target.exists() and (tmp_path / "out" / "old.keras").exists()


def test_closed_pipe(tmp_path, checkpoint):
    """`k2to3 … | head -1`: quiet, and the batch goes on."""
    for name in "abc":
        checkpoint_of(tmp_path / f"{name}.h5")
    reader, writer = os.pipe()
    os.close(reader)
    for arguments in (("batch", tmp_path, "--out", tmp_path / "out", "--verify", "none"), ("rules",)):
        done = subprocess.run(
            command(*arguments), env=environment(), stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    os.close(writer)
    assert len(list((tmp_path / "out").glob("*.keras"))) == 4


def test_closed_standard_output(tmp_path, checkpoint):
    script = '"$@" >&- 2>&-'
    arguments = command("convert", checkpoint, tmp_path / "new.keras", "--verify", "weights")
    done = subprocess.run(["sh", "-c", script, "sh", *arguments], env=environment(), check=False)
    assert done.returncode == 0 and (tmp_path / "new.keras").exists()


def test_json_is_plain(tmp_path):
    path = checkpoint_of(tmp_path / os.fsdecode(b"\xff\xe9.h5"))
    done = run("convert", path, tmp_path / "n.keras", "--verify", "none", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["source"] == str(path) and sys.getfilesystemencoding() == "utf-8"


def test_the_python_api_prints_nothing(capsys, checkpoint, tmp_path):
    k2to3.convert(checkpoint, tmp_path / "new.keras", verify="weights")
    assert capsys.readouterr() == ("", "")
