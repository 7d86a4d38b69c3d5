"""The driven process: one long-lived interpreter that runs commands and writes down what no command may do.

Reads `{"argv": [...], "log": FILE, "allowed": [FOLDER…]}`, a line for each command, and answers with exit code,
output, processor time and memory. The hook is none of k2to3's: it records, and it is inherited by forked children.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import Any

# In a new clone, Python's own cache of a module would be a write of the command that is the first to import it.
sys.dont_write_bytecode = True
IMPORTLIB = "<frozen importlib._bootstrap_external>"
FORBIDDEN = (
    "pickle.find_class", "socket.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn",
    "ctypes.dlopen", "code.__new__", "urllib.Request", "ftplib.", "http.client.", "shutil.unpack_archive",
    "webbrowser.open", "sqlite3.", "os.setxattr", "os.chmod ", "os.symlink",
)  # fmt: skip
MACHINE = ("/proc/", "/sys/", "/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom")


class Watch:
    """The hook; it writes to a descriptor, so that forked children write to the same."""

    def __init__(self) -> None:
        self.descriptor: int | None = None
        self.allowed: tuple[str, ...] = ()
        places = {*sysconfig.get_paths().values(), *(item for item in sys.path if item), sys.prefix, sys.base_prefix}
        self.installed = tuple(os.path.realpath(item) for item in places)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        # Asking for a frame is an event as well.
        if self.descriptor is None or event == "sys._getframe":
            return
        text = self._problem(event, args)
        if text is not None:
            os.write(self.descriptor, (text + "\n").encode("utf-8", "backslashreplace"))

    def _problem(self, event: str, args: tuple[Any, ...]) -> str | None:
        frame = sys._getframe(2)
        if event.startswith(FORBIDDEN):
            return f"{event} {args!r:.200}"
        if event == "marshal.loads" and frame.f_code.co_filename != IMPORTLIB:
            return f"marshal.loads in {frame.f_code.co_filename}"
        if event == "subprocess.Popen" and not (args[1][1] == "-I" and str(args[1][2]).endswith("start.py")):
            return f"{event} {args!r:.200}"
        if event == "os.fork" and not frame.f_code.co_filename.endswith("child.py"):
            return f"os.fork in {frame.f_code.co_filename}"
        if event == "open" and isinstance(args[0], (str, bytes)):
            return self._opened(os.fsdecode(args[0]), args[2])
        if event == "import" and args[1] is not None:
            return None if self._inside(str(args[1]), self.installed) else f"import of {args[1]}"
        if event in ("exec", "compile"):
            return self._code(event, args)
        return None

    def _opened(self, path: str, flags: int) -> str | None:
        real = os.path.realpath(path)
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            return None if real == os.devnull or self._inside(real, self.allowed) else f"write of {path}"
        if real.startswith(MACHINE) or self._inside(real, (*self.allowed, *self.installed)):
            return None
        return f"read of {path}"

    def _code(self, event: str, args: tuple[Any, ...]) -> str | None:
        name = args[0].co_filename if event == "exec" else os.fsdecode(args[1] or "")
        known = name.startswith("<") or self._inside(name, self.installed)
        return None if known else f"{event} of {name}"

    def _inside(self, path: str, folders: tuple[str, ...]) -> bool:
        real = os.path.realpath(path)
        return any(real == folder or real.startswith(folder + os.sep) for folder in folders)


def run(argv: list[str], watch: Watch, log: int) -> dict[str, Any]:
    """One command, as the console script would run it."""
    from k2to3.cli.main import main

    out, problems = io.StringIO(), io.StringIO()
    before = _state()
    watch.descriptor = log
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(problems):
        try:
            code: Any = main(argv)
        except SystemExit as end:
            code = end.code
        except BaseException:
            code = "traceback"
            traceback.print_exc()
    watch.descriptor = None
    after = _state()
    return {
        "code": code,
        "all": out.getvalue(),
        "err": problems.getvalue()[-4000:],
        "seconds": round(after["seconds"] - before["seconds"], 3),
        "memory": after["peak"] - before["now"],
        "children": after["children"],
    }


def _state() -> dict[str, Any]:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    found = {
        "seconds": sum((own.ru_utime, own.ru_stime, children.ru_utime, children.ru_stime)),
        "peak": int(fields["VmHWM"].split()[0]) * 1024,
        "now": int(fields["VmRSS"].split()[0]) * 1024,
        "children": children.ru_maxrss * 1024,
    }
    # From here on the peak counts anew.
    Path("/proc/self/clear_refs").write_text("5")
    return found


def warm_up() -> None:
    """Import what commands import, so that an attack pays for itself alone."""
    import k2to3.api.diff
    import k2to3.api.inspect
    import k2to3.cli.main
    import k2to3.report.differences
    import k2to3.report.inspection
    import k2to3.report.progress
    import k2to3.report.terminal  # noqa: F401
    import yaml  # noqa: F401


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warm_up()
    watch = Watch()
    sys.addaudithook(watch)
    answers.write(json.dumps({"hello": os.getpid()}) + "\n")
    answers.flush()
    for line in sys.stdin:
        job = json.loads(line)
        watch.allowed = tuple(os.path.realpath(item) for item in job["allowed"])
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        found = run(job["argv"], watch, log)
        os.close(log)
        found["recorded"] = Path(job["log"]).read_text().splitlines()
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
