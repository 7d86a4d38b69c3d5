"""The corpus of Lambdas: sources, and the bytecode that ten CPythons made of them."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """One Lambda; `shapes` are (extents without the batch, dtype)."""

    name: str
    shapes: tuple[tuple[tuple[int, ...], str], ...]
    source: str

    @property
    def defaults(self) -> list[Any] | None:
        node = ast.parse(self.source).body[0]
        function = node.value if isinstance(node, ast.Expr) else node
        found = [ast.literal_eval(item) for item in function.args.defaults]
        return found or None


def entries() -> Iterator[Entry]:
    for line in (HERE / "corpus.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, shapes, source = line.split(" | ", 2)
            yield Entry(name, tuple(map(_spec, shapes.split(";"))), source.replace("\\n", "\n"))


def _spec(text: str) -> tuple[tuple[int, ...], str]:
    text = text.strip()
    dtype = "int32" if text.startswith("i") else "float32"
    return tuple(int(n) for n in text.removeprefix("i").split(",")), dtype


def codes() -> dict[str, dict[str, str]]:
    """Python version → name → marshalled code in base64."""
    with gzip.open(HERE / "corpus.json.gz") as file:
        found: dict[str, dict[str, str]] = json.load(file)
    return found
