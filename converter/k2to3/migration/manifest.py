"""A list of files with options for each: JSON, CSV or TOML, after `schemas/manifest.schema.json`."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from k2to3.api.reading import read_options
from k2to3.errors import UsageError
from k2to3.migration.find import Pair
from k2to3.migration.places import is_url
from k2to3.options.words import ConvertOptions, choices, words

# What is said of a whole run, or not in a file.
NOT_HERE = frozenset({"overwrite", "dry_run", "progress"})
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LIST = ";"
"""Separates the values of one cell in CSV."""


def read_manifest(path: Path, out: Path, suffix: str) -> list[Pair]:
    """The pairs of a manifest; its paths are relative to its own folder, its targets to `out`.

    Raises:
        UsageError: it cannot be read, or says what means nothing; the message names the entry.
    """
    found = []
    for number, entry in enumerate(_entries(path), 1):
        try:
            found.append(_pair(entry, path.parent, out, suffix))
        except (UsageError, TypeError) as error:
            raise UsageError(
                f"entry {number}: {error}", file=str(path), hint="see schemas/manifest.schema.json"
            ) from error
    return found


def _entries(path: Path) -> list[Mapping[str, Any]]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError("a manifest ends in .json, .csv or .toml", file=str(path))
    try:
        found = reader(path.read_text(encoding="utf-8-sig"))
    except (ValueError, csv.Error) as error:
        raise UsageError(f"the manifest cannot be read: {error}", file=str(path)) from error
    entries = found.get("files") if isinstance(found, Mapping) else found
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise UsageError("a manifest holds a list of entries called files", file=str(path))
    return entries


def _pair(entry: Mapping[str, Any], folder: Path, out: Path, suffix: str) -> Pair:
    given = dict(entry)
    source, target = given.pop("source", None), given.pop("target", None)
    if not isinstance(source, str) or not source:
        raise UsageError("no source")
    if is_url(source):
        raise UsageError(f"{source}: a manifest names files of this machine; name URLs on the command line")
    place = Path(target) if target else Path(Path(source).name).with_suffix(suffix)
    if place.is_absolute() or ".." in place.parts:
        raise UsageError(f"target {str(place)!r} is not a place below the folder that is written to")
    unknown = sorted(given.keys() & NOT_HERE)
    if unknown:
        raise UsageError(f"{unknown[0]} is said of a whole batch")
    if given.get("architecture"):
        given["architecture"] = str(folder / given["architecture"])
    read_options(given, ConvertOptions)
    return Pair(str(folder / source), str(out / place), given)


def _csv(text: str) -> dict[str, Any]:
    rows = csv.DictReader(text.splitlines(), strict=True)
    return {"files": [dict(_cells(row)) for row in rows]}


def _cells(row: Mapping[str | None, Any]) -> Iterator[tuple[str, Any]]:
    """An empty cell says nothing."""
    kinds = {name: (kind, word) for name, kind, word in words(ConvertOptions)}
    for name, cell in row.items():
        if name is None:
            raise ValueError(f"more cells than columns: {cell}")
        if not cell:
            continue
        kind, word = kinds.get(name, (str, None))
        if kind is bool:
            yield name, _boolean(name, cell)
        elif word is not None and word.repeated:
            yield name, cell.split(LIST)
        elif choices(kind) is None and kind in (int, float, float | None):
            yield name, (int if kind is int else float)(cell)
        else:
            yield name, cell


def _boolean(name: str, cell: str) -> bool:
    if cell.lower() not in BOOLEANS:
        raise ValueError(f"{name} is {cell!r}, neither true nor false")
    return BOOLEANS[cell.lower()]


READERS: Mapping[str, Callable[[str], Any]] = {".json": json.loads, ".toml": tomllib.loads, ".csv": _csv}
