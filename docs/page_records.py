"""docs/records.md from schemas/: every record and every field of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
ORDER = ("report", "inspect", "batch", "diff", "explain", "rules", "error", "manifest")
PRINTED = {
    "report": "`convert`, `verify` and `convert --dry-run` print it with `--json`, and `--report X.json` writes it.",
    "inspect": "`inspect` prints it with `--json`, and `--report X.json` writes it.",
    "batch": "`batch` prints it with `--json`, and `--report X.json` or `--summary X.json` writes it.",
    "diff": "`diff` prints it with `--json`.",
    "explain": "`explain` prints it with `--json`.",
    "rules": "`rules` prints it with `--json`.",
    "error": "Every command prints it with `--json` where it ends before it has another record.",
    "manifest": "`batch --manifest X.json` reads it.",
}
WORDS = {"string": "text", "integer": "whole number", "boolean": "true, false", "array": "list", "object": "object"}
Json = Mapping[str, Any]


def page() -> str:
    """A table for each schema."""
    lines = ["# Records", "", "What `--json` prints, and what `--report X.json` writes, on every outcome. Each record "]
    lines[-1] += "names its schema, whose number rises when a field changes its meaning or goes. A field in brackets "
    lines[-1] += "may be absent. The schemas are in [schemas/](../schemas), and in the package under `k2to3/schemas`."
    for name in ORDER:
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        lines += ["", f"## {name}", "", f"`{schema['$id']}`: {schema['title']}. {PRINTED[name]}", ""]
        lines += ["| field | is | meaning |", "|---|---|---|"]
        lines += [f"| {field} | {kind} | {meaning} |" for field, kind, meaning in fields(schema, schema, "", ())]
    return "\n".join(lines) + "\n"


def fields(schema: Json, node: Json, before: str, seen: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Every field below a node with its path, type and meaning; what holds itself is followed once."""
    for branch in branches(schema, node):
        needed = branch.get("required", ())
        for name, child in branch.get("properties", {}).items():
            reference = child.get("$ref", "")
            path = f"{before}{name}"
            shown = f"`{path}`" if name in needed else f"[`{path}`]"
            meaning = child["description"].replace("|", "\\|")
            yield shown, kind(schema, child), meaning + " (as above)" * (reference in seen)
            if reference not in seen:
                many = "[]" if "array" in _list(resolved(schema, child).get("type", ())) else ""
                yield from fields(schema, child, f"{path}{many}.", (*seen, reference) if reference else seen)


def branches(schema: Json, node: Json) -> Iterator[Json]:
    """What a node may be, elements of lists among it."""
    found = resolved(schema, node)
    yield found
    for one in (*found.get("oneOf", ()), *found.get("anyOf", ())):
        yield from branches(schema, one)
    if isinstance(found.get("items"), Mapping):
        yield from branches(schema, found["items"])


def resolved(schema: Json, node: Json) -> Json:
    """Behind a reference inside of the schema; another record is described in its own section."""
    reference = str(node.get("$ref", ""))
    return schema["$defs"][reference.rpartition("/")[2]] if reference.startswith("#") else node


def kind(schema: Json, node: Json) -> str:
    """The type of a field, in words."""
    found = resolved(schema, node)
    if "const" in found:
        return f"`{found['const']}`"
    if "enum" in found:
        return ", ".join("null" if value is None else f"`{value}`" for value in found["enum"])
    names = found.get("type", ())
    if "oneOf" in found:
        names = [name for one in found["oneOf"] for name in _list(resolved(schema, one).get("type", ()))]
    said = [WORDS.get(name, name) for name in _list(names)]
    return " or ".join(sorted(dict.fromkeys(said), key=lambda word: word == "null")) or "any"


def _list(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
