"""Instructions that load and store: constants, variables, names, modules, attributes."""

from __future__ import annotations

from typing import Any

from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers, symbol_of
from k2to3.bytecode.machine import NULL, Frame, Machine
from k2to3.bytecode.values import Cell, NotRecovered, Symbol

handles = Handlers()


@handles("LOAD_CONST")
def load_const(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(instruction.value)


@handles("LOAD_COMMON_CONSTANT")
def load_common_constant(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    # 3.14 compares with it before it takes a short way for `tuple(… for …)`.
    frame.push(Symbol(f"builtins.{instruction.value}"))


@handles("LOAD_FAST")
def load_fast(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    # 3.13 loads the cell itself this way, to make an inner function.
    if instruction.value in frame.cells and machine.release >= (3, 13):
        frame.push(frame.cells[instruction.value])
    elif instruction.value in frame.locals:
        frame.push(frame.locals[instruction.value])
    else:
        raise NotRecovered(f"local variable {instruction.value!r} has no value")


@handles("LOAD_FAST_AND_CLEAR")
def load_fast_and_clear(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(frame.locals.pop(instruction.value, NULL))


@handles("STORE_FAST")
def store_fast(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    value = frame.pop()
    if value is NULL:
        frame.locals.pop(instruction.value, None)
    else:
        frame.locals[instruction.value] = value


@handles("DELETE_FAST")
def delete_fast(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.locals.pop(instruction.value, None)


@handles("LOAD_CLOSURE")
def load_closure(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(_cell(frame, instruction.value))


@handles("LOAD_DEREF", "LOAD_CLASSDEREF")
def load_deref(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(_content(frame, instruction.value))


@handles("STORE_DEREF")
def store_deref(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    cell = _cell(frame, instruction.value)
    cell.value, cell.bound = frame.pop(), True


def _cell(frame: Frame, name: str) -> Cell:
    if name not in frame.cells:
        raise NotRecovered(f"variable {name!r} is no shared one")
    return frame.cells[name]


def _content(frame: Frame, name: str) -> Any:
    cell = _cell(frame, name)
    if not cell.bound:
        raise NotRecovered(f"variable {name!r} has no value")
    return cell.value


@handles("LOAD_GLOBAL", "LOAD_NAME")
def load_global(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(machine.runtime.name(instruction.value))


@handles("IMPORT_NAME")
def import_name(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    names, level = frame.pop(), frame.pop()
    if level not in (0, -1):
        raise NotRecovered("a relative import")
    found = machine.runtime.module(instruction.value)
    frame.push(found if names else machine.runtime.module(instruction.value.split(".")[0]))


@handles("IMPORT_FROM")
def import_from(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(machine.runtime.attribute(symbol_of(frame.peek(1)), instruction.value))


@handles("LOAD_ATTR")
def load_attr(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(machine.runtime.attribute(frame.pop(), instruction.value))
