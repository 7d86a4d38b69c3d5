"""Documentation that cannot drift: pages made from the code, examples that parse."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from types import FunctionType

import k2to3
import pytest
from conftest import ROOT
from k2to3 import errors
from k2to3.cli.parser import EPILOG, parser
from k2to3.cli.verbs import VERBS
from k2to3.options.words import words

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


SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))


def schema_fields(node: object, path: str = "") -> list[tuple[str, object]]:
    """Every field with its path and what the schema says of it."""
    if isinstance(node, list):
        return [found for item in node for found in schema_fields(item, path)]
    if not isinstance(node, dict):
        return []
    own = node.get("properties", {})
    found = [(f"{path}.{name}", child) for name, child in own.items()]
    found += [each for name, child in own.items() for each in schema_fields(child, f"{path}.{name}")]
    rest = {key: value for key, value in node.items() if key not in ("properties", "required", "enum", "const")}
    return found + [each for value in rest.values() for each in schema_fields(value, path)]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name.partition(".")[0])
def test_every_field_of_every_record_is_explained(schema):
    name = schema.name.partition(".")[0]
    page = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)[1]
    rows = [(re.sub(r"[\[\]`]", "", row.split("|")[1]).strip(), row) for row in section.splitlines() if "|" in row]
    found = schema_fields(json.loads(schema.read_text(encoding="utf-8")))
    assert found and [path for path, field in found if not field.get("description")] == []
    for path, field in found:
        said = field["description"].replace("|", "\\|")
        assert any(f".{name}".endswith(path) and said in row for name, row in rows), path


def test_the_page_on_python_has_every_verb_option_and_error():
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    public = [name for name in k2to3.__all__ if isinstance(getattr(k2to3, name), FunctionType) and name not in RULES]
    assert [name for name in public if f"### k2to3.{name}\n" not in page] == []
    options = {name for verb in GENERATOR["page_python"].VERBS.values() for name, _, _ in words(verb)}
    assert [name for name in options if f"| `{name}` |" not in page] == []
    tree = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.K2to3Error)}
    assert [kind.__name__ for kind in tree if f"| `{kind.__name__}` | {kind.exit_code} |" not in page] == []


RULES = ("rule", "as_stored")
"""Documented in docs/rules.md."""
