"""Writing a plan in the form that the target's name asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from k2to3.archive.forms.form import Form, Settings
from k2to3.archive.forms.table import form_of
from k2to3.archive.keras_archive import Archive
from k2to3.dataclass import dataclass
from k2to3.publish.naming import sync
from k2to3.publish.publisher import Publisher


@dataclass(frozen=True)
class Output:
    """What was written: final names and where the files are until they take them."""

    form: Form
    files: dict[str, Path]
    main: str
    """The file that stands for all: the only one, or the index."""
    path: Path
    """Where that one is until it takes its name."""
    own: bool = True
    """Written by this run, not given to `verify`."""

    @property
    def nbytes(self) -> int:
        return sum(path.stat().st_size for path in self.files.values())

    def sync(self) -> None:
        """Let the bytes reach the disk, while digests are taken, before the names do."""
        for path in self.files.values():
            sync(path)


@contextmanager
def written(archive: Archive, target: Path, publisher: Publisher, settings: Settings) -> Iterator[Output]:
    """The files of `target`; they take their names when the block ends well.

    Raises:
        FileError: a target exists, cannot be written, or the disk is full.
    """
    form = form_of(target)
    names = form.names(archive, target.name, settings.shard_size)
    with publisher.staged(target.parent, names) as files:
        form.write(archive, files, settings)
        yield Output(form, files, names[0], files[names[0]])
