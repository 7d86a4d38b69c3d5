"""What each command does. A command imports what it needs when it runs: no other one is waited for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from k2to3.cli.completion import SHELLS, commands
from k2to3.cli.parser import parser


def _convert(arguments: argparse.Namespace) -> int:
    from k2to3.cli.convert import convert

    return convert(arguments)


def _inspect(arguments: argparse.Namespace) -> int:
    from k2to3.cli.inspect import inspect

    return inspect(arguments)


def _verify(arguments: argparse.Namespace) -> int:
    from k2to3.cli.verify import verify

    return verify(arguments)


def _batch(arguments: argparse.Namespace) -> int:
    from k2to3.cli.batch import batch

    return batch(arguments)


def _diff(arguments: argparse.Namespace) -> int:
    from k2to3.cli.diff import diff

    return diff(arguments)


def _rules(arguments: argparse.Namespace) -> int:
    from k2to3.cli.rules import rules

    return rules(arguments)


def _explain(arguments: argparse.Namespace) -> int:
    from k2to3.cli.explain import explain

    return explain(arguments)


def _completion(arguments: argparse.Namespace) -> int:
    print(SHELLS[arguments.shell](commands(parser(VERBS))), end="")
    return 0


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "convert": _convert,
    "inspect": _inspect,
    "verify": _verify,
    "batch": _batch,
    "diff": _diff,
    "rules": _rules,
    "explain": _explain,
    "completion": _completion,
}
