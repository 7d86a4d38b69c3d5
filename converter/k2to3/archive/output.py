"""Writing a plan in the form that the target's name asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from k2to3.archive.forms import ARCHIVE, SAFETENSORS, form_of
from k2to3.archive.keras_archive import Archive, Progress, write_weights, write_zip
from k2to3.archive.safetensors import INDEX, file_names, split, variables_of, write_index, write_part
from k2to3.engine.plan import KERAS_VERSION, Plan
from k2to3.publish.naming import sync
from k2to3.publish.writer import Writer
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.digest import sha256
from k2to3.version import __version__


@dataclass(frozen=True)
class Output:
    """What was written: final names and where the files are until they take them."""

    form: str
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
def written(
    checkpoint: Checkpoint,
    plan: Plan,
    target: Path,
    *,
    writer: Writer,
    shard_size: int,
    progress: Progress | None = None,
) -> Iterator[Output]:
    """The files of `target`; they take their names when the block ends well.

    Raises:
        FileError: a target exists, cannot be written, or the disk is full.
    """
    form = form_of(target)
    if form == SAFETENSORS:
        with _safetensors(checkpoint, plan, target, writer, shard_size, progress) as output:
            yield output
        return
    with writer.staged(target.parent, [target.name]) as files:
        path = files[target.name]
        if form == ARCHIVE:
            write_zip(Archive(plan.config, plan.groups, KERAS_VERSION), path, progress)
        else:
            with path.open("r+b") as file:
                file.truncate(write_weights(plan.groups, file, 0, progress))
        yield Output(form, {target.name: path}, target.name, path)


@contextmanager
def _safetensors(
    checkpoint: Checkpoint, plan: Plan, target: Path, writer: Writer, shard_size: int, progress: Progress | None
) -> Iterator[Output]:
    parts = split(variables_of(plan.groups), shard_size)
    names = file_names(target.name, len(parts))
    index = [target.name + INDEX] if len(parts) > 1 else []
    metadata = {
        "format": "keras",
        "k2to3": __version__,
        "source_sha256": checkpoint.file.sha256(),
        "source_writer": str(checkpoint.writer),
    }
    # The index stands for all: it is there when all parts are.
    with writer.staged(target.parent, [*index, *names]) as files:
        for name, part in zip(names, parts, strict=True):
            write_part(part, metadata, files[name], progress)
        if index:
            digests = {name: sha256(files[name]) for name in names}
            write_index(files[index[0]], dict(zip(names, parts, strict=True)), digests)
        main = (index or names)[0]
        yield Output(SAFETENSORS, {name: files[name] for name in names}, main, files[main])
