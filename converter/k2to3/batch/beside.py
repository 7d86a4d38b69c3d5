"""The architecture that lies beside a checkpoint of weights alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from k2to3.errors import K2to3Error
from k2to3.sources.bare import read_bare

ARCHITECTURES = (".arch.json", ".json", ".arch.yaml", ".yaml", ".yml")


Exists = Callable[[str], bool]


class Listed:
    """Whether files are there, of many files at one moment: each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[str, frozenset[str] | None] = {}

    def __call__(self, path: str) -> bool:
        folder, name = os.path.split(path)
        if folder not in self._folders:
            try:
                self._folders[folder] = frozenset(os.listdir(folder or os.curdir))
            except OSError:
                # What cannot be listed may still be opened.
                self._folders[folder] = None
        names = self._folders[folder]
        return (names is None or name in names) and os.path.exists(path)


def possible_architecture(source: Path, exists: Exists = os.path.exists) -> Path | None:
    """The file beside a checkpoint that may be its architecture."""
    stem = named_like(str(source))
    return next((Path(stem + suffix) for suffix in ARCHITECTURES if exists(stem + suffix)), None)


def named_like(name: str) -> str:
    """The name of a checkpoint without its endings, which its architecture shares."""
    return os.path.splitext(name)[0].removesuffix(".weights").removesuffix(".ckpt")


def architecture_beside(source: Path) -> Path | None:
    """The same, where the checkpoint has none of its own."""
    beside = possible_architecture(source)
    try:
        return beside if beside is not None and read_bare(source) is not None else None
    except K2to3Error:
        # The conversion will say what is wrong with it.
        return None
