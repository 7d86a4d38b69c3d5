"""A symbolic interpreter of decoded bytecode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from k2to3.bytecode.code import GENERATOR, VARARGS, VARKEYWORDS, Code
from k2to3.bytecode.decode import Instruction, decode, numbers
from k2to3.bytecode.runtime import Runtime
from k2to3.bytecode.values import Cell, Function, Iteration, NotRecovered, Value
from k2to3.dataclass import dataclass

MAX_STACK = 500


class _Null:
    """What CPython pushes beside a callable that is no method."""


NULL = _Null()


@dataclass(eq=False)
class Frame:
    """One activation of a function."""

    code: Code
    locals: dict[str, Value]
    cells: dict[str, Cell]
    stack: list[Value] = field(default_factory=list)
    names: tuple[str, ...] = ()
    yielded: list[Value] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    def push(self, value: Value) -> None:
        self.stack.append(value)
        if len(self.stack) > MAX_STACK:
            raise NotRecovered("its stack overflows")

    def pop(self) -> Value:
        if not self.stack:
            raise NotRecovered("its stack underflows")
        return self.stack.pop()

    def popn(self, count: int) -> list[Value]:
        if not 0 <= count <= len(self.stack):
            raise NotRecovered("its stack underflows")
        found = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return found

    def peek(self, depth: int) -> Value:
        if not 0 < depth <= len(self.stack):
            raise NotRecovered("its stack underflows")
        return self.stack[-depth]


class Machine:
    """Follows functions of one CPython version; `handlers` are the instructions that it knows."""

    def __init__(self, runtime: Runtime, version: str, handlers: Mapping[str, Handler]) -> None:
        self.runtime = runtime
        self.handlers = handlers
        self.version = version
        self.release = numbers(version)
        self._decoded: dict[Code, tuple[Instruction, ...]] = {}

    def function(self, code: Code, defaults: Any = (), closure: Any = ()) -> Function:
        return Function(code, code.name, self.run, tuple(defaults), {}, tuple(closure))

    def run(self, function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
        code: Code = function.body
        if len(function.closure) != len(code.freevars):
            raise NotRecovered("the values its inner function closes over are not in the file")
        values = bind(code, function, args, kwargs)
        cells = {name: Cell(values.get(name), name in values) for name in code.cellvars}
        cells.update(zip(code.freevars, function.closure, strict=True))
        frame = Frame(code, values, cells)
        found = self._loop(frame)
        return Iteration(frame.yielded) if code.flags & GENERATOR else found

    def _loop(self, frame: Frame) -> Value:
        if frame.code not in self._decoded:
            self._decoded[frame.code] = decode(frame.code, self.version)
        instructions = self._decoded[frame.code]
        position = 0
        while position < len(instructions):
            self.runtime.step()
            instruction = instructions[position]
            if instruction.op == "RETURN_VALUE":
                return frame.pop()
            handler = self.handlers.get(instruction.op)
            if handler is None:
                raise NotRecovered(f"it uses {instruction.op}, which only exact execution could follow")
            target = handler(self, frame, instruction)
            if target is None:
                position += 1
            else:
                assert instruction.target is not None
                position = instruction.target
        raise NotRecovered("it ends without returning")


def bind(code: Code, function: Function, args: list[Value], kwargs: dict[str, Value]) -> dict[str, Value]:
    """Arguments to parameter names, as Python binds them."""
    names = code.parameters
    positional, keyword = names[: code.argcount], names[code.argcount : code.argcount + code.kwonly]
    values = dict(zip(positional, args, strict=False))
    extra = args[len(positional) :]
    rest = list(names[code.argcount + code.kwonly :])
    if code.flags & VARARGS:
        values[rest.pop(0)] = tuple(extra)
    elif extra:
        raise NotRecovered(f"{code.name} takes {code.argcount} arguments and gets {len(args)}")
    loose = {}
    for name, value in kwargs.items():
        if name in values or name not in (*positional[code.posonly :], *keyword):
            if name in values or not code.flags & VARKEYWORDS:
                raise NotRecovered(f"{code.name} takes no argument {name!r}")
            loose[name] = value
        else:
            values[name] = value
    if code.flags & VARKEYWORDS:
        values[rest.pop(0)] = loose
    defaults = function.defaults
    if len(defaults) > len(positional):
        raise NotRecovered("more default arguments than arguments")
    values = {**dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True)), **values}
    values = {**function.kwdefaults, **values}
    missing = [name for name in (*positional, *keyword) if name not in values]
    if missing:
        raise NotRecovered(f"{code.name} is called without its argument {missing[0]!r}")
    return values


Handler = Callable[[Machine, Frame, Instruction], Any]
"""What an instruction does; with a result other than None it jumps to its target."""
