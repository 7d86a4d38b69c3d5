"""A function object that the user gives in Python: its own bytecode is followed, it is never called."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from copy import deepcopy
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from k2to3.bytecode.code import Code
from k2to3.bytecode.instructions import HANDLERS
from k2to3.bytecode.machine import Machine
from k2to3.bytecode.names import MODULES, ROOTS
from k2to3.bytecode.runtime import Runtime, cells
from k2to3.bytecode.syntax import apply_text
from k2to3.bytecode.values import Backend, Function, NotRecovered, Symbol, Value
from k2to3.functions.spelling import canonical

KERAS3 = {**ROOTS, "ops": "keras.ops"}
_MISSING = object()
PLAIN = (bool, int, float, complex, str, tuple, list, dict, type(None), np.ndarray, np.generic)


def apply_given(function: str | FunctionType, backend: Backend, given: Value, names: Mapping[str, Value]) -> Value:
    """What the function makes of `given`; source text is parsed, never run.

    Names that it uses are looked up in its own globals: modules of the closed world, plain
    data, and further functions of the same file.

    Raises:
        NotRecovered: it uses something that is not known here.
    """
    if isinstance(function, str):
        return apply_text(function, backend, given, names)
    runtime = Runtime(backend, names, KERAS3)
    reader = _Reader(Machine(runtime, _version(), HANDLERS), runtime.given)
    try:
        return runtime.enter(reader.function(function), [given], {})
    except RecursionError as error:
        raise NotRecovered("the function nests too deeply") from error


def _version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def as_code(code: CodeType) -> Code:
    """The code object as plain data."""
    cells_alone = tuple(name for name in code.co_cellvars if name not in code.co_varnames)
    return Code(
        layout="3.11" if sys.version_info >= (3, 11) else "3.8",
        name=code.co_name,
        filename="",
        first_line=code.co_firstlineno,
        argcount=code.co_argcount,
        posonly=code.co_posonlyargcount,
        kwonly=code.co_kwonlyargcount,
        flags=code.co_flags,
        bytecode=code.co_code,
        consts=tuple(as_code(item) if isinstance(item, CodeType) else item for item in code.co_consts),
        names=code.co_names,
        varnames=code.co_varnames,
        cellvars=code.co_cellvars,
        freevars=code.co_freevars,
        lines=b"",
        localsplus=(*code.co_varnames, *cells_alone, *code.co_freevars),
    )


class _Reader:
    def __init__(self, machine: Machine, known: dict[str, Value]) -> None:
        self.machine, self.known = machine, known

    def function(self, function: FunctionType) -> Function:
        closure = [self.value(cell.cell_contents) for cell in function.__closure__ or ()]
        defaults = tuple(self.value(value) for value in function.__defaults__ or ())
        made: Function = self.machine.function(as_code(function.__code__), defaults, cells(closure))
        for name in _globals(function.__code__):
            value = function.__globals__.get(name, _MISSING)
            if value is function:
                self.known.setdefault(name, made)
            elif value is not _MISSING and name not in self.known:
                self._bind(name, value)
        return made

    def _bind(self, name: str, value: Any) -> None:
        """A global; what is not of the closed world stays without a value, as it may not even be used."""
        try:
            self.known[name] = self.value(value)
        except NotRecovered:
            return

    def value(self, value: Any) -> Value:
        if isinstance(value, ModuleType):
            return module(value)
        if isinstance(value, FunctionType):
            path = canonical(f"{value.__module__}.{value.__name__}")
            if path.split(".")[0] in MODULES:
                return Symbol(path)
            return self.function(value)
        if isinstance(value, PLAIN):
            # A copy: what the function does to it stays here.
            return deepcopy(value)
        raise NotRecovered(f"it uses a {type(value).__name__}")


def module(value: ModuleType) -> Symbol:
    """A module of the closed world under the name that is known here."""
    path = value.__name__
    for prefix in ("keras._tf_keras.keras", "keras.api", "keras.src", "tf_keras.src", "tf_keras.api._v2.keras"):
        if path == prefix or path.startswith(prefix + "."):
            path = "keras" + path.removeprefix(prefix)
    path = canonical(path + ".").rstrip(".")
    if path.split(".")[0] not in MODULES:
        raise NotRecovered(f"it uses the module {value.__name__}")
    return Symbol(path)


def _globals(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for item in code.co_consts:
        if isinstance(item, CodeType):
            found |= _globals(item)
    return found
