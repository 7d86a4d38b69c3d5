"""Write the pages that are made from the code: python docs/generate.py

A test fails when a page is not what this script writes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent / "converter"), str(DOCS)]

import page_python  # noqa: E402
import page_records  # noqa: E402
from k2to3.cli.parser import EPILOG, parser  # noqa: E402
from k2to3.cli.verbs import VERBS  # noqa: E402
from k2to3.explain.entry import Entry  # noqa: E402
from k2to3.explain.table import entries  # noqa: E402

HEAD = "<!-- Written by docs/generate.py; do not edit. -->\n\n"


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The subcommands by name."""
    found = next(action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def cli() -> str:
    """The command line, one table of arguments for each command."""
    lines = ["# Command line", "", "```", *EPILOG.rstrip().splitlines(), "```"]
    for name, command in commands(parser(VERBS)).items():
        lines += ["", f"## k2to3 {name}", "", command.description or "", "", "| argument | meaning |", "|---|---|"]
        lines += [f"| `{term}` | {text} |" for term, text in arguments(command)]
    return HEAD + "\n".join(lines) + "\n"


def arguments(command: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in command._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        value = action.metavar or ("{" + ",".join(action.choices) + "}" if action.choices else None)
        if not action.option_strings:
            yield str(action.dest), action.help or ""
        else:
            shown = value or (action.dest.upper() if action.nargs != 0 else "")
            yield f"{', '.join(action.option_strings)} {shown}".strip().replace("|", "\\|"), action.help or ""


def errors() -> str:
    """All messages, each with a page of its own."""
    lines = ["# Messages of Keras on old files", "", "What Keras 3, TensorFlow 2.16 and later, and old Kerases say; "]
    lines[-1] += '`k2to3 explain "pasted text"` finds the page of a message, offline.'
    lines += ["", "| message | page |", "|---|---|"]
    for entry in entries():
        heading = entry.heading.replace("|", "\\|").replace("`", "")
        lines.append(f"| `{heading}` | [{entry.name}](errors/{entry.name}.md) |")
    return HEAD + "\n".join(lines) + "\n"


def error(entry: Entry) -> str:
    """The page of one message: the pasted text is the heading, so that a search finds it."""
    return HEAD + "\n".join(
        [
            f"# {entry.heading.replace('<', '&lt;')}",
            "",
            entry.meaning,
            "",
            "## What Keras changed",
            "",
            entry.changed,
            "",
            "## What helps",
            "",
            "```sh",
            *entry.commands,
            "```",
            "",
            "[All messages](../errors.md)",
            "",
        ]
    )


PAGES = {
    "cli.md": cli,
    "errors.md": errors,
    "python.md": lambda: HEAD + page_python.page(),
    "records.md": lambda: HEAD + page_records.page(),
}
PAGES |= {f"errors/{entry.name}.md": partial(error, entry) for entry in entries()}


def main() -> None:
    (DOCS / "errors").mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
