"""Doing something dangerous in a child process first: a crash, a loop or a bomb there costs the child.

The C library of HDF5 crashes, loops and allocates without bound on hostile files. What a file makes it do is
therefore done once in a child with limits; only what the child survived is done again here. A fork costs about
two milliseconds; where forking is not safe (other threads hold locks) or not there, a fresh isolated interpreter
does the same.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import subprocess
import threading
import time
import warnings
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import FileError, K2to3Error, UnsafeFile, by_name
from k2to3.isolation.launch import started
from k2to3.isolation.limits import limit
from k2to3.limits import too_much

WALL_FACTOR = 20
"""A loaded machine may need this many times the processor time."""
CRASHES = {"SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL"}


Tick = Callable[[], None]
"""To be called at every step, so that what goes on for long is told from what hangs."""
Action = Callable[[Tick], list[bytes]]
DONE = b'{"type": null}'


@dataclass(frozen=True)
class Budget:
    """What the child may use: seconds of processor time from one step to the next and in all, and private bytes."""

    step: float
    seconds: int
    memory: int


def survives(action: Action, module: str, job: Mapping[str, Any], budget: Budget) -> bytes:
    """Do `action` in a child; `python -m module` does the same with `job` where this process cannot fork.

    Returns:
        What the action returned, in one piece.

    Raises:
        K2to3Error: what the action raised.
        UnsafeFile: it crashed, used up its time or its memory.
        FileError: somebody killed it.
    """
    if can_fork():
        return survive([action], budget)[0]
    return _spawned(module, job, budget)


def can_fork() -> bool:
    """Whether a fork of this process is safe: other threads hold locks that nobody would give back."""
    return hasattr(os, "fork") and threading.active_count() == 1


def survive(actions: Sequence[Action], budget: Budget) -> list[bytes]:
    """Do each of `actions` in a forked child of its own, side by side; only where `can_fork`.

    Returns:
        What each of them returned, in one piece.

    Raises:
        K2to3Error: what the first of them raised that failed.
        UnsafeFile: it crashed, used up its time or its memory.
    """
    with ExitStack() as stack:
        children = [stack.enter_context(_forked(action, budget)) for action in actions]
        until = time.monotonic() + budget.seconds * WALL_FACTOR
        return [child.answer(until) for child in children]


def report(error: BaseException) -> str:
    """What the child says of how it ended, as one line of JSON."""
    if isinstance(error, MemoryError):
        error = too_much("config_bytes", "asks for more memory than an honest file needs")
    if isinstance(error, K2to3Error):
        fields = {name: getattr(error, name) for name in ("message", "file", "layer", "key", "hint")}
        return json.dumps({"type": type(error).__name__, **fields})
    return json.dumps({"type": "Damaged", "message": f"damaged HDF5 file: {first_line(error)}"})


def answered(action: Action, tick: Tick) -> list[bytes]:
    """What the child says: how it went, as a line of JSON, then what the action returned."""
    try:
        return [DONE, b"\n", *action(tick)]
    except Exception as error:  # told to the parent, whatever it is
        return [report(error).encode(), b"\n"]


def first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def confine(budget: Budget) -> Tick:
    """Limit the child itself; returns what it has to call at every step."""
    limit(memory=budget.memory, seconds=budget.seconds)
    if not hasattr(signal, "setitimer"):
        return lambda: None
    # RLIMIT_CPU counts whole seconds; this timer counts what the process uses.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def tick() -> None:
        signal.setitimer(signal.ITIMER_PROF, budget.step)

    tick()
    return tick


@dataclass
class _Child:
    """A forked process and the end of the pipe that it writes to."""

    process: int
    reading: int

    def answer(self, until: float) -> bytes:
        """What its action returned."""
        told = None
        try:
            told = _read(self.reading, until)
        finally:
            status = self._reaped(kill=told is None)
        return _judged(told, status)

    def close(self) -> None:
        """End it, whatever it does."""
        os.close(self.reading)
        if self.process:
            self._reaped(kill=True)

    def _reaped(self, kill: bool) -> int:
        process, self.process = self.process, 0
        if kill:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        except ChildProcessError:
            # Somebody lets the kernel reap all children (SIGCHLD ignored); how it ended is lost.
            return 0


def _forked(action: Action, budget: Budget) -> closing[_Child]:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # NumPy's idle BLAS threads do not matter to a child that never computes.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _in_child(action, budget, reading, writing)
    os.close(writing)
    return closing(_Child(child, reading))


def _in_child(action: Action, budget: Budget, reading: int, writing: int) -> None:
    """Never returns, and runs nothing of the parent's on the way out."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.close(reading)
        # It ends soon, and to look through what the parent holds would copy its memory.
        gc.disable()
        tick = confine(budget)
        _written(writing, b"".join(answered(action, tick)))
    finally:
        os._exit(0)


def _written(descriptor: int, told: bytes) -> None:
    rest = memoryview(told)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, until: float) -> bytes | None:
    """What the child says; None when it says nothing in time."""
    found: list[bytes] = []
    while (left := until - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left)[0]:
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                return b"".join(found)
            found.append(piece)
    return None


def _spawned(module: str, job: Mapping[str, Any], budget: Budget) -> bytes:
    text = json.dumps({**job, "budget": asdict(budget)})
    with started(module, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            answer = process.communicate(text, timeout=10 + budget.seconds * WALL_FACTOR)[0]
            told: bytes | None = b64decode(answer)
        except subprocess.TimeoutExpired:
            told = None
        status = process.poll()
    return _judged(told, status or 0)


def _judged(told: bytes | None, status: int) -> bytes:
    """What the action returned, from what the child said and how it ended."""
    if told:
        line, _, rest = told.partition(b"\n")
        found = json.loads(line)
        kind = found.pop("type")
        if kind is not None:
            raise by_name(kind)(**found)
        # A child that was ended while it wrote has not said all.
        if status == 0:
            return rest
    ended = signal.Signals(-status).name if status < 0 else f"exit code {status}"
    if ended in CRASHES:
        raise UnsafeFile(f"damaged HDF5 file: reading it crashes the HDF5 library ({ended})")
    if told is None or ended in ("SIGPROF", "SIGXCPU"):
        raise UnsafeFile("damaged HDF5 file: reading it takes more time than an honest file of its size needs")
    if ended == "SIGKILL":
        # Its own limits end it otherwise: this came from outside, and says nothing about the file.
        raise FileError("the process that looked into the file was killed, as when memory runs out", hint="try again")
    raise UnsafeFile(f"damaged HDF5 file: the process that looked into it ended with {ended}")
