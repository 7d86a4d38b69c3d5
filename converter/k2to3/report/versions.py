"""Which versions of what took part: looked up, never imported."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from k2to3.version import __version__

PACKAGES = ("numpy", "h5py", "keras", "tensorflow", "tf-keras", "jax", "torch")


def versions() -> dict[str, str]:
    """k2to3, Python and every package that reads, computes or judges, where it is installed."""
    return dict(_found())


@cache
def _found() -> Mapping[str, str]:
    """Read once: the metadata of all packages are long, and every report tells their versions."""
    found = {"k2to3": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return MappingProxyType(found)
