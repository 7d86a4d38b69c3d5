"""Starting an isolated worker: a clean interpreter in an empty folder, with a listed environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from k2to3.isolation import start
from k2to3.isolation.places import import_folders
from k2to3.leftovers import scratch_folder

# What the loader of shared libraries, the number of threads and Windows itself need; nothing that names code.
INHERITED = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "WINDIR",
    "NUMBER_OF_PROCESSORS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


@contextmanager
def started(
    module: str,
    *,
    environment: Mapping[str, str] | None = None,
    everything: bool = False,
    untrusted: tuple[Path, ...] = (),
    folder: Path | None = None,
    fds: Sequence[int] = (),
    **streams: Any,
) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m module` isolated; ended when the block ends, or when this process does.

    Args:
        environment: variables besides the inherited ones.
        everything: inherit all variables, which code of the user's may expect.
        untrusted: folders that are never imported from, though `PYTHONPATH` may name them.
        folder: where it runs, its own empty one by default (which user code does not want).
        fds: open files that it inherits under their numbers.
        streams: `stdin`, `stdout`, `stderr` as for `subprocess.Popen`; text.
    """
    with scratch_folder() as own:
        process = subprocess.Popen(
            [sys.executable, "-I", str(Path(start.__file__)), module, str(os.getpid()), *import_folders(untrusted)],
            cwd=own if folder is None else folder,
            env={**(os.environ if everything else _listed(str(own))), **(environment or {})},
            # A Ctrl-C on the terminal is for the parent, which ends its workers.
            start_new_session=True,
            pass_fds=tuple(fds) if os.name == "posix" else (),
            encoding="utf-8",
            **streams,
        )
        try:
            yield process
        finally:
            _end(process)


def _listed(own: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, **homes(own), "LC_ALL": "C.UTF-8"}


def homes(own: str) -> dict[str, str]:
    """Every place that libraries write to by habit, as the worker's own folder."""
    return dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "KERAS_HOME", "MPLCONFIGDIR"), own)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            try:
                stream.close()
            except BrokenPipeError:
                continue
    process.wait()
