"""The architecture that lies beside a checkpoint of weights alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from k2to3.errors import K2to3Error
from k2to3.publish.identity import PathLike
from k2to3.sources.bare import read_bare

ARCHITECTURES = (".arch.json", ".json", ".arch.yaml", ".yaml", ".yml")


Exists = Callable[[str], bool]


def possible_architecture(source: PathLike, exists: Exists = os.path.exists) -> Path | None:
    """The file beside a checkpoint that may be its architecture."""
    stem = named_like(os.fspath(source))
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
