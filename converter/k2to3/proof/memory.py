"""Inside the worker: telling a lack of memory from a model that cannot run."""

from __future__ import annotations

from typing import Any


class Exhausted(Exception):
    """The worker may use no more memory."""


# Both models, their inputs and activations, against the table sizes on disk.
MEMORY_FACTOR = 6
THEANO_MARGINS = (
    "outputs: tf-keras cannot be the judge of 'same' padding on Theano; record inputs and outputs where the file was "
    "written (fixtures/authoring/record.py) and give them with --reference"
)


def check_memory(error: BaseException) -> None:
    """Tell a lack of memory from a model that cannot run.

    Raises:
        Exhausted: the worker's limit on memory was met.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError" or "bad_alloc" in str(error):
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
