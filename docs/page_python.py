"""docs/python.md from the code: verbs, options, what they return, errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import k2to3
from k2to3 import errors
from k2to3.options.words import (
    BatchOptions,
    ConvertOptions,
    DiffOptions,
    InspectOptions,
    LoadOptions,
    LoadWeightsOptions,
    PlanOptions,
    VerifyOptions,
    Word,
    choices,
    words,
)

VERBS: dict[str, Any] = {
    "convert": ConvertOptions,
    "plan": PlanOptions,
    "verify": VerifyOptions,
    "inspect": InspectOptions,
    "diff": DiffOptions,
    "batch": BatchOptions,
    "load_model": LoadOptions,
    "load_weights": LoadWeightsOptions,
}
RETURNED = (k2to3.Report, k2to3.Inspection, k2to3.Comparison, k2to3.Loaded, k2to3.Finding)
SECTION = re.compile(r"\n(Args|Raises|Returns):\n(.*?)(?=\n\n|\Z)", re.DOTALL)
OPTIONS = re.compile(r"see `k2to3\.options\.words\.\w+`(, or `k2to3 \w+ --help`)?")
HEAD = """# In Python

```python
import k2to3

report = k2to3.convert("old.h5", "new.keras")
report.ok  # True: all that was asked for was done, and proved as far as it was asked
report.save("report.html")  # or .md, .json; a notebook shows the report by itself
k2to3.convert("other.h5", "other.keras", phase=print)  # says what begins: plan, write, prove weights, prove outputs
model = k2to3.load_model("old.h5")  # a live Keras 3 model
```

The command line calls these functions with the same words: `--min-keras 3.3` is `min_keras="3.3"`. All of them are
typed: a wrong word fails in mypy and in an editor. What fails raises one of the [errors](#errors) below. Rules of your
own (`k2to3.rule`, `Context`, `Native`, `Composite`, …) are in [Writing rules](rules.md)."""


def page() -> str:
    """The whole page."""
    lines = [HEAD, "", "## Verbs"]
    for name in VERBS:
        lines += ["", f"### k2to3.{name}", "", *_verb(getattr(k2to3, name))]
    lines += ["", "## Options", "", "| option | default | verbs | meaning |", "|---|---|---|---|", *_options()]
    lines += ["", "## What they return", "", "As records: [Records](records.md)."]
    for kind in RETURNED:
        lines += ["", f"### {kind.__name__}", "", *_paragraphs(inspect.getdoc(kind) or ""), "", *_members(kind)]
    lines += ["", "## Errors", "", "Each has `message`, `file`, `layer`, `key`, `hint` and `exit_code`.", ""]
    lines += [
        "| error | exit code | what it means | what helps, where it does not say |",
        "|---|---|---|---|",
        *_errors(),
    ]
    return "\n".join(lines) + "\n"


def _verb(function: Any) -> Iterator[str]:
    given = [_parameter(item) for item in inspect.signature(function).parameters.values()]
    yield f"`{function.__name__}({', '.join(given)})`"
    text = inspect.getdoc(function) or ""
    found: dict[str, str] = dict(SECTION.findall(text))
    yield from ("", *_paragraphs(SECTION.sub("", text)))
    for title, body in found.items():
        if title == "Args":
            yield ""
            yield from (f"- `{name}`: {said}" for name, said in _entries(body))
        elif title == "Raises":
            yield from ("", f"Raises {' '.join(body.split())}")


def _parameter(item: inspect.Parameter) -> str:
    default = "" if item.default is item.empty else f"={item.default!r}"
    return ("**" if item.kind is item.VAR_KEYWORD else "") + item.name + default


def _entries(body: str) -> Iterator[tuple[str, str]]:
    for entry in re.split(r"\n    (?=\S)", "\n" + body)[1:]:
        name, _, said = OPTIONS.sub("see [Options](#options)", " ".join(entry.split())).partition(": ")
        yield name, said


def _paragraphs(text: str) -> list[str]:
    text = OPTIONS.sub("see [Options](#options)", text)
    return [line for part in text.strip().split("\n\n") for line in (" ".join(part.split()), "")][:-1]


def _options() -> Iterator[str]:
    verbs: dict[str, list[str]] = {}
    said: dict[str, tuple[Any, Word]] = {}
    for verb, group in VERBS.items():
        for name, kind, word in words(group):
            verbs.setdefault(name, []).append(verb)
            said.setdefault(name, (kind, word))
    for name, (kind, word) in sorted(said.items()):
        one_of = choices(kind)
        values = f" ({', '.join(f'`{value}`' for value in one_of)})" if one_of else ""
        where = "all" if len(verbs[name]) == len(VERBS) else ", ".join(verbs[name])
        default = "" if word.default in (None, ()) else f"`{word.default!r}`"
        switch = "`False`: " if word.default is True else ""
        yield f"| `{name}` | {default} | {where} | {switch}{word.help.replace('|', chr(92) + '|')}{values} |"


def _members(kind: Any) -> Iterator[str]:
    yield f"Fields: {', '.join(f'`{item.name}`' for item in fields(kind) if item.name != 'used')}."
    own = [name for name in vars(kind) if not name.startswith("_") and _documented(kind, name)]
    if own:
        yield ""
    for name in own:
        called = "" if isinstance(vars(kind)[name], property) else "()"
        yield f"- `{name}{called}`: {_paragraphs(inspect.getdoc(vars(kind)[name]) or '')[0]}"


def _documented(kind: Any, name: str) -> bool:
    found = vars(kind)[name]
    return (callable(found) or isinstance(found, property)) and name not in ("describe", "fail", "phase")


def _errors() -> Iterator[str]:
    for kind in (kind for kind in errors._descendants(errors.K2to3Error) if kind.__module__ == errors.__name__):
        text = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        advice = "please report it" if issubclass(kind, errors.InternalError) else kind.advice
        yield f"| `{kind.__name__}` | {kind.exit_code} | {text} | {advice} |"
