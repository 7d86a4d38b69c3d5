"""Instructions that load, store, compute and build."""

from __future__ import annotations

from typing import Any

from k2to3.bytecode import plain
from k2to3.bytecode.decode import Instruction
from k2to3.bytecode.machine import NULL, Frame, Machine, handles, keyword_names, mapping, symbol_of
from k2to3.bytecode.values import Cell, NotRecovered


@handles("NOP", "SETUP_LOOP", "POP_BLOCK", "SETUP_ANNOTATIONS")
def nothing(machine: Machine, frame: Frame, i: Instruction) -> None:
    pass


@handles("POP_TOP", "POP_ITER", "END_FOR")
def pop_top(machine: Machine, frame: Frame, i: Instruction) -> None:
    # 3.12's END_FOR and the exhausted iterator are handled by FOR_ITER itself.
    if i.op != "END_FOR":
        frame.pop()


@handles("PUSH_NULL")
def push_null(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(NULL)


@handles("LOAD_CONST")
def load_const(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(i.value)


@handles("LOAD_FAST")
def load_fast(machine: Machine, frame: Frame, i: Instruction) -> None:
    # 3.13 loads the cell itself this way, to make an inner function.
    if i.value in frame.cells and machine.release >= (3, 13):
        frame.push(frame.cells[i.value])
    elif i.value in frame.locals:
        frame.push(frame.locals[i.value])
    else:
        raise NotRecovered(f"local variable {i.value!r} has no value")


@handles("LOAD_FAST_AND_CLEAR")
def load_fast_and_clear(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(frame.locals.pop(i.value, NULL))


@handles("STORE_FAST")
def store_fast(machine: Machine, frame: Frame, i: Instruction) -> None:
    value = frame.pop()
    if value is NULL:
        frame.locals.pop(i.value, None)
    else:
        frame.locals[i.value] = value


@handles("DELETE_FAST")
def delete_fast(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.locals.pop(i.value, None)


@handles("LOAD_CLOSURE")
def load_closure(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(_cell(frame, i.value))


@handles("LOAD_DEREF", "LOAD_CLASSDEREF")
def load_deref(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(_content(frame, i.value))


@handles("STORE_DEREF")
def store_deref(machine: Machine, frame: Frame, i: Instruction) -> None:
    cell = _cell(frame, i.value)
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
def load_global(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(machine.runtime.name(i.value))


@handles("IMPORT_NAME")
def import_name(machine: Machine, frame: Frame, i: Instruction) -> None:
    names, level = frame.pop(), frame.pop()
    if level not in (0, -1):
        raise NotRecovered("a relative import")
    found = machine.runtime.module(i.value)
    frame.push(found if names else machine.runtime.module(i.value.split(".")[0]))


@handles("IMPORT_FROM")
def import_from(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(machine.runtime.attribute(symbol_of(frame.peek(1)), i.value))


@handles("LOAD_ATTR")
def load_attr(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(machine.runtime.attribute(frame.pop(), i.value))


@handles("BINARY")
def binary(machine: Machine, frame: Frame, i: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.binary(i.value, left, right))


@handles("UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT")
def unary(machine: Machine, frame: Frame, i: Instruction) -> None:
    op = {"UNARY_NEGATIVE": "-", "UNARY_POSITIVE": "+", "UNARY_INVERT": "~"}[i.op]
    frame.push(machine.runtime.unary(op, frame.pop()))


@handles("UNARY_NOT")
def negation(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(not machine.runtime.truth(frame.pop()))


@handles("TO_BOOL")
def to_bool(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(machine.runtime.truth(frame.pop()))


@handles("COMPARE_OP")
def compare(machine: Machine, frame: Frame, i: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare(i.value, left, right))


@handles("IS_OP")
def is_op(machine: Machine, frame: Frame, i: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare("is not" if i.value else "is", left, right))


@handles("CONTAINS_OP")
def contains_op(machine: Machine, frame: Frame, i: Instruction) -> None:
    left, right = frame.popn(2)
    frame.push(machine.runtime.compare("not in" if i.value else "in", left, right))


@handles("SUBSCR")
def subscr(machine: Machine, frame: Frame, i: Instruction) -> None:
    owner, key = frame.popn(2)
    frame.push(machine.runtime.item(owner, key))


@handles("STORE_SUBSCR")
def store_subscr(machine: Machine, frame: Frame, i: Instruction) -> None:
    value, owner, key = frame.popn(3)
    machine.runtime.store_item(owner, key, value)


@handles("BINARY_SLICE")
def binary_slice(machine: Machine, frame: Frame, i: Instruction) -> None:
    owner, start, stop = frame.popn(3)
    frame.push(machine.runtime.item(owner, slice(start, stop)))


@handles("SLICE+0", "SLICE+1", "SLICE+2", "SLICE+3")
def python2_slice(machine: Machine, frame: Frame, i: Instruction) -> None:
    kind = int(i.op[-1])
    stop = frame.pop() if kind & 2 else None
    start = frame.pop() if kind & 1 else None
    frame.push(machine.runtime.item(frame.pop(), slice(start, stop)))


@handles("BUILD_SLICE")
def build_slice(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(slice(*frame.popn(i.value)))


@handles("BUILD_TUPLE", "BUILD_LIST")
def build(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = frame.popn(i.value)
    frame.push(tuple(items) if i.op == "BUILD_TUPLE" else items)


@handles("BUILD_MAP")
def build_map(machine: Machine, frame: Frame, i: Instruction) -> None:
    if machine.release < (3, 5):
        frame.push({})
        return
    items = frame.popn(2 * i.value)
    frame.push(plain.guarded(lambda: dict(zip(items[::2], items[1::2], strict=True))))


@handles("STORE_MAP")
def store_map(machine: Machine, frame: Frame, i: Instruction) -> None:
    value, key = frame.popn(2)
    machine.runtime.store_item(frame.peek(1), key, value)


@handles("BUILD_CONST_KEY_MAP")
def build_const_key_map(machine: Machine, frame: Frame, i: Instruction) -> None:
    names = keyword_names(frame.pop())
    frame.push(dict(zip(names, frame.popn(len(names)), strict=True)))


@handles("LIST_APPEND")
def list_append(machine: Machine, frame: Frame, i: Instruction) -> None:
    value = frame.pop()
    machine.runtime.call(machine.runtime.method(frame.peek(i.value), "append"), [value], {})


@handles("LIST_EXTEND")
def list_extend(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = machine.runtime.iterate(frame.pop())
    machine.runtime.call(machine.runtime.method(frame.peek(i.value), "extend"), [list(items)], {})


@handles("MAP_ADD")
def map_add(machine: Machine, frame: Frame, i: Instruction) -> None:
    first, second = frame.popn(2)
    # 3.8 swapped the order of key and value.
    key, value = (first, second) if machine.release >= (3, 8) else (second, first)
    machine.runtime.store_item(frame.peek(i.value), key, value)


@handles("DICT_MERGE", "DICT_UPDATE")
def dict_merge(machine: Machine, frame: Frame, i: Instruction) -> None:
    more = mapping(frame.pop())
    target = frame.peek(i.value)
    if not isinstance(target, dict):
        raise NotRecovered("** into something that is no dict")
    target.update(more)


@handles("LIST_TO_TUPLE")
def list_to_tuple(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(tuple(machine.runtime.iterate(frame.pop())))


@handles("CALL_INTRINSIC_1")
def intrinsic(machine: Machine, frame: Frame, i: Instruction) -> None:
    if i.value == 5:
        frame.push(machine.runtime.unary("+", frame.pop()))
    elif i.value == 6:
        frame.push(tuple(machine.runtime.iterate(frame.pop())))
    else:
        raise NotRecovered("an instruction of CPython's own")


@handles("BUILD_TUPLE_UNPACK", "BUILD_LIST_UNPACK", "BUILD_TUPLE_UNPACK_WITH_CALL")
def build_unpack(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = [item for part in frame.popn(i.value) for item in machine.runtime.iterate(part)]
    frame.push(items if i.op == "BUILD_LIST_UNPACK" else tuple(items))


@handles("BUILD_MAP_UNPACK", "BUILD_MAP_UNPACK_WITH_CALL")
def build_map_unpack(machine: Machine, frame: Frame, i: Instruction) -> None:
    found: dict[str, Any] = {}
    for part in frame.popn(i.value & 0xFF):
        found.update(mapping(part))
    frame.push(found)


@handles("UNPACK_SEQUENCE")
def unpack_sequence(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = list(machine.runtime.iterate(frame.pop()))
    if len(items) != i.value:
        raise NotRecovered(f"it unpacks {len(items)} values into {i.value} names")
    for item in reversed(items):
        frame.push(item)


@handles("UNPACK_EX")
def unpack_ex(machine: Machine, frame: Frame, i: Instruction) -> None:
    before, after = i.value & 0xFF, i.value >> 8
    items = list(machine.runtime.iterate(frame.pop()))
    if len(items) < before + after:
        raise NotRecovered("it unpacks too few values")
    middle = items[before : len(items) - after]
    for item in reversed([*items[:before], middle, *items[len(items) - after :]]):
        frame.push(item)


@handles("ROT_TWO", "ROT_THREE", "ROT_FOUR", "ROT_N")
def rotate(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = frame.popn({"ROT_TWO": 2, "ROT_THREE": 3, "ROT_FOUR": 4}.get(i.op, i.value))
    for item in [items[-1], *items[:-1]]:
        frame.push(item)


@handles("SWAP")
def swap(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = frame.popn(i.value)
    items[0], items[-1] = items[-1], items[0]
    for item in items:
        frame.push(item)


@handles("COPY", "DUP_TOP")
def copy(machine: Machine, frame: Frame, i: Instruction) -> None:
    frame.push(frame.peek(i.value if i.op == "COPY" else 1))


@handles("DUP_TOP_TWO", "DUP_TOPX")
def duplicate(machine: Machine, frame: Frame, i: Instruction) -> None:
    items = frame.popn(i.value if i.op == "DUP_TOPX" else 2)
    for item in items * 2:
        frame.push(item)
