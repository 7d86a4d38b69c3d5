"""A readable sketch of bytecode, for people who have to rewrite what could not be recovered."""

from __future__ import annotations

from k2to3.bytecode.code import Code
from k2to3.bytecode.decode import Instruction, decode
from k2to3.errors import Refused

MAX_LINES = 14
MAX_TEXT = 110


def listing(code: Code, version: str) -> str:
    """Source file, line, and one line per statement where the code is straight."""
    where = f"{_short(code.filename, 60)}, line {code.first_line}, Python {version}"
    head = f"{code.name}({', '.join(code.parameters)})"
    try:
        lines = _lines(code, version)
    except Refused as error:
        lines = [f"… {error.message}"]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], "…"]
    return f"{where}\n    {head}:\n" + "\n".join(f"        {_short(line, MAX_TEXT)}" for line in lines)


def _short(text: str, limit: int) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _lines(code: Code, version: str) -> list[str]:
    found: list[str] = []
    stack: list[str] = []
    instructions = decode(code, version)
    targets = {i.target for i in instructions if i.target is not None}
    for index, instruction in enumerate(instructions):
        if index in targets:
            found.append(f"L{index}:")
        line = _word(instruction, stack)
        if line:
            found.append(line)
    return found


def _pop(stack: list[str], count: int = 1) -> list[str]:
    missing = max(0, count - len(stack))
    found = ["…"] * missing + stack[len(stack) - (count - missing) :]
    del stack[len(stack) - (count - missing) :]
    return [_short(item, 400) for item in found]


def _word(i: Instruction, stack: list[str]) -> str:
    op, value = i.op, i.value
    if op in ("NOP", "PUSH_NULL", "GET_ITER", "LOAD_CLOSURE", "POP_BLOCK", "SETUP_LOOP"):
        return ""
    if op == "LOAD_CONST":
        stack.append(f"<code {value.name}>" if isinstance(value, Code) else _short(repr(value), 60))
    elif op in ("LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"):
        stack.append(str(value))
    elif op in ("LOAD_ATTR", "LOAD_METHOD"):
        stack.append(f"{_pop(stack)[0]}.{value}")
    elif op == "BINARY":
        left, right = _pop(stack, 2)
        stack.append(f"({left} {str(value).removeprefix('py2')} {right})")
    elif op == "COMPARE_OP":
        left, right = _pop(stack, 2)
        stack.append(f"({left} {value} {right})")
    elif op == "SUBSCR":
        owner, key = _pop(stack, 2)
        stack.append(f"{owner}[{key}]")
    elif op in ("UNARY_NEGATIVE", "UNARY_NOT"):
        stack.append(f"{'-' if op == 'UNARY_NEGATIVE' else 'not '}{_pop(stack)[0]}")
    elif op in ("BUILD_TUPLE", "BUILD_LIST"):
        inner = ", ".join(_pop(stack, value))
        stack.append(f"({inner})" if op == "BUILD_TUPLE" else f"[{inner}]")
    elif op == "BUILD_SLICE":
        stack.append(":".join("" if part == "None" else part for part in _pop(stack, value)))
    else:
        return _statement(i, stack)
    return ""


def _statement(i: Instruction, stack: list[str]) -> str:
    op, value = i.op, i.value
    if op in ("CALL", "CALL_METHOD", "CALL_FUNCTION", "CALL_KW", "CALL_FUNCTION_KW"):
        extra = 1 if op in ("CALL_KW", "CALL_FUNCTION_KW") and isinstance(value, int) and value < 256 else 0
        count = (value & 0xFF) + 2 * (value >> 8) if op == "CALL_FUNCTION" else value
        args = _pop(stack, count + extra)[: count or None]
        stack.append(f"{_pop(stack)[0]}({', '.join(args) if count else ''})")
        return ""
    if op in ("STORE_FAST", "STORE_DEREF", "STORE_NAME"):
        return f"{value} = {_pop(stack)[0]}"
    if op == "RETURN_VALUE":
        return f"return {_pop(stack)[0]}"
    if op == "IMPORT_NAME":
        _pop(stack, 2)
        stack.append(f"import({value})")
        return ""
    if op == "POP_TOP":
        return _pop(stack)[0]
    if i.target is not None:
        condition = _pop(stack)[0] if "IF" in op else ""
        return f"{op.lower()} {condition} → L{i.target}"
    return f"{op}{'' if value is None else f' {_short(repr(value), 40)}'}"
