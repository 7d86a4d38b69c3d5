"""Instructions that jump and loop: only on what is known."""

from __future__ import annotations

from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers
from k2to3.bytecode.machine import Frame, Machine
from k2to3.bytecode.values import Iteration, NotRecovered

handles = Handlers()

JUMP = True


@handles("JUMP", "CONTINUE_LOOP")
def jump(machine: Machine, frame: Frame, instruction: Instruction) -> bool:
    return JUMP


@handles("POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE")
def pop_jump(machine: Machine, frame: Frame, instruction: Instruction) -> bool | None:
    wanted = instruction.op == "POP_JUMP_IF_TRUE"
    return JUMP if machine.runtime.truth(frame.pop()) == wanted else None


@handles("POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE")
def pop_jump_none(machine: Machine, frame: Frame, instruction: Instruction) -> bool | None:
    return JUMP if (frame.pop() is None) == (instruction.op == "POP_JUMP_IF_NONE") else None


@handles("JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP")
def jump_or_pop(machine: Machine, frame: Frame, instruction: Instruction) -> bool | None:
    if machine.runtime.truth(frame.peek(1)) == (instruction.op == "JUMP_IF_TRUE_OR_POP"):
        return JUMP
    frame.pop()
    return None


@handles("GET_ITER")
def get_iter(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    value = frame.pop()
    frame.push(value if isinstance(value, Iteration) else Iteration(machine.runtime.iterate(value)))


@handles("FOR_ITER")
def for_iter(machine: Machine, frame: Frame, instruction: Instruction) -> bool | None:
    iteration = frame.peek(1)
    if not isinstance(iteration, Iteration):
        raise NotRecovered("a loop over something that is no iterator")
    if iteration.position < len(iteration.items):
        frame.push(iteration.items[iteration.position])
        iteration.position += 1
        return None
    # 3.12 jumps to END_FOR, 3.13 to END_FOR and POP_TOP, which would pop the iterator.
    if machine.release < (3, 13):
        frame.pop()
    return JUMP


@handles("YIELD_VALUE")
def yield_value(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.yielded.append(frame.pop())
    frame.push(None)


@handles("RETURN_GENERATOR")
def return_generator(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    # Generators are run to their end; the POP_TOP that follows finds this.
    frame.push(None)
