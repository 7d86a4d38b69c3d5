"""Functions by name: collected while their modules are read, joined once, and never changed after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

F = TypeVar("F", bound=Callable[..., object])


class Table(Generic[F]):
    """The functions of one module under the names that stand above them.

    >>> handles = Table()
    >>> @handles("NOP")
    ... def nothing(): ...
    """

    def __init__(self) -> None:
        self._functions: dict[str, F] = {}
        self._closed = False

    def __call__(self, *names: str) -> Callable[[F], F]:
        def register(function: F) -> F:
            if self._closed:
                raise ValueError(f"{names} come after the tables were joined")
            for name in names:
                _add(self._functions, name, function)
            return function

        return register

    def close(self) -> Mapping[str, F]:
        """All of them; from now on the table takes no more."""
        self._closed = True
        return MappingProxyType(self._functions)


def joined(*tables: Table[F]) -> Mapping[str, F]:
    """One table that cannot be changed.

    Raises:
        ValueError: a name stands in two of them.
    """
    found: dict[str, F] = {}
    for table in tables:
        for name, function in table.close().items():
            _add(found, name, function)
    return MappingProxyType(found)


def _add(functions: dict[str, F], name: str, function: F) -> None:
    if name in functions:
        raise ValueError(f"two functions for {name}")
    functions[name] = function
