"""Instructions that build and unpack tuples, lists, dicts and slices."""

from __future__ import annotations

from typing import Any

from k2to3.bytecode import plain
from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.handlers import Handlers, keyword_names, mapping
from k2to3.bytecode.machine import Frame, Machine
from k2to3.bytecode.values import NotRecovered

handles = Handlers()


@handles("BUILD_SLICE")
def build_slice(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(slice(*frame.popn(instruction.value)))


@handles("BUILD_TUPLE", "BUILD_LIST")
def build(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = frame.popn(instruction.value)
    frame.push(tuple(items) if instruction.op == "BUILD_TUPLE" else items)


@handles("BUILD_MAP")
def build_map(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    if machine.release < (3, 5):
        frame.push({})
        return
    items = frame.popn(2 * instruction.value)
    frame.push(plain.guarded(lambda: dict(zip(items[::2], items[1::2], strict=True))))


@handles("STORE_MAP")
def store_map(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    value, key = frame.popn(2)
    machine.runtime.store_item(frame.peek(1), key, value)


@handles("BUILD_CONST_KEY_MAP")
def build_const_key_map(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    names = keyword_names(frame.pop())
    frame.push(dict(zip(names, frame.popn(len(names)), strict=True)))


@handles("LIST_APPEND")
def list_append(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    value = frame.pop()
    machine.runtime.call(machine.runtime.method(frame.peek(instruction.value), "append"), [value], {})


@handles("LIST_EXTEND")
def list_extend(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = machine.runtime.iterate(frame.pop())
    machine.runtime.call(machine.runtime.method(frame.peek(instruction.value), "extend"), [list(items)], {})


@handles("MAP_ADD")
def map_add(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    first, second = frame.popn(2)
    # 3.8 swapped the order of key and value.
    key, value = (first, second) if machine.release >= (3, 8) else (second, first)
    machine.runtime.store_item(frame.peek(instruction.value), key, value)


@handles("DICT_MERGE", "DICT_UPDATE")
def dict_merge(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    more = mapping(frame.pop())
    target = frame.peek(instruction.value)
    if not isinstance(target, dict):
        raise NotRecovered("** into something that is no dict")
    target.update(more)


@handles("LIST_TO_TUPLE")
def list_to_tuple(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    frame.push(tuple(machine.runtime.iterate(frame.pop())))


@handles("BUILD_TUPLE_UNPACK", "BUILD_LIST_UNPACK", "BUILD_TUPLE_UNPACK_WITH_CALL")
def build_unpack(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = [item for part in frame.popn(instruction.value) for item in machine.runtime.iterate(part)]
    frame.push(items if instruction.op == "BUILD_LIST_UNPACK" else tuple(items))


@handles("BUILD_MAP_UNPACK", "BUILD_MAP_UNPACK_WITH_CALL")
def build_map_unpack(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    found: dict[str, Any] = {}
    for part in frame.popn(instruction.value & 0xFF):
        found.update(mapping(part))
    frame.push(found)


@handles("UNPACK_SEQUENCE")
def unpack_sequence(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    items = list(machine.runtime.iterate(frame.pop()))
    if len(items) != instruction.value:
        raise NotRecovered(f"it unpacks {len(items)} values into {instruction.value} names")
    for item in reversed(items):
        frame.push(item)


@handles("UNPACK_EX")
def unpack_ex(machine: Machine, frame: Frame, instruction: Instruction) -> None:
    before, after = instruction.value & 0xFF, instruction.value >> 8
    items = list(machine.runtime.iterate(frame.pop()))
    if len(items) < before + after:
        raise NotRecovered("it unpacks too few values")
    middle = items[before : len(items) - after]
    for item in reversed([*items[:before], middle, *items[len(items) - after :]]):
        frame.push(item)
