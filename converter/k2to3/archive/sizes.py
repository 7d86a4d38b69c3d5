"""Sizes in bytes, as people write them."""

from __future__ import annotations

import re

from k2to3.errors import UsageError

UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}


def parse_size(text: str) -> int:
    """`5GB` (decimal, as on the Hugging Face Hub) or `4GiB` (binary) in bytes.

    Raises:
        UsageError: not a size, or zero.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B|)", text.strip(), re.IGNORECASE)
    size = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
    if size < 1:
        raise UsageError(f"{text!r} is not a size such as 5GB or 500MB")
    return size
