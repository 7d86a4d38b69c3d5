"""Which optional packages are installed: looked for, never imported."""

from __future__ import annotations

from importlib.util import find_spec

from k2to3.errors import UsageError


def installed(*packages: str) -> bool:
    """Whether all of these packages could be imported."""
    return all(find_spec(package) is not None for package in packages)


def install(extra: str) -> str:
    """The command that installs what an extra of ours stands for."""
    return f'pip install "k2to3[{extra}]"'


def check_installed(package: str, extra: str, what: str) -> None:
    """Make sure that a package which only some inputs need is there.

    Raises:
        UsageError: it is not; the hint says how to get it.
    """
    if not installed(package):
        raise UsageError(f"{what} needs the package {package}, which is not installed", hint=install(extra))
