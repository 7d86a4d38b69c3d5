"""What was asked for, as JSON can say it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from k2to3.options.words import defaults, words

# Where files come out, and how the work is watched, changes nothing of what is done.
ASIDE = frozenset({"overwrite", "progress", "phase", "statistics", "dry_run"})


def asked(said: Mapping[str, Any], verb: Any) -> dict[str, Any]:
    """The options of a verb that are not their default; a function of Python's is named only."""
    known = defaults(verb)
    names = [name for name, _, _ in words(verb) if name in said and name not in ASIDE]
    return {name: plain(said[name]) for name in names if not _default(said[name], known[name])}


def _default(value: Any, default: Any) -> bool:
    return value is default or value == default or (default == () and not value)


def plain(value: Any) -> Any:
    """A value of an option as JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, FunctionType):
        return f"a function of Python: {value.__qualname__}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)
