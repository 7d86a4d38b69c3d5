"""The commands of the tutorials run as they are written, and print what the page shows."""

from __future__ import annotations

import os
import re
import shlex

import pytest
from conftest import FIXTURES, ROOT
from k2to3.cli.main import main

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))


@pytest.mark.parametrize("page", TUTORIALS, ids=[page.stem for page in TUTORIALS])
def test_commands_print_what_the_page_shows(tmp_path, monkeypatch, capsys, page):
    os.symlink(FIXTURES, tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(\w*)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    printed = ""
    for kind, block in blocks:
        if kind == "sh":
            for command in block.strip().splitlines():
                assert main(shlex.split(command)[1:]) == 0, capsys.readouterr().err
            printed = capsys.readouterr().out
        else:
            missing = [line for line in block.strip().splitlines() if line not in printed]
            assert missing == [], printed
