"""Python source of a user's function, followed node by node."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import field
from typing import Any

from k2to3.bytecode import plain
from k2to3.bytecode.runtime import Runtime
from k2to3.bytecode.values import Function, NotRecovered, Symbol, Value
from k2to3.dataclass import dataclass

MAX_DEPTH = 60
OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}


class _Return(Exception):
    def __init__(self, value: Value) -> None:
        self.value = value


@dataclass
class Scope:
    """Local names, and those of the functions around."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None

    def find(self, name: str) -> Scope | None:
        return self if name in self.names else self.outer.find(name) if self.outer else None


class Reader:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.depth = 0

    def value(self, node: ast.expr, scope: Scope) -> Value:
        self.runtime.step()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotRecovered("the function nests too deeply")
        try:
            reader: Callable[[Any, Scope], Value] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
            if reader is None:
                raise NotRecovered(f"{type(node).__name__} is not known here")
            return reader(node, scope)
        finally:
            self.depth -= 1

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        return node.value

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        found = scope.find(node.id)
        return found.names[node.id] if found else self.runtime.name(node.id)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.runtime.attribute(self.value(node.value, scope), node.attr)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        return self.runtime.item(self.value(node.value, scope), self.value(node.slice, scope))

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        return slice(*(None if n is None else self.value(n, scope) for n in (node.lower, node.upper, node.step)))

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self._items(node.elts, scope))

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self._items(node.elts, scope)

    def _items(self, nodes: list[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += self.runtime.iterate(self.value(node.value, scope))
            else:
                found.append(self.value(node, scope))
        return found

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        if None in node.keys:
            raise NotRecovered("** in a dict")
        keys = [self.value(key, scope) for key in node.keys if key is not None]
        values = self._items(node.values, scope)
        return plain.guarded(lambda: dict(zip(keys, values, strict=True)))

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.runtime.binary(OPERATORS[type(node.op)], left, right)

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return not self.runtime.truth(value)
        return self.runtime.unary(UNARY[type(node.op)], value)

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        if len(node.ops) != 1:
            raise NotRecovered("a chain of comparisons")
        left, right = self.value(node.left, scope), self.value(node.comparators[0], scope)
        return self.runtime.compare(COMPARE[type(node.ops[0])], left, right)

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        stop = isinstance(node.op, ast.Or)
        found: Value = None
        for part in node.values:
            found = self.value(part, scope)
            if self.runtime.truth(found) == stop:
                break
        return found

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        return self.value(node.body if self.runtime.truth(self.value(node.test, scope)) else node.orelse, scope)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if isinstance(node.func, ast.Attribute):
            callee = self.runtime.method(self.value(node.func.value, scope), node.func.attr)
        else:
            callee = self.value(node.func, scope)
        kwargs: dict[str, Value] = {}
        for key in node.keywords:
            value = self.value(key.value, scope)
            if key.arg is None and not isinstance(value, dict):
                raise NotRecovered("** of something that is no dict")
            kwargs.update(value if key.arg is None else {key.arg: value})
        return self.runtime.call(callee, self._items(node.args, scope), kwargs)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return self.function(node, scope)

    def _listcomp(self, node: ast.ListComp, scope: Scope) -> Value:
        found: list[Value] = []
        self._loops(node.generators, Scope({}, scope), lambda inner: found.append(self.value(node.elt, inner)))
        return found

    def _generatorexp(self, node: ast.GeneratorExp, scope: Scope) -> Value:
        found: list[Value] = []
        self._loops(node.generators, Scope({}, scope), lambda inner: found.append(self.value(node.elt, inner)))
        return found

    def _loops(self, loops: list[ast.comprehension], scope: Scope, body: Callable[[Scope], Any]) -> None:
        if not loops:
            body(scope)
            return
        for item in self.runtime.iterate(self.value(loops[0].iter, scope)):
            self.runtime.step()
            self.store(loops[0].target, item, scope)
            if all(self.runtime.truth(self.value(test, scope)) for test in loops[0].ifs):
                self._loops(loops[1:], scope, body)

    def function(self, node: ast.Lambda | ast.FunctionDef, scope: Scope) -> Function:
        settings = node.args
        if settings.kwonlyargs or settings.kwarg or settings.vararg or settings.posonlyargs:
            raise NotRecovered("a function with * or / among its parameters")
        defaults = tuple(self.value(default, scope) for default in settings.defaults)
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        names = [argument.arg for argument in settings.args]

        def run(function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
            values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
            values |= {**dict(zip(names, args, strict=False)), **kwargs}
            if len(args) > len(names) or set(values) != set(names):
                raise NotRecovered(f"{name} is called with the wrong arguments")
            inner = Scope(values, scope)
            return self.value(node.body, inner) if isinstance(node, ast.Lambda) else self.statements(node.body, inner)

        return Function(node, name, run, defaults)

    def statements(self, nodes: list[ast.stmt], scope: Scope) -> Value:
        try:
            for node in nodes:
                self.statement(node, scope)
        except _Return as found:
            return found.value
        return None

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        self.runtime.step()
        if isinstance(node, ast.Return):
            raise _Return(None if node.value is None else self.value(node.value, scope))
        if isinstance(node, ast.Assign):
            found = self.value(node.value, scope)
            for target in node.targets:
                self.store(target, found, scope)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            left = self._name(ast.Name(node.target.id), scope)
            found = self.runtime.binary(OPERATORS[type(node.op)], left, self.value(node.value, scope))
            scope.names[node.target.id] = found
        elif isinstance(node, ast.Expr):
            self.value(node.value, scope)
        elif isinstance(node, ast.If):
            self._all(node.body if self.runtime.truth(self.value(node.test, scope)) else node.orelse, scope)
        elif isinstance(node, ast.For) and not node.orelse:
            for item in self.runtime.iterate(self.value(node.iter, scope)):
                self.store(node.target, item, scope)
                self._all(node.body, scope)
        elif isinstance(node, ast.While) and not node.orelse:
            while self.runtime.truth(self.value(node.test, scope)):
                self._all(node.body, scope)
        elif isinstance(node, ast.FunctionDef):
            scope.names[node.name] = self.function(node, scope)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                scope.names[alias.asname or name] = self.runtime.module(name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            module: Symbol = self.runtime.module(node.module)
            for alias in node.names:
                scope.names[alias.asname or alias.name] = self.runtime.attribute(module, alias.name)
        elif not isinstance(node, ast.Pass):
            raise NotRecovered(f"the statement {type(node).__name__} is not known here")

    def _all(self, nodes: list[ast.stmt], scope: Scope) -> None:
        for node in nodes:
            self.statement(node, scope)

    def store(self, target: ast.expr, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            items = list(self.runtime.iterate(value))
            if len(items) != len(target.elts):
                raise NotRecovered(f"{len(items)} values for {len(target.elts)} names")
            for part, item in zip(target.elts, items, strict=True):
                self.store(part, item, scope)
        elif isinstance(target, ast.Subscript):
            owner, key = self.value(target.value, scope), self.value(target.slice, scope)
            self.runtime.store_item(owner, key, value)
        else:
            raise NotRecovered(f"an assignment to a {type(target).__name__}")
