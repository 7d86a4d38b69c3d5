"""The first file that an isolated worker runs: `python -I start.py MODULE PARENT FOLDER…`.

It runs before k2to3 can be imported, so it imports the standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1


def ended_by_the_kernel() -> bool:
    """Ask the kernel to end this process with its parent, even one that hangs in a library; only Linux does."""
    if sys.platform != "linux":
        return False
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return True


def die_with(parent: int) -> None:
    """End when the process that started us does, also by `kill -9`; a thread watches where the kernel does not."""
    if not ended_by_the_kernel() and os.name == "posix":
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.name == "posix" and os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    module, parent, *folders = sys.argv[1:]
    die_with(int(parent))
    # With -I the folder of this file is not on the path; neither is the current one.
    sys.path.extend(folder for folder in folders if folder not in sys.path)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
