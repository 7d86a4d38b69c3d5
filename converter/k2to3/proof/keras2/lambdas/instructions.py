"""Bytecode as names and numbers: Lib/opcode.py of each Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.lambdas.marshalled import Code


class Instruction(NamedTuple):
    name: str
    arg: int


COMMON = {
    1: "POP_TOP", 2: "ROT_TWO", 3: "ROT_THREE", 4: "DUP_TOP", 9: "NOP", 10: "UNARY_POSITIVE", 11: "UNARY_NEGATIVE",
    16: "BINARY_MATRIX_MULTIPLY", 19: "BINARY_POWER", 20: "BINARY_MULTIPLY", 22: "BINARY_MODULO", 23: "BINARY_ADD",
    24: "BINARY_SUBTRACT", 25: "BINARY_SUBSCR", 26: "BINARY_FLOOR_DIVIDE", 27: "BINARY_TRUE_DIVIDE",
    55: "INPLACE_ADD", 56: "INPLACE_SUBTRACT", 57: "INPLACE_MULTIPLY", 83: "RETURN_VALUE", 92: "UNPACK_SEQUENCE",
    100: "LOAD_CONST",
    102: "BUILD_TUPLE", 103: "BUILD_LIST", 106: "LOAD_ATTR", 107: "COMPARE_OP", 108: "IMPORT_NAME",
    109: "IMPORT_FROM", 116: "LOAD_GLOBAL", 124: "LOAD_FAST", 125: "STORE_FAST", 133: "BUILD_SLICE",
}  # fmt: skip
OLD = COMMON | {131: "CALL_FUNCTION", 136: "LOAD_DEREF"}
PYTHON_2 = OLD | {21: "BINARY_DIVIDE", 30: "SLICE_0", 31: "SLICE_1", 32: "SLICE_2", 33: "SLICE_3"}
WORDS = OLD | {
    141: "CALL_FUNCTION_KW",
    160: "LOAD_METHOD",
    161: "CALL_METHOD",
    29: "INPLACE_TRUE_DIVIDE",
    162: "LIST_EXTEND",
}
STILL_THERE = (1, 9, 10, 11, 25, 83, 92, 100, 102, 103, 106, 107, 108, 109, 116, 124, 125, 133)
PYTHON_311 = {
    **{code: COMMON[code] for code in STILL_THERE},
    0: "CACHE", 2: "PUSH_NULL", 99: "SWAP", 120: "COPY", 122: "BINARY_OP", 135: "MAKE_CELL", 137: "LOAD_DEREF",
    149: "COPY_FREE_VARS", 151: "RESUME", 160: "LOAD_METHOD", 162: "LIST_EXTEND",
    166: "PRECALL", 171: "CALL", 172: "KW_NAMES",
}  # fmt: skip
BINARY_OPS = (
    "+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^",
)  # fmt: skip


def instructions(code: Code) -> Iterator[Instruction]:
    """In the order of the code; a jump is not among the known ones.

    Raises:
        NotSpecified: an instruction that is not known here.
    """
    wide = code.python > (2, 7) and code.code[-2:] == b"S\x00"
    table = PYTHON_311 if code.python == (3, 11) else PYTHON_2 if code.python == (2, 7) else WORDS if wide else OLD
    if code.python == (3, 11) and _is_later(code.code):
        raise NotSpecified("bytecode of Python 3.12 or later")
    for number, arg in _words(code.code) if wide else _bytes(code.code):
        if number not in table:
            raise NotSpecified(f"instruction {number} of Python {code.python[0]}.{code.python[1]} or later")
        if number or table is not PYTHON_311:
            yield Instruction(table[number], arg)


def _words(code: bytes) -> Iterator[tuple[int, int]]:
    extended = 0
    for at in range(0, len(code), 2):
        number, arg = code[at], code[at + 1] | extended
        extended = arg << 8 if number == 144 else 0
        if number != 144:
            yield number, arg


def _bytes(code: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(code):
        number = code[at]
        if number < 90:
            yield number, 0
            at += 1
        else:
            yield number, int.from_bytes(code[at + 1 : at + 3], "little")
            at += 3


def _is_later(code: bytes) -> bool:
    """3.13 has another number for RESUME; 3.12 calls without PRECALL, and keeps nine caches after an attribute
    where 3.11 has four."""
    numbers = [number for number, _ in _words(code)]
    if 151 not in numbers:
        return True
    if 171 in numbers and 166 not in numbers:
        return True
    return any(n == 106 and numbers[i + 1 : i + 10] == [0] * 9 for i, n in enumerate(numbers)) or code[-2] == 121
