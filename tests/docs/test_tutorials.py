"""The commands of the tutorials run as they are written, and print what the page shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIXTURES, ROOT
from k2to3.cli import unconverted
from k2to3.cli.main import main

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
FILE = re.compile(r"# (\S+\.py)\n")


def done(line: str) -> None:
    """One command; what follows `||` runs where it fails, as it is meant to."""
    command, _, fails = line.partition(" || ")
    program, *arguments = shlex.split(command)
    if program == "k2to3":
        code = main(arguments)
    elif program == "k2to3-unconverted":
        code = unconverted.main(arguments)
    else:
        program = sys.executable if program == "python" else program
        code = subprocess.run([program, *arguments], check=False).returncode
    assert bool(code) == bool(fails), f"{line}: {code}"


@pytest.mark.parametrize("page", TUTORIALS, ids=[page.stem for page in TUTORIALS])
def test_commands_print_what_the_page_shows(tmp_path: Path, monkeypatch, capsys, page: Path) -> None:
    for folder in (FIXTURES, ROOT / "docs"):
        os.symlink(folder, tmp_path / folder.name)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w*)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    printed = ""
    for kind, block in blocks:
        if kind == "sh":
            for command in block.strip().splitlines():
                done(command)
            printed = capsys.readouterr().out
        elif kind == "python" and (name := FILE.match(block)):
            Path(name.group(1)).write_text(block, encoding="utf-8")
        elif not kind:
            missing = [line for line in block.strip("\n").splitlines() if line not in printed]
            assert missing == [], printed


def test_every_tutorial_is_named_in_the_menu_and_on_the_first_page() -> None:
    menu, first = (ROOT / "mkdocs.yml").read_text(), (ROOT / "docs" / "index.md").read_text()
    assert [page.name for page in TUTORIALS if f"tutorials/{page.name}" not in menu] == []
    assert [page.name for page in TUTORIALS if f"tutorials/{page.name}" not in first] == []


def test_pages_do_not_write_over_each_other() -> None:
    """Somebody follows the README and all of them in one folder."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"&& \S*k2to3 convert \S+ (\S+)", readme)
    assert first
    found = {"README": {first[1], "converted"}}
    for page in TUTORIALS:
        text = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
        found[page.stem] = set(re.findall(r"k2to3 convert \S+ (\S+)|(?:--out|--report|--summary) (\S+)", text))
        found[page.stem] = {name for names in found[page.stem] for name in names if name}
    written = [name for names in found.values() for name in names]
    assert len(written) == len(set(written)) > 10, found
