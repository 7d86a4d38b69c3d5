"""The small changes: of one node of one function.

Left out, by rule, because no output depends on them: docstrings and annotations, `__all__`, `assert` (they narrow
types), whatever stands in a `raise` (texts for people; that something is raised is a mutant: the whole statement goes),
the text of a finding (`context.note(kind, TEXT)`), `strict=` of `zip`, the order of arguments where it has no meaning,
and None in the place of a false constant that is returned.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
CONDITIONS = (ast.If, ast.IfExp, ast.While)
UNSEEN = {
    ast.FunctionDef: ("args", "returns", "type_comment"),
    ast.ClassDef: ("decorator_list", "bases", "keywords"),
    ast.AnnAssign: ("annotation",),
    ast.arg: ("annotation",),
}
"""Fields that are left out: annotations, defaults of arguments, what a class is made of."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SILENT_KEYWORDS = {"strict"}
ANY_ORDER = {"common", "floating", "ignore", "max", "maximum", "min", "minimum", "isdisjoint", "spread"}
"""Calls that mean the same with their arguments swapped."""
Place = tuple[ast.AST, str, int | None]


@dataclass(frozen=True)
class Mutant:
    """`new` in the place of a node; `lines` are those of the node, `statement` those of the statement around it."""

    place: Place
    new: ast.AST
    function: str
    """The outermost function, by qualified name; empty for code that runs at import."""
    lines: tuple[int, int]
    statement: tuple[int, int]
    text: str

    def __str__(self) -> str:
        return f"{self.function or '<module>'}:{self.lines[0]}: {self.text}"


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            continue
        yield from _Walk().visit((tree, "body", index), node)


def swapped(place: Place, new: ast.AST) -> ast.AST:
    """Puts `new` into its place and returns what was there."""
    holder, field, index = place
    if index is None:
        old: ast.AST = getattr(holder, field)
        setattr(holder, field, new)
    else:
        old = getattr(holder, field)[index]
        getattr(holder, field)[index] = new
    return old


def compiled(tree: ast.Module, path: Path, mutant: Mutant) -> CodeType | None:
    """The module with a mutant in it, which is as it was afterwards; None where Python does not take the mutant."""
    old = swapped(mutant.place, mutant.new)
    try:
        return compile(tree, str(path), "exec")
    except (SyntaxError, ValueError):
        return None
    finally:
        swapped(mutant.place, old)


@dataclass(frozen=True)
class _Walk:
    scope: tuple[str, ...] = ()
    function: str = ""
    statement: tuple[int, int] = (0, 0)

    def visit(self, place: Place, node: ast.AST) -> Iterator[Mutant]:
        here = self._inside(node)
        for new in _changes(place, node):
            assert isinstance(node, (ast.stmt, ast.expr))
            ast.copy_location(new, node)
            text = f"{_short(node)} → {_short(new)}"
            lines = (node.lineno, node.end_lineno or node.lineno)
            yield Mutant(place, ast.fix_missing_locations(new), here.function, lines, here.statement, text)
        for inner, child in _children(node):
            # What a decorator is given is computed outside of the function.
            yield from (self if inner[1] == "decorator_list" else here).visit(inner, child)

    def _inside(self, node: ast.AST) -> _Walk:
        scope, function, statement = self.scope, self.function, self.statement
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            scope = (*scope, node.name)
            if isinstance(node, FUNCTIONS) and not function:
                function = ".".join(scope)
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno
            statement = (node.lineno, max(node.lineno, last or node.lineno))
        return _Walk(scope, function, statement)


def _children(node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    if isinstance(node, (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)):
        return
    for field, value in ast.iter_fields(node):
        if field in UNSEEN.get(type(node), ()):
            continue
        if isinstance(value, ast.AST):
            yield (node, field, None), value
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST) and not _is_text(node, index, child):
                    yield (node, field, index), child


def _is_text(parent: ast.AST, index: int, child: ast.AST) -> bool:
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True
    if isinstance(child, ast.keyword) and child.arg in SILENT_KEYWORDS:
        return True
    called = parent.func if isinstance(parent, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == "note" and index == 1


def _changes(place: Place, node: ast.AST) -> Iterator[ast.AST]:
    yield from _of_statement(node)
    yield from _of_operator(node)
    yield from _of_constant(place, node)
    yield from _of_call(node)
    if (isinstance(place[0], CONDITIONS) and place[1] == "test") or (
        isinstance(place[0], ast.comprehension) and place[1] == "ifs"
    ):
        assert isinstance(node, ast.expr)
        if not (isinstance(node, ast.UnaryOp) or (isinstance(node, ast.Compare) and len(node.ops) == 1)):
            yield ast.UnaryOp(ast.Not(), node)


def _of_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() as value):
            # It stays a generator.
            yield ast.If(ast.Constant(0), [ast.Expr(value)], [])
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign() | ast.Delete() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()


def _of_operator(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                new = [*ops[:index], COMPARISONS[type(op)](), *ops[index + 1 :]]
                yield ast.Compare(node.left, new, node.comparators)
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            yield ast.BinOp(node.left, ARITHMETIC[type(op)](), node.right)
        case ast.AugAssign(op=op) if type(op) in ARITHMETIC:
            yield ast.AugAssign(node.target, ARITHMETIC[type(op)](), node.value)


def _of_constant(place: Place, node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Constant):
        return
    match node.value:
        case bool(value):
            yield ast.Constant(not value)
        case int(value):
            yield ast.Constant(value + 1)
        case float(value):
            yield ast.Constant(value * 2 if value else 1.0)
        case str(value) if not isinstance(place[0], ast.JoinedStr):
            yield ast.Constant(value + "X")
        case None if isinstance(place[0], (ast.Call, ast.keyword, ast.IfExp, ast.Return)):
            yield ast.Constant(0)


def _of_call(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield ast.Call(ast.Name(CALLS[node.func.id], ast.Load()), node.args, node.keywords)
    plain = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if (
        called not in ANY_ORDER
        and len(node.args) > 1
        and plain[:2] == node.args[:2]
        and ast.dump(plain[0]) != ast.dump(plain[1])
    ):
        yield ast.Call(node.func, [plain[1], plain[0], *node.args[2:]], node.keywords)
    for index, keyword in enumerate(node.keywords):
        if keyword.arg and keyword.arg not in SILENT_KEYWORDS:
            yield ast.Call(node.func, node.args, node.keywords[:index] + node.keywords[index + 1 :])


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 90 else text[:87] + "…"
