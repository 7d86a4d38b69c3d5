"""Text that came from a file, made fit to print: nothing in it can move a cursor or turn the line around."""

from __future__ import annotations

import unicodedata

# Controls, format characters (all that turn direction are among them), lone surrogates, separators of
# lines and paragraphs: what a terminal acts on or a reader cannot see.
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """`text` with every character that is not simply shown as a visible escape.

    >>> printable("dense\\x1b[2J")
    'dense\\\\x1b[2J'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in UNSAFE else char for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return NAMED.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def listing(text: str) -> str:
    """As `printable`, but a listing keeps its lines: they are indented, so that none can pass for a line of ours."""
    return "\n    ".join(printable(part) for part in text.split("\n    "))
