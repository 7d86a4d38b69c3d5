"""The grammar of the command line."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from k2to3.cli.completion import SHELLS
from k2to3.cli.folding import folded
from k2to3.cli.options import add_options
from k2to3.options.words import BatchOptions, ConvertOptions, DiffOptions, InspectOptions, VerifyOptions
from k2to3.printable import printable
from k2to3.report.versions import Versions

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "convert": (
        "k2to3 convert old.h5 new.keras                convert and prove it",
        "k2to3 convert old.h5 new.keras --verify none  convert only; needs no Keras",
        "k2to3 convert old.h5 new.keras --report report.html",
        "k2to3 convert weights.h5 new.keras --architecture model.json",
        "k2to3 convert weights.h5 new.keras --architecture mine.py:build_model",
        "k2to3 convert old.h5 new.safetensors          the weights alone, under their Keras 3 paths",
    ),
    "inspect": (
        "k2to3 inspect old.h5                          who wrote it, what will change, what blocks",
        "k2to3 inspect old.h5 --report report.html     the same as a page, with the graph",
    ),
    "verify": ("k2to3 verify old.h5 new.keras                 prove an archive again",),
    "batch": (
        "k2to3 batch models/ --out converted/ --jobs 2",
        "k2to3 batch --status --out converted/         what was done, and why the rest was not",
    ),
    "diff": ("k2to3 diff old.h5 new.safetensors             compare two files tensor by tensor",),
    "rules": ("k2to3 rules                                   every layer class, and what Keras changed",),
    "explain": (
        "k2to3 explain \"Unknown layer: 'TFOpLambda'\"   what a message means, and what helps",
        "k2to3 explain < traceback.txt",
    ),
    "completion": ('eval "$(k2to3 completion bash)"               in ~/.bashrc',),
}
CODES = """\
exit codes:
  0   converted and proved, equal
  1   refused: cannot be exact
  2   wrong usage
  3   nothing to do: already Keras 3
  4   unsafe file
  5   not equal: the proof failed, or diff found a difference
  6   file missing, unreadable, exists, disk full
  7   the proof could not be run: nothing was written
  8   written, but not proved to the level that was asked for
  9   not a file that Keras 1 or 2 saved
  70  a fault of k2to3
  130 interrupted (143: by SIGTERM, 129: by SIGHUP)
"""


def epilog(*verbs: str) -> str:
    """Examples of these commands, and what exit codes mean."""
    lines = [f"  {line}" for verb in verbs for line in EXAMPLES[verb]]
    return "\n".join(["examples:", *lines, "", CODES])


EPILOG = epilog(*EXAMPLES)
DIFF = (
    "Compare two files tensor by tensor: Keras 2 files, .keras, .safetensors or .weights.h5. "
    "A Keras 2 file is read as the variables it becomes where the other is of Keras 3."
)
PHASED = ("convert", "verify")
Verb = Callable[[argparse.Namespace], int]


class Command(NamedTuple):
    """What a command is for, and what declares its arguments."""

    text: str
    fill: Callable[[Any], None]


class Help(argparse.RawDescriptionHelpFormatter):
    """Lines keep their places, but for those that are wider than the terminal."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + piece for line in text.splitlines() for piece in folded(line, width))


class Parser(argparse.ArgumentParser):
    """Arguments may be names of files, which are never printed raw."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error(_too_many(found, rest))
        return found

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


class ShowVersions(argparse.Action):
    """Looked up when asked for alone."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(", ".join(f"{name} {version}" for name, version in Versions().items()))
        parser.exit()


def _too_many(found: argparse.Namespace, rest: Sequence[str]) -> str:
    """Names after source and target are taken for more sources."""
    said = f"unrecognized arguments: {' '.join(rest)}"
    if found.verb != "convert" or any(text.startswith("-") for text in rest):
        return said
    command = shlex.join(["k2to3", "batch", found.source, found.target, *rest, "--out", "converted"])
    return f"{said}; convert takes one source and its target, batch takes many: {command}"


def parser(verbs: Mapping[str, Callable[[], Verb]], said: str | None = None) -> argparse.ArgumentParser:
    """The whole grammar; `verbs` fetch what each command does.

    Where `said` is a command it is all that there is: the others take longer to declare than many a command to run.
    """
    top = Parser(
        prog="k2to3",
        description="Convert Keras 2 HDF5 checkpoints to Keras 3 and prove that they compute the same.",
        epilog=EPILOG,
        formatter_class=Help,
    )
    top.add_argument(
        "-V", "--version", action=ShowVersions, nargs=0, help="print versions, those of Keras and h5py too"
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        if said not in COMMANDS or said == name:
            command.fill(_command(commands, name, command.text, verbs[name]))
    return top


def _command(commands: Any, name: str, text: str, fetch: Callable[[], Verb]) -> Any:
    found = commands.add_parser(name, help=text, description=text, epilog=epilog(name), formatter_class=Help)
    found.set_defaults(fetch=fetch, verb=name)
    found.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    fault = "print where a fault of k2to3 was"
    said = f"print each phase as it begins, and {fault.removeprefix('print ')}" if name in PHASED else fault
    found.add_argument("-v", "--verbose", action="store_true", help=said)
    return found


def _json(found: Any, what: str = "the report") -> None:
    found.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def _report(found: Any, what: str = "the report") -> None:
    forms = ".json" if what == "all reports" else ".html (a page), .md (a comment) or .json"
    found.add_argument("--report", metavar="FILE", help=f"write {what}, by the ending of its name: {forms}")
    _json(found, what)


def _convert(found: Any) -> None:
    found.add_argument("source", help="what Keras 1 or 2 saved: .h5, .keras, SavedModel folder, .index (never touched)")
    found.add_argument("target", nargs="?", help="new.keras, new.safetensors or new.weights.h5")
    _report(found)
    add_options(found, ConvertOptions)


def _inspect(found: Any) -> None:
    found.add_argument("source", help="any file or folder")
    found.add_argument("--weights", action="store_true", help="list every weight")
    found.add_argument("--overwrite", action="store_true", help="replace an existing report")
    _report(found, "what was found")
    add_options(found, InspectOptions)


def _verify(found: Any) -> None:
    found.add_argument("source", help="what Keras 1 or 2 saved, as it was given to convert")
    found.add_argument("target", help="the .keras, .safetensors or .weights.h5 file")
    found.add_argument("--overwrite", action="store_true", help="replace an existing report")
    _report(found)
    add_options(found, VerifyOptions)


def _batch(found: Any) -> None:
    found.add_argument("sources", nargs="*", metavar="source", help="files, folders, patterns ('old/**/*.h5'), URLs")
    found.add_argument("--out", required=True, metavar="DEST", help="folder or URL where the same tree is written")
    found.add_argument("--status", action="store_true", help="say what the ledger of DEST knows, and do nothing")
    found.add_argument(
        "--summary", action="append", default=[], metavar="FILE", help="write counts and causes: .md, .html or .json"
    )
    found.add_argument("--json-lines", action="store_true", help="print the report of each file as a line of JSON")
    _report(found, "all reports")
    add_options(found, BatchOptions)


def _diff(found: Any) -> None:
    found.add_argument("source", metavar="A", help="one file")
    found.add_argument("target", metavar="B", help="the other file")
    found.add_argument("--all", action="store_true", help="list equal tensors too")
    _json(found)
    add_options(found, DiffOptions)


def _rules(found: Any) -> None:
    found.add_argument("--json", action="store_true", help="print as JSON")


def _explain(found: Any) -> None:
    found.add_argument("text", nargs="*", help="the message or the whole traceback, pasted; - reads it from the input")
    _json(found, "the page")


def _completion(found: Any) -> None:
    found.add_argument("shell", choices=list(SHELLS), help="which shell")
    found.set_defaults(json=False)


COMMANDS: Mapping[str, Command] = {
    "convert": Command("Convert one checkpoint and prove it.", _convert),
    "inspect": Command("Say what is in a file, what will change and what blocks.", _inspect),
    "verify": Command("Prove an archive against the checkpoint it came from.", _verify),
    "batch": Command("Convert many checkpoints; what an earlier run did is not done again.", _batch),
    "diff": Command(DIFF, _diff),
    "rules": Command("List every rule with what Keras changed.", _rules),
    "explain": Command("Say what a message of Keras means, and which command helps.", _explain),
    "completion": Command("Print what a shell needs to complete commands and options.", _completion),
}
