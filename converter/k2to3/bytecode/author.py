"""Which CPython wrote a code object: the file does not say, the bytes do."""

from __future__ import annotations

from k2to3.bytecode.code import Code
from k2to3.bytecode.decode import BadBytecode, Instruction, decode

# Newest first inside each order of fields.
VERSIONS = {
    "2.7": ("2.7",),
    "3.4": ("3.7", "3.6", "3.5", "3.4"),
    "3.8": ("3.10", "3.9", "3.8"),
    "3.11": ("3.14", "3.13", "3.12", "3.11"),
}

RESUME = {"3.13": 149, "3.14": 128}


def authors(codes: list[Code]) -> list[tuple[Code, str]]:
    """Every reading of the bytes that could be right, newest first; equal ones once.

    Raises:
        BadBytecode: there is none.
    """
    found: list[tuple[Code, str]] = []
    seen: list[tuple[object, ...]] = []
    problem: BadBytecode | None = None
    for code in codes:
        for version in VERSIONS[code.layout]:
            try:
                meaning = _meaning(code, version)
            except BadBytecode as error:
                problem = problem or error
                continue
            if meaning not in seen:
                seen.append(meaning)
                found.append((code, version))
    if not found:
        raise problem or BadBytecode("no bytecode")
    return found


def _meaning(code: Code, version: str) -> tuple[object, ...]:
    """What all instructions say, inner functions included; equal for equal programs."""
    instructions = decode(code, version)
    if not _fits(code, version, instructions):
        raise BadBytecode(f"not the habits of Python {version}")
    words = tuple((i.op, i.target, "" if isinstance(i.value, Code) else repr(i.value)) for i in instructions)
    return (words, tuple(_meaning(inner, version) for inner in code.inner))


def _fits(code: Code, version: str, instructions: tuple[Instruction, ...]) -> bool:
    raw = code.bytecode
    if code.layout == "3.8":
        # 3.10 replaced the line table: pairs of byte deltas that cover the code exactly.
        covered = len(code.lines) % 2 == 0 and sum(code.lines[0::2]) == len(raw)
        return covered == (version == "3.10")
    if code.layout == "3.11":
        if version in RESUME:
            return RESUME[version] in raw[0::2]
        if 151 not in raw[0::2]:
            return False
        calls = 171 in raw[0::2]
        # Only 3.11 has PRECALL (166) before CALL (171); later versions dropped the number.
        return version == "3.11" if calls and 166 in raw[0::2] else not (calls and version == "3.11")
    return True
