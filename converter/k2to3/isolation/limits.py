"""What the kernel lets a worker use."""

from __future__ import annotations

import contextlib
import os


def limit(*, memory: int | None = None, seconds: int | None = None, file_bytes: int | None = None) -> None:
    """Bound this process for good; nothing where the system has no such limits (Windows).

    Args:
        memory: private bytes beyond those in use now (`RLIMIT_DATA`; address space where that is not counted).
        seconds: processor time from the start of the process.
        file_bytes: the largest file it may write.
    """
    try:
        import resource
    except ImportError:
        return
    wanted = {resource.RLIMIT_CORE: 0}
    if memory is not None:
        wanted[resource.RLIMIT_DATA] = memory + data_bytes()
    if seconds is not None:
        wanted[resource.RLIMIT_CPU] = seconds
    if file_bytes is not None:
        wanted[resource.RLIMIT_FSIZE] = file_bytes
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # SIGXCPU comes first, and tells what happened; SIGKILL does not.
        last = value + 1 if kind == resource.RLIMIT_CPU and value != hard else value
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, last))


def data_bytes() -> int:
    """Private bytes of this process, in the kernel's count for `RLIMIT_DATA`; 0 where it does not say."""
    try:
        with open(f"/proc/{os.getpid()}/status", encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["VmData"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0
