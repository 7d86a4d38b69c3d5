"""Every place in the code that prints a hint, and which of them one error came from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import k2to3
import pytest
from k2to3.errors import K2to3Error

PACKAGE = Path(k2to3.__file__).parent


@dataclass(frozen=True)
class Place:
    """A call with `hint=`, named by file and function, and counted where a function has several."""

    name: str
    file: str
    first: int
    last: int


@cache
def places() -> tuple[Place, ...]:
    return tuple(place for path in sorted(PACKAGE.rglob("*.py")) for place in _places_of(path))


def _places_of(path: Path) -> Iterator[Place]:
    file = path.relative_to(PACKAGE).as_posix()
    seen: dict[str, int] = {}
    for function, call in sorted(_calls(ast.parse(path.read_text()), ""), key=lambda item: item[1].lineno):
        name = f"{file}:{function}"
        seen[name] = seen.get(name, 0) + 1
        assert call.end_lineno is not None
        yield Place(name if seen[name] == 1 else f"{name}/{seen[name]}", file, call.lineno, call.end_lineno)


def _calls(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        function = node.name
    if isinstance(node, ast.Call) and any(keyword.arg == "hint" for keyword in node.keywords):
        yield function, node
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, function)


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The hints of errors that are made meanwhile, by the places that they come from."""
    found: dict[str, str] = {}
    made = K2to3Error.__init__

    def init(self: K2to3Error, *args: object, **kwargs: object) -> None:
        made(self, *args, **kwargs)  # type: ignore[arg-type]
        if self.hint:
            found.update(dict.fromkeys(_on_the_way(sys._getframe(1)), self.hint))

    with monkeypatch.context() as patched:
        patched.setattr(K2to3Error, "__init__", init)
        yield found


def _on_the_way(frame: object) -> Iterator[str]:
    while frame is not None:
        path, line = frame.f_code.co_filename, frame.f_lineno  # type: ignore[attr-defined]
        for place in places():
            if place.first <= line <= place.last and path == str(PACKAGE / place.file):
                yield place.name
        frame = frame.f_back  # type: ignore[attr-defined]
