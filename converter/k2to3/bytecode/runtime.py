"""What values do: shared by the bytecode machine and the reader of a user's expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from k2to3.bytecode import numpy_functions, plain
from k2to3.bytecode.names import CONSTANTS, MODULES, NOISE, PYTHON, ROOTS, extend
from k2to3.bytecode.values import Backend, Bound, Cell, Function, Iteration, NotRecovered, Symbol, Value

FUEL = 20_000
MAX_CALLS = 20
MAX_INTEGER = 1 << 53


class Runtime:
    """Evaluates operations on constants, and hands those on tensors to a backend."""

    def __init__(self, backend: Backend, given: Mapping[str, Value] | None = None, roots: Mapping[str, str] = ROOTS):
        self.backend = backend
        self.given = dict(given or {})
        self.roots = roots
        self.fuel = FUEL
        self.depth = 0

    def step(self) -> None:
        self.fuel -= 1
        if self.fuel < 0:
            raise NotRecovered(f"it runs for more than {FUEL} steps")

    def name(self, name: str) -> Value:
        """A global or builtin."""
        if name in self.given:
            return self.given[name]
        if name in self.roots:
            return Symbol(self.roots[name])
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in PYTHON:
            return Symbol(f"builtins.{name}")
        raise NotRecovered(
            f"it uses the global name {name!r}, whose value is not in the file",
            hint=f"give it: --lambda-global {name}=VALUE, e.g. {name}=3 or {name}=tf.nn.relu",
        )

    def module(self, name: str) -> Symbol:
        """`import name`."""
        top = name.split(".")[0]
        if top not in MODULES:
            raise NotRecovered(f"it imports {name!r}")
        path = "keras" if top == "tf_keras" else top
        for part in name.split(".")[1:]:
            path = extend(path, part)
        return Symbol(path)

    def has_symbolic(self, value: Value) -> bool:
        if isinstance(value, (list, tuple)):
            return any(self.has_symbolic(item) for item in value)
        if isinstance(value, dict):
            return any(self.has_symbolic(item) for item in value.values())
        if isinstance(value, slice):
            return any(self.has_symbolic(item) for item in (value.start, value.stop, value.step))
        if isinstance(value, Iteration):
            return self.has_symbolic(value.items)
        return self.backend.symbolic(value)

    def binary(self, op: str, left: Value, right: Value) -> Value:
        left, right = self.argument(left), self.argument(right)
        if op == "py2/":
            both = all(isinstance(v, int) for v in (left, right))
            op = "//" if both or self._integers(left, right) else "/"
        if self.backend.symbolic(left) or self.backend.symbolic(right):
            return self.backend.call(f"operator.{plain.BINARY[op][0]}", [left, right], {})
        if op in ("==", "!=") and (self.has_symbolic(left) or self.has_symbolic(right)):
            raise NotRecovered("it compares lists that hold tensors")
        return plain.binary(op, left, right)

    def _integers(self, left: Value, right: Value) -> bool:
        """Python 2 floors whole extents too; tensors divided as in TensorFlow's `__div__`."""
        symbolic = [v for v in (left, right) if self.backend.symbolic(v)]
        if any("int" in str(getattr(v, "dtype", "")) and len(v.shape) > 0 for v in symbolic):
            raise NotRecovered("Python 2 divides a tensor of whole numbers")
        # Extents that only the running model knows have no dtype, or are whole scalars.
        whole = all("float" not in str(getattr(v, "dtype", "int")) for v in symbolic)
        return bool(symbolic) and whole and float not in map(type, (left, right))

    def unary(self, op: str, value: Value) -> Value:
        if self.backend.symbolic(value):
            return self.backend.call(f"operator.{plain.UNARY[op][0]}", [value], {})
        return plain.guarded(plain.UNARY[op][1], self.argument(value))

    def compare(self, op: str, left: Value, right: Value) -> Value:
        if op in ("is", "is not"):
            same = left is right or (_small(left) and _small(right) and type(left) is type(right) and left == right)
            return same == (op == "is")
        if op in ("in", "not in"):
            left = self.argument(left)
            if self.backend.symbolic(left) or self.has_symbolic(right):
                raise NotRecovered("it looks for a tensor in a list")
            if isinstance(right, (str, dict)):
                return plain.guarded(lambda: left in right) == (op == "in")
            return plain.guarded(lambda: left in plain.listed(right)) == (op == "in")
        return self.binary(op, left, right)

    def truth(self, value: Value) -> bool:
        if isinstance(value, (Function, Symbol, Bound)):
            return True
        if self.backend.symbolic(value) or isinstance(value, Iteration):
            raise NotRecovered("a condition depends on the values of a tensor")
        return bool(plain.guarded(bool, value))

    def item(self, owner: Value, key: Value) -> Value:
        key = self.argument(key)
        if self.backend.symbolic(owner) or isinstance(owner, np.ndarray):
            return self.backend.call("operator.getitem", [owner, key], {})
        if self.has_symbolic(key) or not isinstance(owner, (list, tuple, dict, str, range)):
            raise NotRecovered(f"it subscripts a {plain.describe(owner)}")
        return plain.guarded(lambda: owner[key])

    def store_item(self, owner: Value, key: Value, value: Value) -> None:
        if not isinstance(owner, (list, dict)) or self.has_symbolic(key):
            raise NotRecovered(f"it assigns into a {plain.describe(owner)}")
        plain.guarded(owner.__setitem__, key, value)

    def attribute(self, owner: Value, name: str) -> Value:
        """`owner.name` where it is not called."""
        if isinstance(owner, Symbol):
            path = extend(owner.path, name)
            try:
                return self.backend.constant(path)
            except KeyError:
                return Symbol(path)
        if isinstance(owner, (list, tuple)) and name in ("values", "indices") and self.has_symbolic(owner):
            # top_k returns a named pair.
            return owner[name == "indices"]
        if name in ("value", "ndims", "rank", "dims") or self.backend.symbolic(owner) or isinstance(owner, np.ndarray):
            if name in METHOD_NAMES:
                return Bound(owner, name)
            return self.backend.attribute(owner, name)
        return Bound(owner, name)

    def method(self, owner: Value, name: str) -> Value:
        """`owner.name` where it is about to be called."""
        return self.attribute(owner, name) if isinstance(owner, Symbol) else Bound(owner, name)

    def iterate(self, value: Value) -> Sequence[Value]:
        if self.backend.symbolic(value):
            return self.backend.unroll(value)
        return plain.listed(value)

    def argument(self, value: Value) -> Value:
        """A value as the backend takes it: dtypes of NumPy and Python by name."""
        if isinstance(value, Symbol):
            found = DTYPES.get(value.path)
            if found is not None:
                return found
            raise NotRecovered(f"it passes the function {value.path} on")
        if isinstance(value, (Function, Bound)):
            raise NotRecovered("it passes a function on")
        if isinstance(value, Iteration):
            return [self.argument(item) for item in plain.listed(value)]
        if isinstance(value, range):
            return list(value)
        if isinstance(value, (list, tuple)):
            return type(value)(self.argument(item) for item in value)
        if isinstance(value, dict):
            return {key: self.argument(item) for key, item in value.items()}
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise NotRecovered("a whole number that no extent or index has")
        return value

    def call(self, callee: Value, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        self.step()
        if isinstance(callee, Function):
            return self.enter(callee, args, kwargs)
        if isinstance(callee, Bound):
            return self._call_method(callee, args, kwargs)
        if isinstance(callee, Symbol):
            return self._call_symbol(callee.path, args, kwargs)
        raise NotRecovered(f"it calls a {plain.describe(callee)}")

    def enter(self, function: Function, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        """Follow the body of a function."""
        self.depth += 1
        if self.depth > MAX_CALLS:
            raise NotRecovered(f"calls nested deeper than {MAX_CALLS}")
        try:
            return function.run(function, list(args), dict(kwargs))
        finally:
            self.depth -= 1

    def _call_method(self, bound: Bound, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        owner = bound.owner
        if self.backend.symbolic(owner) or isinstance(owner, np.ndarray):
            values = [self.argument(arg) for arg in args]
            return self.backend.method(owner, bound.name, values, self.argument(dict(kwargs)))
        if bound.name == "get_shape" and not args:
            raise NotRecovered(f"it asks a {plain.describe(owner)} for its shape")
        return plain.method(owner, bound.name, args, kwargs)

    def _call_symbol(self, path: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        head, _, name = path.partition(".")
        if head == "builtins":
            return self._builtin(name, args, kwargs)
        if path == "functools.reduce":
            return self._builtin("reduce", args, kwargs)
        if path in NOISE:
            return self.backend.noise(path, args, kwargs)
        values, named = [self.argument(arg) for arg in args], self.argument(dict(kwargs))
        symbolic = self.has_symbolic(values) or self.has_symbolic(named)
        if not symbolic and numpy_functions.known(path):
            return numpy_functions.call(path, values, named)
        return self.backend.call(path, values, named)

    def _builtin(self, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if name == "sum":
            return self._sum(*args, **kwargs)
        if name in ("map", "filter", "reduce"):
            return self._calling(name, args)
        if name == "len" and args and self.backend.symbolic(args[0]):
            return self.backend.call("builtins.len", list(args), {})
        if name in ("list", "tuple") and args and self.backend.symbolic(args[0]):
            items = self.backend.unroll(args[0])
            return list(items) if name == "list" else tuple(items)
        if name in plain.BUILTINS:
            return plain.guarded(plain.BUILTINS[name], *args, **kwargs)
        if self.has_symbolic(list(args)):
            if name == "bool":
                raise NotRecovered("a condition depends on the values of a tensor")
            return self.backend.call(f"builtins.{name}", list(args), kwargs)
        if any(isinstance(v, (Function, Symbol, Bound)) for v in (*args, *kwargs.values())):
            raise NotRecovered(f"{name}() with a function")
        return plain.guarded(plain.NUMERIC[name], *(_flat(arg) for arg in args), **kwargs)

    def _sum(self, values: Value, start: Value = 0) -> Value:
        found = start
        for value in self.iterate(values):
            self.step()
            found = value if isinstance(found, int) and found == 0 else self.binary("+", found, value)
        return found

    def _calling(self, name: str, args: Sequence[Value]) -> Value:
        if len(args) < 2:
            raise NotRecovered(f"{name}() with {len(args)} argument")
        function, items = args[0], list(self.iterate(args[1]))
        if name == "map":
            rows = zip(*(self.iterate(arg) for arg in args[1:]), strict=False)
            return Iteration([self.call(function, row, {}) for row in rows])
        if name == "filter":
            return Iteration([item for item in items if self.truth(self.call(function, [item], {}))])
        found = args[2] if len(args) > 2 else items.pop(0) if items else None
        for item in items:
            found = self.call(function, [found, item], {})
        return found


def _flat(value: Value) -> Value:
    return plain.listed(value) if isinstance(value, (Iteration, range)) else value


def _small(value: Value) -> bool:
    return value is None or value is Ellipsis or isinstance(value, (bool, int, str))


METHOD_NAMES = frozenset({"astype", "reshape", "transpose", "get_shape", "set_shape", "as_list", "sum", "mean", "max"})
DTYPES = {
    "builtins.int": "int32",
    "builtins.float": "float32",
    "builtins.bool": "bool",
    **{f"numpy.{name}": name for name in numpy_functions.DTYPES},
    "numpy.bool": "bool",
    "numpy.bool_": "bool",
}


def cells(values: Sequence[Any]) -> tuple[Cell, ...]:
    return tuple(Cell(value, True) for value in values)
