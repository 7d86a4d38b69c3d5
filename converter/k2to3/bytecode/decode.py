"""Bytecode of any CPython as one stream of instructions with resolved arguments.

Differences between versions end here: the interpreter sees the same words for all.
Sources: CPython, Include/opcode.h, Lib/dis.py and Python/ceval.c (bytecodes.c) of each version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.bytecode.code import Code
from k2to3.bytecode.opcode_tables import CACHES, OPCODES
from k2to3.dataclass import dataclass
from k2to3.errors import Refused

MAX_INSTRUCTIONS = 20_000
COMPARE = ("<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "is not", "exception match")
OPERATORS = {
    "ADD": "+",
    "SUBTRACT": "-",
    "MULTIPLY": "*",
    "MATRIX_MULTIPLY": "@",
    "TRUE_DIVIDE": "/",
    "DIVIDE": "/",
    "FLOOR_DIVIDE": "//",
    "MODULO": "%",
    "POWER": "**",
    "LSHIFT": "<<",
    "RSHIFT": ">>",
    "AND": "&",
    "OR": "|",
    "XOR": "^",
}
BINARY_OP = ("+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^")
SUBSCRIPT = 26
"""Of BINARY_OP; 3.14 dropped BINARY_SUBSCR."""
LOCALS = frozenset(
    {"LOAD_FAST", "STORE_FAST", "DELETE_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR"}
)
PAIRS = {
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": ("LOAD_FAST", "LOAD_FAST"),
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST"),
    "STORE_FAST_STORE_FAST": ("STORE_FAST", "STORE_FAST"),
}
CELLS = frozenset({"LOAD_CLOSURE", "LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF", "LOAD_CLASSDEREF", "MAKE_CELL"})
NAMES = frozenset(
    {"LOAD_NAME", "STORE_NAME", "DELETE_NAME", "LOAD_ATTR", "STORE_ATTR", "DELETE_ATTR", "LOAD_GLOBAL"}
    | {"STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME", "IMPORT_FROM", "LOAD_METHOD"}
)
RELATIVE = frozenset({"FOR_ITER", "JUMP_FORWARD", "SETUP_LOOP", "SETUP_EXCEPT", "SETUP_FINALLY", "SETUP_WITH"})
ABSOLUTE = frozenset(
    {"JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "JUMP_ABSOLUTE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE"}
    | {"CONTINUE_LOOP", "JUMP_IF_NOT_EXC_MATCH"}
)
SILENT = frozenset(
    {"NOP", "NOT_TAKEN", "RESUME", "EXTENDED_ARG", "CACHE", "PRECALL", "MAKE_CELL", "COPY_FREE_VARS", "GEN_START"}
)
COMMON = ("AssertionError", "NotImplementedError", "tuple", "all", "any")


class BadBytecode(Refused):
    """No valid bytecode of this version."""


@dataclass(frozen=True)
class Instruction:
    """`value` is the constant, name, operator or number that the argument stands for;
    `target` the index of the instruction a jump leads to."""

    op: str
    value: Any = None
    target: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class _Raw:
    offset: int
    end: int
    name: str
    arg: int
    start: int
    """Where a jump to this instruction leads: its first EXTENDED_ARG."""


def decode(code: Code, version: str) -> tuple[Instruction, ...]:
    """The instructions of `code`, were it written by `version`.

    Raises:
        BadBytecode: it was not.
    """
    raw = list(_raw(code.bytecode, version))
    found: list[Instruction] = []
    starts: dict[int, int] = {}
    jumps: list[tuple[int, int]] = []
    for item in raw:
        starts[item.start] = starts[item.offset] = len(found)
        goal = _goal(item, version)
        if goal is not None:
            jumps.append((len(found), goal))
        found += _instructions(code, version, item)
    for index, goal in jumps:
        if goal not in starts:
            raise BadBytecode("a jump into the middle of an instruction")
        old = found[index]
        found[index] = Instruction(old.op, old.value, starts[goal], old.offset)
    if not found:
        raise BadBytecode("no instructions")
    return tuple(found)


def numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def _raw(data: bytes, version: str) -> Iterator[_Raw]:
    table, caches = OPCODES[version], CACHES.get(version, {})
    wide = numbers(version) >= (3, 6)
    if len(data) > 2 * MAX_INSTRUCTIONS or (wide and len(data) % 2):
        raise BadBytecode("bytecode of an impossible length")
    position, extended, start = 0, 0, 0
    while position < len(data):
        offset, name = position, table.get(data[position])
        if name is None:
            raise BadBytecode(f"opcode {data[position]} does not exist in Python {version}")
        position, arg = _argument(data, position, wide)
        position += 2 * caches.get(name, 0)
        if position > len(data):
            raise BadBytecode("the last instruction is cut off")
        if name == "EXTENDED_ARG":
            extended = (extended | arg) << (8 if wide else 16)
            if extended >= 1 << 31:
                raise BadBytecode("an argument of more than 31 bits")
            continue
        yield _Raw(offset, position, name, extended | arg, start)
        extended, start = 0, position


def _argument(data: bytes, position: int, wide: bool) -> tuple[int, int]:
    if wide:
        return position + 2, data[position + 1]
    if data[position] < 90:
        return position + 1, 0
    if position + 3 > len(data):
        raise BadBytecode("the last instruction is cut off")
    return position + 3, data[position + 1] | data[position + 2] << 8


def _goal(item: _Raw, version: str) -> int | None:
    name, release = item.name, numbers(version)
    unit = 2 if release >= (3, 10) else 1
    if release >= (3, 11) and ("JUMP" in name or name in ("FOR_ITER", "SEND")):
        return item.end - item.arg * 2 if "BACKWARD" in name else item.end + item.arg * 2
    if name in RELATIVE or name in ("SETUP_ASYNC_WITH", "CALL_FINALLY"):
        return item.end + item.arg * unit
    if name in ABSOLUTE:
        return item.arg * unit
    return None


def _instructions(code: Code, version: str, item: _Raw) -> list[Instruction]:
    name, arg, offset = item.name, item.arg, item.offset
    release = numbers(version)
    if name in PAIRS:
        first, second = PAIRS[name]
        return [
            Instruction(first, _local(code, version, arg >> 4), offset=offset),
            Instruction(second, _local(code, version, arg & 15), offset=offset),
        ]
    if name == "RETURN_CONST":
        return [Instruction("LOAD_CONST", _const(code, arg), offset=offset), Instruction("RETURN_VALUE", offset=offset)]
    if name == "LOAD_GLOBAL" and release >= (3, 11):
        load = Instruction("LOAD_GLOBAL", _name(code, arg >> 1), offset=offset)
        null = [Instruction("PUSH_NULL", offset=offset)] if arg & 1 else []
        return [load, *null] if release >= (3, 13) else [*null, load]
    if name == "LOAD_ATTR" and release >= (3, 12):
        return [Instruction("LOAD_METHOD" if arg & 1 else "LOAD_ATTR", _name(code, arg >> 1), offset=offset)]
    op, value = _word(code, version, name, arg)
    return [Instruction(op, value, offset=offset)]


def _word(code: Code, version: str, name: str, arg: int) -> tuple[str, Any]:
    release = numbers(version)
    if name in SILENT:
        return "NOP", None
    if name == "LOAD_CONST":
        return name, _const(code, arg)
    if name == "LOAD_SMALL_INT":
        return "LOAD_CONST", arg
    if name == "LOAD_COMMON_CONSTANT":
        return name, _pick(COMMON, arg, "common constant")
    if name in LOCALS:
        op = name if name == "LOAD_FAST_AND_CLEAR" else name.removesuffix("_CHECK").removesuffix("_BORROW")
        return op, _local(code, version, arg)
    if name in CELLS:
        return name, _cell(code, version, arg)
    if name in NAMES:
        return name, _name(code, arg)
    if name == "COMPARE_OP":
        shift = 5 if release >= (3, 13) else 4 if release >= (3, 12) else 0
        return name, _pick(COMPARE, arg >> shift, "comparison")
    if name == "BINARY_SUBSCR" or (name == "BINARY_OP" and arg == SUBSCRIPT and release >= (3, 14)):
        return "SUBSCR", None
    if name == "BINARY_OP":
        return "BINARY", _pick(BINARY_OP, arg % 13 if arg < 26 else arg, "operator")
    prefix, _, rest = name.partition("_")
    if prefix in ("BINARY", "INPLACE") and rest in OPERATORS:
        # Python 2's division of two whole numbers floors.
        return "BINARY", "py2/" if rest == "DIVIDE" else OPERATORS[rest]
    if name.startswith(("POP_JUMP_FORWARD_", "POP_JUMP_BACKWARD_")):
        return name.replace("FORWARD_", "").replace("BACKWARD_", ""), None
    if name in ("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"):
        return "JUMP", None
    return name, arg


def _pick(words: tuple[str, ...], index: int, what: str) -> str:
    if index >= len(words):
        raise BadBytecode(f"{what} {index} does not exist")
    return words[index]


def _const(code: Code, index: int) -> Any:
    if index >= len(code.consts):
        raise BadBytecode("a constant that is not there")
    return code.consts[index]


def _name(code: Code, index: int) -> str:
    return _pick(code.names, index, "name")


def _local(code: Code, version: str, index: int) -> str:
    return _pick(code.localsplus if code.layout == "3.11" else code.varnames, index, "local variable")


def _cell(code: Code, version: str, index: int) -> str:
    if code.layout == "3.11":
        return _pick(code.localsplus, index, "cell")
    return _pick(code.cellvars + code.freevars, index, "cell")
