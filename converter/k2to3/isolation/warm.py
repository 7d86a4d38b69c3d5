"""Warm workers: a process pays once for imports, and forks an isolated child for each job.

The promises are those of a fresh process: a child is sealed, limited and alone; nothing of one job is left for the
next, because the process that forks never reads one. What ends a child, or the warm process itself, costs the job it
had.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from k2to3.dataclass import dataclass
from k2to3.isolation.calls import Call, Ending, Fresh
from k2to3.isolation.launch import started
from k2to3.isolation.nursery import FILES_AT_ONCE, STREAMS
from k2to3.isolation.places import import_folders
from k2to3.leftovers import scratch_folder

# One for each environment in use: a model that is channels_first needs another TensorFlow than all the others.
AT_ONCE = 2
Key = tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]


def possible() -> bool:
    """Whether this system can do it: forks that the kernel ends and watches."""
    if sys.platform != "linux" or not hasattr(socket, "send_fds"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        os.close(os.pidfd_open(os.getpid()))
        return True
    return False


@contextmanager
def warm_workers() -> Iterator[Warm]:
    """Workers that stand by until the block ends."""
    workers = Warm()
    try:
        yield workers
    finally:
        workers.close()


@dataclass
class _Standing:
    """A warm process, and the files it was started with."""

    control: socket.socket
    process: subprocess.Popen[str]
    problems: IO[str]
    held: ExitStack

    def close(self) -> None:
        self.control.close()
        self.held.close()


class Warm:
    """Standing processes by what they were started with; calls that none can serve get a fresh one."""

    def __init__(self) -> None:
        self._standing: OrderedDict[Key, _Standing] = OrderedDict()
        self._fresh = Fresh()

    def ask(self, call: Call) -> Ending:
        if call.warm is None or len(call.fds) + STREAMS > FILES_AT_ONCE or not possible():
            return self._fresh.ask(call)
        until = time.monotonic() + call.seconds
        key = (call.warm, tuple(sorted(call.environment.items())), tuple(import_folders(call.untrusted)))
        try:
            standing = self._found(key, call, until)
            return self._asked(standing, call, until)
        except _Gone as gone:
            self._drop(key)
            return gone.ending

    def _found(self, key: Key, call: Call, until: float) -> _Standing:
        if key not in self._standing:
            while len(self._standing) >= AT_ONCE:
                self._drop(next(iter(self._standing)))
            self._standing[key] = _start(call)
            _received(self._standing[key], until)
        self._standing.move_to_end(key)
        return self._standing[key]

    def _asked(self, standing: _Standing, call: Call, until: float) -> Ending:
        with scratch_folder() as folder, ExitStack() as stack:
            job, out, problems = (_file(stack) for _ in range(STREAMS))
            job.write(call.text)
            job.seek(0)
            message = json.dumps({"folder": str(folder), "fds": call.fds}).encode()
            numbers = [*(file.fileno() for file in (job, out, problems)), *call.fds]
            try:
                socket.send_fds(standing.control, [message], numbers)
            except OSError:
                raise _Gone(_ended(standing)) from None
            ended = json.loads(_received(standing, until))
            return Ending(_text(out), _text(problems), ended["status"])

    def _drop(self, key: Key) -> None:
        standing = self._standing.pop(key, None)
        if standing is not None:
            standing.close()

    def close(self) -> None:
        for key in list(self._standing):
            self._drop(key)


class _Gone(Exception):
    """The warm process ended, or was too slow and has to be."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending


def _start(call: Call) -> _Standing:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    held = ExitStack()
    problems = _file(held)
    assert call.warm is not None
    with theirs:
        process = held.enter_context(
            started(
                call.warm,
                environment=call.environment,
                untrusted=call.untrusted,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=problems,
            )
        )
    return _Standing(ours, process, problems, held)


def _received(standing: _Standing, until: float) -> bytes:
    standing.control.settimeout(max(0.01, until - time.monotonic()))
    try:
        message = standing.control.recv(1 << 16)
    except TimeoutError:
        raise _Gone(Ending("", "", None)) from None
    except OSError:
        message = b""
    if not message:
        raise _Gone(_ended(standing))
    return message


def _ended(standing: _Standing) -> Ending:
    """How the warm process itself ended; its child ends with it."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        standing.process.wait(10)
    status = standing.process.returncode
    return Ending("", _text(standing.problems), -signal.SIGKILL if status is None else status)


def _file(stack: ExitStack) -> Any:
    return stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
