"""Which versions of what took part: looked up, never imported."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from k2to3.version import __version__

PACKAGES = ("numpy", "h5py", "keras", "tensorflow", "tf-keras", "jax", "torch")


class Versions(Mapping[str, str]):
    """k2to3, Python and every package that reads, computes or judges, where it is installed.

    Looked up when they are asked for, which takes as long as to convert a small file; another process is told those
    of this one.
    """

    def __getitem__(self, name: str) -> str:
        return _found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_found())

    def __len__(self) -> int:
        return len(_found())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


@cache
def _found() -> Mapping[str, str]:
    """Read once: the metadata of all packages are long, and every report tells their versions."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"k2to3": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return MappingProxyType(found)
