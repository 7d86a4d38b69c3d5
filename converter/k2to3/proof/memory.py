"""Inside the worker: telling a lack of memory from a model that cannot run."""

from __future__ import annotations

from typing import Any

MEMORY_FACTOR = 6
"""Both models, their inputs and activations, against the table sizes on disk."""


class Exhausted(Exception):
    """The worker may use no more memory."""


# How TensorFlow and PyTorch call it; the C++ library, XLA (JAX) and PyTorch's allocator on a CPU say it.
NAMES = ("ResourceExhaustedError", "OutOfMemoryError")
SIGNS = ("bad_alloc", "RESOURCE_EXHAUSTED", "can't allocate memory")


def check_memory(error: BaseException) -> None:
    """Tell a lack of memory from a model that cannot run.

    Raises:
        Exhausted: the worker's limit on memory was met.
    """
    if isinstance(error, Exhausted):
        raise error
    if isinstance(error, MemoryError) or type(error).__name__ in NAMES or any(sign in str(error) for sign in SIGNS):
        raise Exhausted(first_line(error)) from error


def first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {(lines or [''])[0]}"[:400]


def available_bytes() -> int | None:
    """Memory that is free for us, in bytes; None where the system does not say."""
    try:
        with open("/proc/meminfo") as file:
            fields: dict[str, Any] = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
