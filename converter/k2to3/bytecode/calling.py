"""Instructions that call and make functions, in the order of the CPython versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.bytecode.code import Code
from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers, keyword_names, mapping
from k2to3.bytecode.machine import NULL, Frame, Machine
from k2to3.bytecode.values import Cell, Function, NotRecovered, Value

handles = Handlers()


@handles("CALL_FUNCTION", "CALL_FUNCTION_VAR", "CALL_FUNCTION_KW", "CALL_FUNCTION_VAR_KW")
def call_function(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    if machine.release >= (3, 6):
        names = keyword_names(frame.pop()) if instruction.op == "CALL_FUNCTION_KW" else ()
        _call(machine, frame, frame.popn(instruction.value), names)
        return
    extra = mapping(frame.pop()) if instruction.op.endswith("KW") else {}
    star: list[Value] = []
    if "VAR" in instruction.op:
        if machine.release == (3, 5) and instruction.value >> 8:
            raise NotRecovered("*args with keywords in Python 3.5")
        star = list(machine.runtime.iterate(frame.pop()))
    pairs = frame.popn(2 * (instruction.value >> 8))
    args = frame.popn(instruction.value & 0xFF)
    kwargs = dict(zip(keyword_names(tuple(pairs[::2])), pairs[1::2], strict=True))
    frame.push(machine.runtime.call(frame.pop(), [*args, *star], {**kwargs, **extra}))


def _call(machine: Machine, frame: Frame, args: list[Value], names: tuple[str, ...]) -> None:
    positional, kwargs = _split(args, names)
    frame.push(machine.runtime.call(frame.pop(), positional, kwargs))


def _split(args: list[Value], names: tuple[str, ...]) -> tuple[list[Value], dict[str, Value]]:
    if len(names) > len(args):
        raise NotRecovered("more keyword names than arguments")
    count = len(args) - len(names)
    return args[:count], dict(zip(names, args[count:], strict=True))


@handles("LOAD_METHOD")
def load_method(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    found = machine.runtime.method(frame.pop(), instruction.value)
    if machine.release >= (3, 13):
        frame.push(found)
        frame.push(NULL)
    else:
        frame.push(NULL)
        frame.push(found)


@handles("CALL_METHOD")
def call_method(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    args = frame.popn(instruction.value)
    callee = frame.pop()
    frame.pop()
    frame.push(machine.runtime.call(callee, args, {}))


@handles("KW_NAMES")
def kw_names(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    if instruction.value >= len(frame.code.consts):
        raise NotRecovered("keyword names that are not there")
    frame.names = keyword_names(frame.code.consts[instruction.value])


@handles("CALL", "CALL_KW")
def call(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    names = keyword_names(frame.pop()) if instruction.op == "CALL_KW" else frame.names
    frame.names = ()
    args = frame.popn(instruction.value)
    callee, args = _callee(machine, frame, args)
    positional, kwargs = _split(args, names)
    frame.push(machine.runtime.call(callee, positional, kwargs))


def _callee(machine: Machine, frame: Frame, args: list[Value]) -> tuple[Value, list[Value]]:
    """3.11 and 3.12 keep NULL or a method below the callable, 3.13 NULL or self above it."""
    first, second = frame.popn(2)
    if machine.release >= (3, 13):
        return (first, args) if second is NULL else (first, [second, *args])
    return (second, args) if first is NULL else (first, [second, *args])


@handles("CALL_FUNCTION_EX")
def call_function_ex(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    kwargs = _double_star(machine, frame, instruction)
    args = list(machine.runtime.iterate(frame.pop()))
    callee = frame.pop()
    if machine.release >= (3, 13):
        callee = frame.pop() if callee is NULL else callee
    elif machine.release >= (3, 11) and frame.stack and frame.stack[-1] is NULL:
        frame.pop()
    frame.push(machine.runtime.call(callee, args, kwargs))


def _double_star(machine: Machine, frame: Frame, instruction: Instruction) -> Mapping[str, Value]:
    """3.14 always has something here: NULL where there are no keywords."""
    if machine.release < (3, 14):
        return mapping(frame.pop()) if instruction.value & 1 else {}
    found = frame.pop()
    return {} if found is NULL else mapping(found)


@handles("MAKE_FUNCTION")
def make_function(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    if machine.release < (3, 6):
        _old_function(machine, frame, instruction.value, closure=False)
        return
    if machine.release < (3, 11):
        frame.pop()
    code = _code(frame.pop())
    flags = 0 if machine.release >= (3, 13) else instruction.value
    closure = frame.pop() if flags & 8 else ()
    if flags & 4:
        frame.pop()
    kwdefaults = mapping(frame.pop()) if flags & 2 else {}
    defaults = frame.pop() if flags & 1 else ()
    frame.push(_function(machine, code, defaults, kwdefaults, closure))


@handles("MAKE_CLOSURE")
def make_closure(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    _old_function(machine, frame, instruction.value, closure=True)


def _old_function(machine: Machine, frame: Frame, count: int, closure: bool) -> None:
    if count >> 8:
        raise NotRecovered("keyword-only defaults of Python 3.4 and 3.5")
    if machine.release >= (3, 0):
        frame.pop()
    code = _code(frame.pop())
    cells = frame.pop() if closure else ()
    frame.push(_function(machine, code, tuple(frame.popn(count)), {}, cells))


@handles("SET_FUNCTION_ATTRIBUTE")
def set_function_attribute(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    function, value = frame.pop(), frame.pop()
    if not isinstance(function, Function):
        raise NotRecovered("it changes something that is no function")
    parts: dict[str, Any] = {"defaults": function.defaults, "kwdefaults": function.kwdefaults}
    closure: Any = function.closure
    if instruction.value == 1:
        parts["defaults"] = value
    elif instruction.value == 2:
        parts["kwdefaults"] = mapping(value)
    elif instruction.value == 8:
        closure = value
    frame.push(_function(machine, function.body, parts["defaults"], parts["kwdefaults"], closure))


def _function(machine: Machine, code: Code, defaults: Any, kwdefaults: Any, closure: Any) -> Function:
    if not isinstance(defaults, tuple) or not isinstance(closure, tuple):
        raise NotRecovered("an inner function with damaged defaults")
    if not all(isinstance(cell, Cell) for cell in closure):
        raise NotRecovered("an inner function with damaged variables")
    return Function(code, code.name, machine.run, defaults, kwdefaults, closure)


def _code(value: Value) -> Code:
    if not isinstance(value, Code):
        raise NotRecovered("a function that is made of something else than code")
    return value
