"""What each command does: imported when it is wanted, so that no other one is waited for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from k2to3.cli.completion import SHELLS, commands
from k2to3.cli.parser import Verb, parser


def _convert() -> Verb:
    from k2to3.cli.convert import convert

    return convert


def _inspect() -> Verb:
    from k2to3.cli.inspect import inspect

    return inspect


def _verify() -> Verb:
    from k2to3.cli.verify import verify

    return verify


def _batch() -> Verb:
    from k2to3.cli.batch import batch

    return batch


def _diff() -> Verb:
    from k2to3.cli.diff import diff

    return diff


def _rules() -> Verb:
    from k2to3.cli.rules import rules

    return rules


def _explain() -> Verb:
    from k2to3.cli.explain import explain

    return explain


def _completion() -> Verb:
    def completion(arguments: argparse.Namespace) -> int:
        print(SHELLS[arguments.shell](commands(parser(VERBS))), end="")
        return 0

    return completion


VERBS: Mapping[str, Callable[[], Verb]] = {
    "convert": _convert,
    "inspect": _inspect,
    "verify": _verify,
    "batch": _batch,
    "diff": _diff,
    "rules": _rules,
    "explain": _explain,
    "completion": _completion,
}
