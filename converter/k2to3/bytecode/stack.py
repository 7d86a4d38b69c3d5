"""Instructions that move what lies on the stack."""

from __future__ import annotations

from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers
from k2to3.bytecode.machine import NULL, Frame, Machine

handles = Handlers()


@handles("NOP", "SETUP_LOOP", "POP_BLOCK", "SETUP_ANNOTATIONS")
def nothing(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    pass


@handles("POP_TOP", "POP_ITER", "END_FOR")
def pop_top(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    # 3.12's END_FOR and the exhausted iterator are handled by FOR_ITER itself.
    if instruction.op != "END_FOR":
        frame.pop()


@handles("PUSH_NULL")
def push_null(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(NULL)


@handles("ROT_TWO", "ROT_THREE", "ROT_FOUR", "ROT_N")
def rotate(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = frame.popn({"ROT_TWO": 2, "ROT_THREE": 3, "ROT_FOUR": 4}.get(instruction.op, instruction.value))
    for item in [items[-1], *items[:-1]]:
        frame.push(item)


@handles("SWAP")
def swap(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = frame.popn(instruction.value)
    items[0], items[-1] = items[-1], items[0]
    for item in items:
        frame.push(item)


@handles("COPY", "DUP_TOP")
def copy(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(frame.peek(instruction.value if instruction.op == "COPY" else 1))


@handles("DUP_TOP_TWO", "DUP_TOPX")
def duplicate(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = frame.popn(instruction.value if instruction.op == "DUP_TOPX" else 2)
    for item in items * 2:
        frame.push(item)
