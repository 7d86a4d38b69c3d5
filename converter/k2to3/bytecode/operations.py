"""Instructions that compute: operators, comparisons, subscripts."""

from __future__ import annotations

from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers
from k2to3.bytecode.machine import Frame, Machine
from k2to3.bytecode.values import NotRecovered

handles = Handlers()


@handles("BINARY")
def binary(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.binary(instruction.value, left, right))


@handles("UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT")
def unary(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    op = {"UNARY_NEGATIVE": "-", "UNARY_POSITIVE": "+", "UNARY_INVERT": "~"}[instruction.op]
    frame.push(machine.runtime.unary(op, frame.pop()))


@handles("UNARY_NOT")
def negation(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(not machine.runtime.truth(frame.pop()))


@handles("TO_BOOL")
def to_bool(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(machine.runtime.truth(frame.pop()))


@handles("COMPARE_OP")
def compare(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare(instruction.value, left, right))


@handles("IS_OP")
def is_op(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare("is not" if instruction.value else "is", left, right))


@handles("CONTAINS_OP")
def contains_op(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare("not in" if instruction.value else "in", left, right))


@handles("SUBSCR")
def subscr(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    owner, key = frame.popn(2)
    frame.push(machine.runtime.item(owner, key))


@handles("STORE_SUBSCR")
def store_subscr(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    value, owner, key = frame.popn(3)
    machine.runtime.store_item(owner, key, value)


@handles("BINARY_SLICE")
def binary_slice(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    owner, start, stop = frame.popn(3)
    frame.push(machine.runtime.item(owner, slice(start, stop)))


@handles("SLICE+0", "SLICE+1", "SLICE+2", "SLICE+3")
def python2_slice(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    kind = int(instruction.op[-1])
    stop = frame.pop() if kind & 2 else None
    start = frame.pop() if kind & 1 else None
    frame.push(machine.runtime.item(frame.pop(), slice(start, stop)))


@handles("CALL_INTRINSIC_1")
def intrinsic(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    if instruction.value == 5:
        frame.push(machine.runtime.unary("+", frame.pop()))
    elif instruction.value == 6:
        frame.push(tuple(machine.runtime.iterate(frame.pop())))
    else:
        raise NotRecovered("an instruction of CPython's own")
