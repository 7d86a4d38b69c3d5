"""All that the command line says: in every encoding, at sixty columns, with a terminal and without."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from conftest import FIXTURES, small_model, write_checkpoint
from k2to3.cli.folding import folded
from k2to3.cli.main import main
from k2to3.cli.verbs import VERBS
from k2to3.explain.table import entries

ENCODINGS = ("ascii", "cp1252", "cp850", "utf-8")
COLUMNS = 60
OLD = "keras-2.2.4__text_lstm.h5"
SAID = [
    ["--help"],
    ["-V"],
    *([verb, "--help"] for verb in VERBS),
    *([verb, "--no-such-option"] for verb in VERBS),
    ["rules"],
    *(["completion", shell] for shell in ("bash", "zsh", "fish", "powershell")),
    ["inspect", "old.h5"],
    ["inspect", "old.h5", "--weights"],
    ["inspect", "custom.h5"],
    ["inspect", "missing.h5"],
    ["convert", "old.h5", "new.keras", "--verify", "weights"],
    ["convert", "old.h5", "new.keras"],
    ["convert", "old.h5"],
    ["convert", "custom.h5", "other.keras"],
    ["convert", "müller\u202e.h5", "other.keras"],
    ["diff", "old.h5", "new.keras"],
    ["batch", "old.h5", "custom.h5", "--out", "done", "--verify", "none", "--dry-run"],
    ["explain", "nothing that Keras says"],
]

WORDY = [
    ["--help"],
    ["rules"],
    ["inspect", "old.h5"],
    ["convert", "custom.h5", "other.keras"],
    ["inspect", "custom.h5"],
]
"""What says most, in characters of all kinds."""


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def said(
    monkeypatch: pytest.MonkeyPatch, stream: io.TextIOWrapper, arguments: list[str], errors: io.StringIO | None = None
) -> str:
    """What a command printed, both streams unless `errors` takes one, as the bytes that arrived."""
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", stream if errors is None else errors)
    try:
        code = main(arguments)
    except SystemExit as asked:
        code = int(asked.code or 0)
    assert code != 70, arguments
    stream.flush()
    found = stream.buffer.getvalue().decode(stream.encoding)  # type: ignore[attr-defined]
    assert found and "Traceback" not in found and "\u202e" not in found and "\x1b[2J" not in found
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("NO_COLOR", "1")
    shutil.copy(FIXTURES / OLD, "old.h5")
    config, weights = small_model()
    config["config"]["layers"][0]["config"] |= {"name": "dichte_ß_层", "activation": "mine"}
    write_checkpoint(tmp_path / "custom.h5", config, weights)
    return tmp_path


@pytest.mark.parametrize(
    ("encoding", "kind", "commands"),
    [
        ("ascii", io.TextIOWrapper, SAID),
        ("cp850", Terminal, WORDY),
        *((encoding, io.TextIOWrapper, WORDY) for encoding in ENCODINGS[1:]),
    ],
    ids=["ascii, all", "cp850, a terminal", *ENCODINGS[1:]],
)
def test_everything_is_printed(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoding: str,
    kind: type[io.TextIOWrapper],
    commands: list[list[str]],
) -> None:
    for arguments in commands:
        said(monkeypatch, kind(io.BytesIO(), encoding=encoding), arguments)


def too_wide(line: str) -> bool:
    """Wider than the terminal, though a space would let it be folded: commands and long names may be."""
    return len(line) > COLUMNS and not line.lstrip().startswith(("k2to3", "open it with:", "eval", "[--")) and (
        len(line.lstrip().split()[0]) + len(line) - len(line.lstrip()) < COLUMNS
    )  # fmt: skip


PROSE = [
    ["--help"],
    *([verb, "--help"] for verb in VERBS),
    ["rules"],
    ["inspect", "old.h5"],
    ["convert", "old.h5", "new.keras", "--verify", "weights"],
    *(["explain", entry.heading] for entry in entries()),
]


def test_prose_fits_a_narrow_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in PROSE:
        found = said(monkeypatch, Terminal(io.BytesIO(), encoding="utf-8"), arguments, io.StringIO())
        assert [line for line in found.splitlines() if too_wide(line)] == [], arguments


def test_a_pipe_gets_lines_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(monkeypatch, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), ["explain", "bad marshal data"])
    assert max(map(len, found.splitlines())) > COLUMNS


def test_words_and_commands_stay_whole() -> None:
    assert folded("  drift    a b c " + "word " * 3, 20) == ["  drift    a b c", "      word word word"]
    assert folded("k2to3 convert " + "x" * 80 + "   what it is", 40) == ["k2to3 convert " + "x" * 80, "    what it is"]
    assert folded("short", 5) == ["short"] and folded("y" * 30, 10) == ["y" * 30]
