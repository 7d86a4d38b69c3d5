"""A function that the user gives as Python source: parsed, never run.

Speaks the same closed set of names as the bytecode machine, and `ops` (or `keras.ops`)
for those who think in Keras 3.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from k2to3.bytecode.names import ROOTS
from k2to3.bytecode.runtime import Runtime
from k2to3.bytecode.syntax_reader import Reader, Scope
from k2to3.bytecode.values import Backend, NotRecovered, Value
from k2to3.errors import UsageError

MAX_TEXT = 20_000


def parse_text(text: str) -> ast.expr | ast.FunctionDef:
    """A lambda, an expression over `x`, or one `def`.

    Raises:
        UsageError: it is something else.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(f"the function has {len(text)} characters")
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"the function {text[:60]!r} is not Python: {error}") from error
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return tree.body[0].value
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef):
        return tree.body[0]
    raise UsageError(f"the function {text[:60]!r} is neither an expression over x, a lambda nor a def")


def apply_text(text: str, backend: Backend, given: Value, names: Mapping[str, Value]) -> Value:
    """What the user's function makes of `given`.

    Raises:
        NotRecovered: it uses something that is not known here.
    """
    node = parse_text(text)
    runtime = Runtime(backend, names, {**ROOTS, "ops": "keras.ops"})
    reader = Reader(runtime)
    try:
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            return runtime.enter(reader.function(node, Scope()), [given], {})
        return reader.value(node, Scope({"x": given}))
    except RecursionError as error:
        raise NotRecovered("the function nests too deeply") from error
