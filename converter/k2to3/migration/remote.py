"""Sources and targets behind URLs, by fsspec: found, fetched one at a time, and put in one piece."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from k2to3.errors import FileError, K2to3Error, UsageError
from k2to3.installed import check_installed, install
from k2to3.leftovers import scratch_folder
from k2to3.migration.beside import ARCHITECTURES, named_like
from k2to3.migration.find import INDEX, SUFFIXES, Pair, Search, name_of
from k2to3.migration.places import Identity, Objects, Remote
from k2to3.printable import printable
from k2to3.sources.saved_model.folder import MODEL

Infos = Mapping[str, Mapping[str, Any]]
MAGIC = "*?["
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "hf": "hf"}
# Here an object appears when its last byte is there, or not at all; elsewhere it gets its name at the end.
WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "hf", "memory"})
# What changes with an object, by the names that file systems give it; the surest first.
MARKS = ("ETag", "etag", "md5Hash", "blob_id", "mtime", "LastModified", "updated", "last_modified", "created")


def store(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the place in it.

    Raises:
        UsageError: a package is missing, or no file system goes by this name.
    """
    protocol = url.partition("://")[0]
    check_installed("fsspec", "remote", f"{protocol}://")
    import fsspec

    try:
        found, place = fsspec.core.url_to_fs(url)
    except ImportError as error:
        hint = install(EXTRAS[protocol]) if protocol in EXTRAS else f"install what fsspec needs for {protocol}://"
        raise UsageError(f"{protocol}:// needs a package that is not installed: {error}", hint=hint) from error
    except ValueError as error:
        raise UsageError(f"{printable(url)}: {error}", hint="see the list of file systems of fsspec") from error
    return found, str(place)


@contextmanager
def asked(url: str) -> Iterator[None]:
    """Whatever a remote file system says, as an error of ours that names the URL.

    Raises:
        FileError: it is not there, or cannot be reached.
    """
    try:
        yield
    except K2to3Error:
        raise
    except FileNotFoundError as error:
        raise FileError("there is no such file or folder", file=url) from error
    except Exception as error:
        lines = str(error).splitlines() or [""]
        raise FileError(f"cannot be reached: {type(error).__name__}: {lines[0]}", file=url) from error


def local_folder(out: str, work: Path | None) -> Path:
    """Where the ledger of a remote DEST lies: a folder of its own for each."""
    return (work or Path("k2to3-work")) / quote(out.rstrip("/"), safe="")


def is_folder(url: str) -> bool:
    """Whether a tree is meant, not a file or a pattern."""
    system, root = store(url)
    with asked(url):
        return not any(sign in root for sign in MAGIC) and not system.isfile(root)


def find_remote(url: str, out: Path, search: Search, *, several: bool, beside: str | None) -> Iterator[Pair]:
    """Every checkpoint behind a URL (a file, a folder, a pattern) with its place below `out`.

    `several`: a folder keeps its own name; `beside`: the DEST, which holds no sources.

    Raises:
        FileError: nothing is there.
    """
    system, root = store(url)
    with asked(url):
        files, base = _listed(system, root)
        if not files:
            raise FileError("there is no such file or folder, or it is empty", file=url)
        base = str(PurePosixPath(base).parent) if several else base
        # A folder of our own results may lie in the tree.
        own = None if beside is None else store(beside)[1].rstrip("/") + "/"
        for main, parts in _checkpoints(files):
            if own is not None and main.startswith(own):
                continue
            place = str(Path(PurePosixPath(main).relative_to(base)))
            if not search.wants(place):
                continue
            folder = PurePosixPath(main).parent
            objects = Objects(
                system.unstrip_protocol(main),
                tuple((part, str(PurePosixPath(part).relative_to(folder))) for part in parts),
                PurePosixPath(main).name,
                identity_of([files[part] for part in parts]),
            )
            target = out / name_of(place, search, main not in files)
            yield Pair(str(Path(objects.url)), str(target), remote=Remote(source=objects))


def _listed(system: Any, root: str) -> tuple[Infos, str]:
    """All files, and the folder that places are relative to."""
    if any(sign in root for sign in MAGIC):
        parts = PurePosixPath(root).parts
        found = system.glob(root, detail=True)
        kept = {name: info for name, info in found.items() if info["type"] == "file"}
        return kept, str(PurePosixPath(*takewhile(lambda part: not any(sign in part for sign in MAGIC), parts)))
    if system.isfile(root):
        folder = str(PurePosixPath(root).parent)
        near = {info["name"]: info for info in system.ls(folder, detail=True) if info["type"] == "file"}
        wanted = [name for name in near if name == root or name in _architectures(root)]
        return {name: near[name] for name in sorted(wanted)}, folder
    return system.find(root, detail=True), root


def _checkpoints(files: Infos) -> Iterator[tuple[str, list[str]]]:
    """Names of checkpoints, each with the files that it consists of."""
    folders = {str(PurePosixPath(name).parent) for name in files if PurePosixPath(name).name == MODEL}
    outer = {folder for folder in folders if not any(str(above) in folders for above in PurePosixPath(folder).parents)}
    for folder in sorted(outer):
        yield folder, [name for name in files if name.startswith(f"{folder}/")]
    for name in sorted(files):
        path = PurePosixPath(name)
        if any(str(above) in outer for above in path.parents):
            continue
        if path.suffix.lower() in SUFFIXES:
            yield name, [name, *(beside for beside in _architectures(name) if beside in files)]
        elif path.suffix == INDEX:
            stem = name.removesuffix(INDEX)
            if data := [other for other in files if other.startswith(f"{stem}.data-")]:
                yield name, [name, *data]


def _architectures(name: str) -> list[str]:
    return [named_like(name) + ending for ending in ARCHITECTURES]


def identity_of(infos: Sequence[Mapping[str, Any]]) -> Identity:
    """Bytes, and a number that changes with what the file system says of each."""
    marks = [str(next((info[name] for name in MARKS if info.get(name)), "")) for info in infos]
    number = int.from_bytes(hashlib.sha256("\n".join(marks).encode()).digest()[:7], "big")
    return sum(int(info.get("size") or 0) for info in infos), number


def target_identity(url: str) -> Identity | None:
    """Of what was put there; None where there is nothing."""
    system, place = store(url)
    with asked(url):
        try:
            return identity_of([system.info(place)])
        except FileNotFoundError:
            return None


@contextmanager
def brought(pair: Pair) -> Iterator[Pair]:
    """The pair on this machine, in a folder that is removed at the end."""
    assert pair.remote is not None
    with scratch_folder() as folder:
        source = pair.source
        if pair.remote.source is not None:
            source = _fetched(pair.remote.source, folder / "source")
        target = pair.target if pair.remote.target is None else folder / "target" / pair.target.name
        yield pair._replace(source_path=str(source), target_path=str(target), remote=None)


def _fetched(objects: Objects, folder: Path) -> Path:
    folder.mkdir()
    free = shutil.disk_usage(folder).free
    if objects.identity[0] > free:
        text = f"{objects.identity[0]} bytes are to be fetched, and {free} are free in {folder.parent.parent}"
        raise FileError(text, file=objects.url, hint="set TMPDIR to a larger place")
    system, _ = store(objects.url)
    for name, place in objects.parts:
        local = folder / place
        if not local.resolve().is_relative_to(folder.resolve()):
            raise FileError(f"the name {place!r} leads out of its folder", file=objects.url)
        local.parent.mkdir(parents=True, exist_ok=True)
        with asked(objects.url):
            system.get_file(name, str(local))
    return folder / objects.main


def check_free(url: str, *, overwrite: bool) -> None:
    """Whether a target can be put.

    Raises:
        FileError: it exists and is not to be replaced.
    """
    if not overwrite and target_identity(url) is not None:
        raise FileError("already exists", file=url, hint="--overwrite replaces it")


def put(local: Path, url: str) -> None:
    """Put a file where it appears whole or not at all."""
    system, place = store(url)
    with asked(url):
        if url.partition("://")[0] in WHOLE:
            system.put_file(str(local), place)
            return
        parent = place.rpartition("/")[0]
        system.makedirs(parent, exist_ok=True)
        aside = f"{parent}/.{token_hex(8)}.k2to3.part"
        try:
            system.put_file(str(local), aside)
            system.mv(aside, place)
        finally:
            if system.exists(aside):
                system.rm_file(aside)


def with_target(pair: Pair, out: str, folder: Path) -> Pair:
    """A pair whose target below `folder` stands for one below a URL."""
    place = pair.target.relative_to(folder).as_posix()
    remote = pair.remote or Remote()
    return pair._replace(remote=replace(remote, target=f"{out.rstrip('/')}/{place}"))
