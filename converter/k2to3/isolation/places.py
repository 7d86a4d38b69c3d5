"""Which folders a worker may import from: where packages were installed, never where files lie."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path

from k2to3 import version


def import_folders(untrusted: tuple[Path, ...] = ()) -> list[str]:
    """Folders of installed packages, in the order of this process, and the one that holds k2to3.

    An isolated interpreter (`python -I`) knows the standard library and its own site-packages. A user's
    site-packages and absolute entries of `PYTHONPATH` (clusters install packages that way) are added here;
    the current folder and `untrusted` ones, where a `json.py` may lie beside a checkpoint, never are.
    """
    banned = {_real(path) for path in (*_current(), *untrusted)}
    found = dict.fromkeys(folder for folder in _candidates() if _real(Path(folder)) not in banned)
    own = str(Path(version.__file__).resolve().parent.parent)
    return list(dict.fromkeys([*found, own]))


def _current() -> list[Path]:
    try:
        return [Path.cwd()]
    except OSError:
        # It was removed.
        return []


def _candidates() -> Iterator[str]:
    named = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(part)]
    # Entries that a .pth file added (editable installs, a folder of shared packages) lie below no site-packages.
    installed = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    added = [line for folder in installed for line in _from_pth(Path(folder))]
    wanted = {_real(Path(folder)) for folder in (*named, *installed, *added)}
    yield from (folder for folder in sys.path if os.path.isabs(folder) and _real(Path(folder)) in wanted)


def _from_pth(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.pth")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        yield from (line for line in lines if os.path.isabs(line))


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
