"""Which versions of what took part: looked up, never imported."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from k2to3.version import __version__

PACKAGES = ("numpy", "h5py", "keras", "tensorflow", "tf-keras", "jax", "torch")


def versions() -> dict[str, str]:
    """k2to3, Python and every package that reads, computes or judges, where it is installed."""
    found = {"k2to3": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
