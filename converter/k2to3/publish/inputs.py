"""Which files a run reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from k2to3.errors import FileError

PathLike = str | os.PathLike[str]
KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def inputs_of(
    *given: PathLike | None,
    reference: PathLike | None = None,
    architecture: PathLike | None = None,
    custom_objects: PathLike | None = None,
    rules: Sequence[PathLike] | PathLike = (),
    vocabularies: Mapping[str, Any] | Sequence[str] = (),
    **_: Any,
) -> list[Path]:
    """Every file that the options of a verb name; `given` are files as they are."""
    found = [Path(path) for path in (*given, reference) if path is not None]
    found += [Path(path) for path in _before_colon(architecture)]
    if custom_objects is not None and os.fspath(custom_objects).endswith(".py"):
        found.append(Path(custom_objects))
    found += [Path(path) for path in ([rules] if isinstance(rules, (str, os.PathLike)) else rules)]
    return found + [Path(path) for path in _vocabularies(vocabularies)]


def _before_colon(architecture: PathLike | None) -> Iterator[str]:
    """`file.py:function` reads `file.py`."""
    if architecture is not None:
        text = os.fspath(architecture)
        yield text
        head, colon, _ = text.rpartition(":")
        if colon and head.endswith(".py"):
            yield head


def _vocabularies(given: Mapping[str, Any] | Sequence[str]) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield from (text.partition("=")[2] for text in given)
        return
    yield from (os.fspath(value) for value in given.values() if isinstance(value, (str, os.PathLike)))


def check_openable(paths: Iterable[PathLike]) -> None:
    """Pipes, sockets and devices are never opened: they may block, or never end.

    Raises:
        FileError: one of `paths` is such a thing.
    """
    for path in paths:
        kind = special(Path(path))
        if kind is not None:
            raise FileError(f"is {kind}, not a regular file", file=os.fspath(path))


def special(path: Path) -> str | None:
    """What a path is that is neither file nor folder; None for those and where there is nothing."""
    try:
        return special_kind(path.stat())
    except (OSError, ValueError):
        return None


def special_kind(found: os.stat_result | None) -> str | None:
    """The same of what the system says of a path."""
    if found is None or stat.S_ISREG(found.st_mode):
        return None
    return next((name for test, name in KINDS if test(found.st_mode)), None)
