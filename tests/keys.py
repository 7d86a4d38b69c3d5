"""Every constructor key of every Keras 3 class, by release; and who writes one that some release lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from k2to3.archive.requirements import objects
from k2to3.keras3.layers.facts import NEWEST_MINOR, OLDEST_MINOR
from k2to3.keras3.layers.table import LAYERS
from workers import TESTS

Span = tuple[int, int]
PACKAGES = ("layers", "initializers", "regularizers", "constraints", "optimizers", "losses", "metrics")


@cache
def table() -> dict[str, tuple[int, dict[str, Span]]]:
    """`layers.Dense` → first minor release, and first and last of each key."""
    found = {}
    for line in (TESTS / "keras3" / "keras3_keys.tsv").read_text().splitlines()[1:]:
        name, since, keys = line.split("\t")
        found[name] = (int(since), dict(map(_key, keys.split())))
    return found


def _key(text: str) -> tuple[str, Span]:
    match = re.fullmatch(r"(\w+)(?:>=(\d+))?(?:<=(\d+))?", text)
    assert match, text
    return match[1], (int(match[2] or OLDEST_MINOR), int(match[3] or NEWEST_MINOR))


def offences(config: Any) -> Iterator[str]:
    """Classes and keys in an archive that a declared Keras 3 lacks and that no fact records."""
    for entry in objects(config):
        package = entry["module"].removeprefix("keras.")
        if package not in PACKAGES:
            continue
        name = entry["class_name"]
        if f"{package}.{name}" not in table():
            yield f"{package}.{name} is in no Keras 3"
            continue
        since, keys = table()[f"{package}.{name}"]
        row = LAYERS.get(name)
        if since > OLDEST_MINOR and (row is None or row.since != since):
            yield f"{name} came with 3.{since}"
        for key in entry["config"]:
            if key == "name":
                continue
            first, last = keys.get(key, (99, 0))
            if last < NEWEST_MINOR or (first > OLDEST_MINOR and (row is None or row.keys_since.get(key) != first)):
                yield f"{name}.{key} (3.{first} to 3.{last})"
