"""Which files are of a TensorFlow checkpoint: told by the last bytes of its index, before anything is read."""

from __future__ import annotations

import re
from pathlib import Path

from k2to3.errors import FileError, UsageError
from k2to3.sources.opened import OpenedFile, open_file

PART = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
MAGIC = 0xDB4775248B80FB57
FOOTER = 48


def checkpoint_prefix(path: Path) -> Path | None:
    """The name that the files of a checkpoint share, where `path` is one of them, their name, or the folder of one.

    Raises:
        UsageError: a folder of several.
    """
    if path.is_dir():
        found = sorted(file for file in path.glob("*.index") if is_index(file))
        if len(found) > 1:
            names = ", ".join(file.stem for file in found[-5:])
            raise UsageError(f"holds {len(found)} checkpoints ({names})", file=str(path), hint="name one of them")
        return None if not found else found[0].with_suffix("")
    prefix = path.with_name(PART.sub("", path.name))
    index = prefix.with_name(f"{prefix.name}.index")
    if path.exists() and path == prefix:
        return None
    return prefix if is_index(index) else None


def is_index(path: Path) -> bool:
    """Whether a file is the index of a checkpoint."""
    try:
        file = open_file(path)
    except FileError:
        return False
    try:
        return is_table(file)
    finally:
        file.close()


def is_table(file: OpenedFile) -> bool:
    """Whether the file ends as a table does."""
    return file.size >= FOOTER and file.read_at(file.size - 8, 8) == MAGIC.to_bytes(8, "little")
