"""Paths that are no regular files, wherever a path is given."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from conftest import small_model, write_checkpoint

from attacks.attack import Attack, Made


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    here = os.getcwd()
    # The name of a socket has 107 bytes at most.
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as found:
            found.bind(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def terminal(path: Path) -> None:
    path.symlink_to("/dev/tty")


def folder_of(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


def missing(path: Path) -> None:
    """Nothing is there."""


def process(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


KINDS: list[tuple[str, Callable[[Path], None]]] = [
    ("a FIFO", fifo),
    ("a socket", unix_socket),
    ("an endless device", device),
    ("a terminal", terminal),
    ("a folder", folder_of),
    ("a symbolic link to itself", loop),
    ("nothing", missing),
]


def source(make: Callable[[Path], None], name: str) -> Callable[[Path], Made]:
    def write(folder: Path) -> Made:
        make(folder / name)
        return Made(folder / name)

    return write


def architecture(make: Callable[[Path], None], name: str) -> Callable[[Path], Made]:
    def write(folder: Path) -> Made:
        make(folder / name)
        path = write_checkpoint(folder / "old.h5", *small_model(), whole=False)
        return Made(path, options=("--architecture", str(folder / name)))

    return write


def target(make: Callable[[Path], None], name: str) -> Callable[[Path], Made]:
    """What an archive is verified or compared as."""

    def write(folder: Path) -> Made:
        make(folder / name)
        return Made(write_checkpoint(folder / "old.h5", *small_model()), folder / name)

    return write


BLOCKS = "found here: a FIFO as input blocks for ever"
ENDS = ("old.keras", "old.safetensors", "old.weights.h5", "old.safetensors.index.json")
ATTACKS = [
    *(Attack(f"{what} as the checkpoint", BLOCKS, source(make, "old.h5"), "FileError") for what, make in KINDS),
    *(Attack(f"{what} as the archive", BLOCKS, source(make, "old.keras"), "FileError") for what, make in KINDS),
    *(
        Attack(f"{what} as the architecture {name}", BLOCKS, architecture(make, name), "FileError")
        for what, make in KINDS
        for name in ("m.json", "m.yaml")
    ),
    *(
        Attack(f"{what} as the target {name}", BLOCKS, target(make, name), "", {"verify": 6, "diff": 6})
        for what, make in KINDS
        for name in ENDS
    ),
]
