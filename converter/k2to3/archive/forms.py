"""The form of the output, which the name of the target decides."""

from __future__ import annotations

import re
from pathlib import Path

from k2to3.errors import UsageError

ARCHIVE, SAFETENSORS, WEIGHTS = ".keras", ".safetensors", ".weights.h5"
FORMS = (ARCHIVE, SAFETENSORS, WEIGHTS)
UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
SHARD_SIZE = 5 * 10**9


def form_of(target: Path) -> str:
    """One of `FORMS`.

    Raises:
        UsageError: another ending.
    """
    for form in FORMS:
        if target.name.endswith(form) and target.name != form:
            return form
    raise UsageError(f"the target must end in {', '.join(FORMS[:-1])} or {FORMS[-1]}, not as {target.name!r} does")


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
