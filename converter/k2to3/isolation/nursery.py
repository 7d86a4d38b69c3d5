"""Inside a warm process: it has imported what is slow to import, touches no file of anybody's, and forks for each job.

Nothing of a job is read before the fork, so a child finds the process as it was after its imports, and nothing that
happens in a child outlives it. Linux only; the caller asks `isolation.warm.possible`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from k2to3.isolation.launch import homes
from k2to3.isolation.start import die_with

Work = Callable[[Mapping[int, int]], object]
"""One job from standard input to standard output; under which number each open file that it names was handed over."""
FILES_AT_ONCE = 250
"""The kernel hands over 253."""
STREAMS = 3


def serve(work: Work) -> None:
    """Answer the socket that is standard input: each message is a job, its files attached."""
    control = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as null:
        os.dup2(null.fileno(), 0)
    control.send(b"ready")
    while True:
        message, files, _, _ = socket.recv_fds(control, 1 << 16, FILES_AT_ONCE)
        if not message:
            return
        ended = _child(work, control, json.loads(message), files)
        control.send(json.dumps(ended).encode())


def _child(work: Work, control: socket.socket, job: dict[str, Any], files: list[int]) -> dict[str, Any]:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _work(work, control, job, files, parent)
    for number in files:
        os.close(number)
    watched = os.pidfd_open(child)
    try:
        ready, _, _ = select.select([watched, control.fileno()], [], [])
        if watched not in ready:
            # Whoever asked is gone, or does not want to wait any longer.
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(watched)
    _, status, usage = os.wait4(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "processor": usage.ru_utime + usage.ru_stime}


def _work(work: Work, control: socket.socket, job: dict[str, Any], files: list[int], parent: int) -> None:
    """Never returns, and runs nothing of the parent's on the way out."""
    code = 1
    try:
        control.close()
        die_with(parent)
        for target, number in enumerate(files[:STREAMS]):
            os.dup2(number, target)
        os.chdir(job["folder"])
        os.environ.update(homes(job["folder"]))
        tempfile.tempdir = None
        code = int(bool(work(dict(zip(job["fds"], files[STREAMS:], strict=True)))))
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
