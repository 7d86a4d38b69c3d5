"""Documentation that cannot drift: pages made from the code, examples that parse."""

from __future__ import annotations

import re
import runpy
import shlex

import pytest
from conftest import ROOT
from k2to3 import errors
from k2to3.cli.parser import EPILOG, parser
from k2to3.cli.verbs import VERBS

GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("name", sorted(GENERATOR["PAGES"]))
def test_generated_pages_are_up_to_date(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == GENERATOR["PAGES"][name](), "run: python docs/generate.py"


def test_every_command_and_option_has_a_help_text():
    for name, command in GENERATOR["commands"](parser(VERBS)).items():
        assert f"k2to3 {name}" in EPILOG + README, f"no example of {name}"
        assert [term for term, text in GENERATOR["arguments"](command) if not text] == []


def examples() -> list[str]:
    texts = [README, EPILOG, *(page.read_text(encoding="utf-8") for page in PAGES)]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    found = [re.split(r"\s{2,}| #|&&", line)[0] for line in lines if line.startswith("k2to3 ")]
    return sorted(set(found))


@pytest.mark.parametrize("line", examples())
def test_examples_are_understood_by_the_parser(line):
    parser(VERBS).parse_args(shlex.split(line)[1:])


def test_exit_codes_in_the_readme():
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert shown == codes | {0, errors.NOT_REACHED}


def test_files_named_in_the_documentation_exist():
    for page in [ROOT / "README.md", *PAGES]:
        text = page.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r"\bfixtures/[\w.\-]+\.h5\b", text)
        for link in links:
            base = ROOT if link.startswith("fixtures/") else page.parent
            assert link.startswith("http") or (base / link).exists(), f"{page.name}: {link}"


def test_no_path_of_one_machine_in_the_pages():
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *PAGES]:
        assert not re.search(r"/(home|root|opt|tmp|work)/", page.read_text(encoding="utf-8")), page
