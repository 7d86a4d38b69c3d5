"""The page on security says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields

from conftest import ROOT
from k2to3.limits import Limits

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_table_of_limits():
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| (.+) \|$", TEXT, re.MULTILINE)
    assert rows == [(item.name, f"{item.default:,}", item.metadata["about"]) for item in fields(Limits)]


def test_every_promise_names_a_test():
    section = TEXT.split("## What is promised")[1].split("## Limits")[0]
    promises = re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]
    assert len(promises) == 11
    assert all(re.search(r"\]\(\.\./tests/(attacks|isolation)/\w+\.py\)", promise) for promise in promises)
