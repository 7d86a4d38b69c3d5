"""What one run reads and writes, and the writing."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from k2to3.errors import FileError, UsageError
from k2to3.leftovers import scratch_folder
from k2to3.publish.identity import ASKED, Inode, Names, PathLike, folded, inode
from k2to3.publish.naming import exists_error, sync, sync_folder, take_free_name

ASIDE = "before-"
TARGET, REPORT = "the target", "the report"


class Publisher:
    """Knows every input and output of a run, and gives outputs their names.

    No output may be an input or another output, and nothing that exists is replaced unless
    `overwrite` says so.
    """

    def __init__(self, inputs: Sequence[Path] = (), *, overwrite: bool = False) -> None:
        self.overwrite = overwrite
        self._inputs: dict[str, PathLike] = {}
        self._inodes: dict[Inode, PathLike] = {}
        self._outputs: dict[str, tuple[PathLike, str]] = {}
        self._contested: set[str] = set()
        self._finished: dict[Path, Inode] = {}
        self.reads(*inputs)

    def reads(self, *paths: PathLike, names: Names = ASKED) -> None:
        """More inputs; `names` tell them apart.

        Raises:
            UsageError: one of them is an output.
        """
        for path in paths:
            name, known, _ = names.file(path)
            self._inputs[name] = path
            if known is not None:
                self._inodes[known] = path
        for output, _ in self._outputs.values():
            self._check_not_read(output, ASKED)

    def writes(self, *paths: PathLike, what: str, names: Names = ASKED) -> None:
        """More outputs; `what` they are, so that one may be announced twice.

        Raises:
            UsageError: one of them is an input, or another output.
        """
        for path in paths:
            name = self._check_not_read(path, names)
            other, whose = self._outputs.setdefault(name, (path, what))
            if (other, whose) != (path, what):
                self._contested.add(name)
                raise UsageError(f"{what} and {whose} are, or could be, the same file", file=str(path))

    @property
    def announced(self) -> bool:
        """Whether something is to be written that was said before."""
        return bool(self._outputs)

    def contested(self, path: Path) -> bool:
        """Whether two outputs wanted this name: then neither gets it."""
        return folded(path) in self._contested

    def _check_not_read(self, path: PathLike, names: Names) -> str:
        """The name of an output that is no input."""
        name, known, _ = names.file(path)
        read = self._inputs.get(name) or (None if known is None else self._inodes.get(known))
        if read is not None:
            raise _is_input(Path(path), Path(read))
        return name

    def check_free(self, path: Path) -> None:
        """Whether `path` can be written in the end, asked before the work.

        Raises:
            FileError: it exists and is not to be replaced, or is no file.
        """
        try:
            mode = os.stat(path, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise FileError(f"cannot be written: {reason}", file=str(path)) from error
        if path.is_dir():
            raise FileError("is a directory", file=str(path))
        if not self.overwrite:
            raise exists_error(path)
        if not stat.S_ISREG(mode) and not (stat.S_ISLNK(mode) and (path.is_file() or not path.exists())):
            raise FileError("is not a regular file; it is never replaced", file=str(path))

    def finished(self) -> list[Path]:
        """The outputs that are in place now."""
        return [path for path, known in self._finished.items() if inode(path) == known]

    @contextmanager
    def staged(self, folder: Path, names: Sequence[str], *, what: str = TARGET) -> Iterator[dict[str, Path]]:
        """Empty files that become `names` in `folder` when the block ends well: all of them, or none.

        The first of `names` stands for all (an index): it is the last to appear.

        Raises:
            UsageError: a name is an input, or another output.
            FileError: a name exists, cannot be written, or the disk is full.
        """
        targets = [folder / name for name in names]
        self.writes(*targets, what=what)
        for target in targets:
            self.check_free(target)
        try:
            with scratch_folder(folder) as place:
                parts = {name: place / f"{index}-{name[-40:]}" for index, name in enumerate(names)}
                for part in parts.values():
                    part.touch(mode=0o666, exist_ok=False)
                yield parts
                self._publish(list(zip(targets, parts.values(), strict=True)), place)
        except OSError as error:
            raise FileError(_reason(error), file=str(targets[0])) from error

    def write_text(self, target: Path, text: str, *, what: str) -> None:
        """Write a small file, whole or not at all."""
        with self.staged(target.parent, [target.name], what=what) as parts:
            parts[target.name].write_text(text, encoding="utf-8")

    def _publish(self, pairs: list[tuple[Path, Path]], place: Path) -> None:
        for _, part in pairs:
            sync(part)
        if self.overwrite and len(pairs) == 1:
            ((target, part),) = pairs
            self._finished[target] = _known(part)
            os.replace(part, target)
        else:
            self._publish_all(pairs, place)
        sync_folder(pairs[0][0].parent)

    def _publish_all(self, pairs: list[tuple[Path, Path]], place: Path) -> None:
        with ExitStack() as undo:
            if self.overwrite:
                # The index goes first and comes last: nobody ever reads old and new files as one.
                for number, (target, _) in enumerate(pairs):
                    self._set_aside(target, place / f"{ASIDE}{number}", undo)
            for target, part in reversed(pairs):
                known = self._finished[target] = _known(part)
                undo.callback(_take_back, target, known)
                take_free_name(part, target)
            undo.pop_all()

    def _set_aside(self, target: Path, aside: Path, undo: ExitStack) -> None:
        if os.path.lexists(target):
            undo.callback(_bring_back, aside, target)
            os.replace(target, aside)


def _known(part: Path) -> Inode:
    found = os.stat(part)
    return found.st_dev, found.st_ino


def _take_back(target: Path, known: Inode) -> None:
    """Remove what was published, unless it is another's by now."""
    if inode(target, follow=False) == known:
        target.unlink()


def _bring_back(aside: Path, target: Path) -> None:
    if os.path.lexists(aside):
        os.replace(aside, target)


def _is_input(output: Path, read: Path) -> UsageError:
    text = "source and target are the same file" if output == read else f"is the same file as {read}, which is read"
    return UsageError(text, file=str(output), hint="name another one to write")


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC or "No space left" in str(error):
        return "the disk is full"
    return f"cannot be written: {error.strerror or error}"
