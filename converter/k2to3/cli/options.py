"""Arguments of the command line, made from the words of `k2to3.options`."""

from __future__ import annotations

import argparse
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from k2to3.options.words import Word, choices, flag, groups, words

NUMBERS = (int, float)


def add_options(parser: argparse.ArgumentParser, verb: Any) -> None:
    """Every option of a verb, in groups by what it is about."""
    for group in (verb, *groups(verb)):
        found = parser.add_argument_group(str(group.__doc__))
        for name, kind, word in words(group, own=True):
            if word.spoken:
                _add(found, name, kind, word)


def said(arguments: argparse.Namespace, verb: Any) -> dict[str, Any]:
    """What was said on the command line, under the names that the Python API has."""
    return {name: getattr(arguments, name) for name, _, word in words(verb) if word.spoken}


def _add(parser: Any, name: str, kind: Any, word: Word) -> None:
    settings: dict[str, Any] = {"dest": name, "help": word.help, "default": word.default}
    if kind is bool:
        settings["action"] = "store_false" if word.default else "store_true"
    elif word.repeated:
        settings.update(action="append", default=[], metavar=word.metavar)
    elif choices(kind) is not None:
        settings["choices"] = choices(kind)
    else:
        settings.update(metavar=word.metavar, **_number(kind))
    parser.add_argument(flag(name, word), **settings)


def _number(kind: Any) -> dict[str, Any]:
    """How a value is read that can only be a number."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    plain = [item for item in kinds if item is not NoneType]
    return {"type": plain[0]} if len(plain) == 1 and plain[0] in NUMBERS else {}
