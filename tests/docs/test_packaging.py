"""What a package index and an installer are told."""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
import types

import k2to3
import pytest
from conftest import ROOT
from k2to3.bytecode.opcode_tables import OPCODES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def shown(monkeypatch):
    """The README as the index shows it; hatchling is where a package is built, not where it is tested."""
    interface = types.ModuleType("interface")
    interface.MetadataHookInterface = object
    monkeypatch.setitem(sys.modules, "hatchling.metadata.plugin.interface", interface)
    return runpy.run_path(str(ROOT / "hatch_build.py"))["shown"]


def test_no_link_of_the_index_leads_nowhere(shown):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", readme)
    found = shown(readme)
    assert len(links) > 20 and all(f"`{link}`" in found for link in links if not link.startswith("http"))
    assert [link for link in re.findall(r"\]\(([^)]+)\)", found) if not link.startswith("http")] == []
    assert found.startswith("# k2to3\n") and "source distribution" in found


def test_a_link_to_elsewhere_stays(shown):
    text = "# x\n[a](https://keras.io) [b](docs/b.md) [docs/c.md](docs/c.md) [d](#d)\n"
    assert shown(text).endswith("[a](https://keras.io) b (`docs/b.md`) `docs/c.md` [d](#d)\n")


def test_the_version_is_one():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {k2to3.__version__}\n" in citation
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest and newest[1] in ("Unreleased", k2to3.__version__)


def test_every_python_is_one_whose_bytecode_is_known():
    pythons = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    oldest, last = pythons[0], int(pythons[-1].partition(".")[2])
    assert PROJECT["requires-python"] == f">={oldest},<3.{last + 1}"
    assert [python for python in pythons if python not in OPCODES] == []
