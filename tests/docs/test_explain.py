"""Messages that people pasted into public threads find their page, and the commands of pages fix such files."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from k2to3.cli.main import main
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from k2to3.explain.find import explain
from k2to3.explain.table import entries
from pages_files import FIXES, SEEN

THREADS = Path(__file__).with_name("error_threads.tsv")
ALL = entries()
PAGES = {entry.name: entry for entry in ALL}
RIGHT = 0.95


def threads() -> list[dict[str, str]]:
    with THREADS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_texts_of_public_threads_find_the_right_page():
    rows = threads()
    assert len(rows) >= 60 and len({row["thread"] for row in rows}) == len(rows)
    found = [(row, explain(row["text"], ALL)) for row in rows]
    wrong = [
        f"{row['text'][:80]}: {page and page.name}, not {row['page']}"
        for row, page in found
        if not page or page.name != row["page"]
    ]
    assert len(wrong) <= (1 - RIGHT) * len(rows), wrong


def test_the_page_is_found_inside_of_a_traceback_too():
    around = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    model = load_model("m.h5")\n{}\n'
    )
    for row in threads()[:20]:
        page = explain(around.format(row["text"]), ALL)
        assert page is not None and page.name == row["page"]


def test_every_heading_finds_its_own_page():
    assert [
        entry.name for entry in ALL if (found := explain(entry.heading, ALL)) is None or found.name != entry.name
    ] == []


def test_a_text_of_something_else_finds_none(capsys):
    assert explain("CUDA error: out of memory") is None
    assert main(["explain", "CUDA error: out of memory"]) == 1
    assert "no page" in capsys.readouterr().out


def test_names_are_unique_and_commands_are_understood():
    assert len(PAGES) == len(ALL)
    grammar = parser(VERBS)
    for entry in ALL:
        for command in entry.commands:
            parts = shlex.split(command)
            assert parts[0] == "k2to3"
            grammar.parse_args(parts[1:])


def test_as_json(capsys, monkeypatch):
    import jsonschema

    schema = json.loads((ROOT / "schemas" / "explain.schema.json").read_text())
    for text in ("bad marshal data", "nothing of Keras"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        main(["explain", "-", "--json"])
        jsonschema.validate(json.loads(capsys.readouterr().out), schema)


@pytest.mark.parametrize(("name", "make", "which"), FIXES, ids=[f"{name}, {which}" for name, _, which in FIXES])
def test_the_command_of_a_page_fixes_a_file_that_shows_the_message(tmp_path, monkeypatch, capsys, name, make, which):
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    command = shlex.split(PAGES[name].commands[which])[1:]
    assert main([*command, "--verify", "weights"]) == 0, capsys.readouterr().err
    assert "proved to the level 'weights'" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "make", "which", "code", "says"), SEEN, ids=[name for name, *_ in SEEN])
def test_the_command_of_a_page_says_what_a_file_is(tmp_path, monkeypatch, capsys, name, make, which, code, says):
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(PAGES[name].commands[which])[1:]) == code
    printed = capsys.readouterr()
    assert says in printed.out + printed.err


def test_no_page_without_a_file():
    assert sorted(PAGES.keys() - {name for name, *_ in [*FIXES, *SEEN]}) == []


SHOWN = {
    "groups", "time-major", "incompatible-input", "nested-node", "cudnn", "layer-list", "no-config", "custom-class",
    "activation", "lambda-safe-mode", "tf-op-lambda", "policy", "addons", "lr", "saved-model", "layer-count",
    "wrapped-class",
}  # fmt: skip
"""Pages of messages that the installed Keras 3 shows on the files above."""


@pytest.mark.keras
def test_what_keras_3_says_of_these_files_finds_a_page(tmp_path):
    files = []
    for number, (_, make, _) in enumerate(FIXES):
        (tmp_path / str(number)).mkdir()
        files.append(make(tmp_path / str(number)))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("keras_says_worker.py"))],
        input="".join(f"{path}\n" for path in files), capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(files)
    found = {text: explain(text, ALL) for text in said if text is not None}
    assert [text for text, page in found.items() if page is None] == []
    assert {page.name for page in found.values() if page is not None} >= SHOWN
