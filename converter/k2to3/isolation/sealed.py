"""An audit hook that denies: what a worker may do once the frameworks are loaded and a checkpoint comes near.

Frameworks do many things while they are imported (they start `uname`, bind a socket, compile templates), and
none of them depends on a file. Only then is the worker sealed; the job is read afterwards. From there on every
audit event of CPython that is not listed here raises `Denied` and is remembered, so that a library which
swallows the exception does not hide it. What native code does by itself raises no events: the limits of
`limits.py`, and the closed list of operations that planning lets through, are for that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import field
from types import CodeType, FrameType
from typing import Any

from k2to3.dataclass import dataclass

IMPORTLIB = "<frozen importlib._bootstrap_external>"
# Reading what stands in this process alone, and time.
HARMLESS = frozenset(
    {
        "array.__new__",
        "builtins.id",
        "cpython.run_interactivehook",
        "ctypes.get_errno",
        "fcntl.flock",
        "fcntl.lockf",
        "function.__new__",
        "gc.get_objects",
        "gc.get_referents",
        "gc.get_referrers",
        "mmap.__new__",
        "object.__delattr__",
        "object.__getattr__",
        "object.__setattr__",
        "resource.prlimit",
        "resource.setrlimit",
        "signal.itimer",
        "sys._current_exceptions",
        "sys._current_frames",
        "sys._getframe",
        "sys._getframemodulename",
        "sys.excepthook",
        "sys.unraisablehook",
        "threading.excepthook",
        "time.sleep",
        "_thread.start_joinable_thread",
        "_thread.start_new_thread",
    }
)
READING = ("glob.glob", "glob.glob/2", "os.listdir", "os.scandir", "os.walk", "os.fwalk")
# The first argument, and the second where there is one, is a path that changes.
WRITING = (
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate",
    "os.utime", "shutil.copyfile", "shutil.copymode", "shutil.copystat", "shutil.move", "shutil.rmtree",
    "tempfile.mkdtemp", "tempfile.mkstemp",
)  # fmt: skip
# Facts of the machine that frameworks and NumPy ask for.
MACHINE = ("/proc/", "/sys/", "/etc/localtime", "/usr/share/zoneinfo/", "/dev/null", "/dev/urandom")
Check = Callable[[tuple[Any, ...], FrameType], bool]


class Denied(PermissionError):
    """A sealed worker was asked to do what no honest proof does."""


@dataclass
class Seal:
    """The hook; `denied` lists what was tried.

    Attributes:
        readable: files and folders that may be read.
        own: the worker's own folder, where it may write.
    """

    readable: tuple[str, ...]
    own: str
    denied: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=lambda: list(sys.path))

    def __post_init__(self) -> None:
        self.readable = tuple(os.path.realpath(item) for item in (*self.readable, self.own))
        self.own = os.path.realpath(self.own)
        self._checks: dict[str, Check] = {
            "open": self._open,
            "import": self._import,
            "exec": self._exec,
            "compile": self._compile,
            "marshal.loads": lambda args, frame: _from(frame, IMPORTLIB),
            **dict.fromkeys(READING, self._read),
            **dict.fromkeys(WRITING, self._write),
        }

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in HARMLESS:
            return
        check = self._checks.get(event)
        frame = sys._getframe(1)
        if check is None or not check(args, frame):
            text = f"{event} {_shown(args)}"
            self.denied.append(text)
            raise Denied(f"the proof asked for something that no checkpoint needs: {text}")

    def _inside(self, path: Any, folders: Iterable[str]) -> bool:
        if isinstance(path, int):
            # An open file: whoever opened it was asked.
            return True
        text = os.fsdecode(path) if isinstance(path, (bytes, os.PathLike)) else str(path)
        real = os.path.realpath(text)
        return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)

    def _read(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        return self._inside(args[0], self.readable) or _of_machine(args[0])

    def _write(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        paths = [item for item in args[:2] if isinstance(item, (str, bytes, os.PathLike))]
        return all(self._inside(item, [self.own]) for item in paths)

    def _open(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        path, _, flags = args
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
        if writes and str(path) != os.devnull:
            return self._inside(path, [self.own])
        return self._read(args, frame)

    def _import(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        """Modules come from the folders that were there when the worker was sealed; shared libraries lie in them."""
        name, file, path = args[:3]
        if file is not None and not self._installed(file):
            return False
        return path is None or list(path) == self.path or _autographed(name)

    def _exec(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        code = args[0]
        return isinstance(code, CodeType) and self._known(code.co_filename, frame)

    def _compile(self, args: tuple[Any, ...], frame: FrameType) -> bool:
        """Source of installed packages, and text that only becomes a tree (`ast.parse`)."""
        name = args[1]
        text = os.fsdecode(name) if isinstance(name, (str, bytes)) else ""
        return _is_ast_parse(frame) or self._known(text, frame)

    def _known(self, filename: str, frame: FrameType) -> bool:
        """Code of a file, where importlib itself compiles or runs it: a file name alone is what its author says."""
        if os.path.isabs(filename) or filename.startswith("<frozen "):
            # AutoGraph writes the source of Keras's own functions anew into a temporary file.
            generated = self._inside(filename, [self.own]) and _autographed(os.path.basename(filename))
            return _of_importlib(frame) and (filename.startswith("<frozen ") or generated or self._installed(filename))
        # `<string>`, `<__array_function__ internals>`: templates of a module that is being imported, or of
        # the standard library's own factories (namedtuple, dataclass).
        return _importing(frame)

    def _installed(self, file: Any) -> bool:
        return self._inside(file, self.readable) and not self._inside(file, [self.own])


def _of_importlib(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<frozen importlib.")


def _of_machine(path: Any) -> bool:
    """A fact of the machine or of this process, by where the path really leads (`/proc/self/root` is `/`)."""
    real = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes, os.PathLike)) else ""
    _, _, first = real.partition("/proc/")
    first = first.split("/")[0]
    return real.startswith(MACHINE) and (not first.isdecimal() or first == str(os.getpid()))


def _autographed(name: str) -> bool:
    return name.startswith("__autograph_generated_file")


def _from(frame: FrameType, filename: str) -> bool:
    return frame.f_code.co_filename == filename


def _is_ast_parse(frame: FrameType) -> bool:
    return frame.f_code.co_name == "parse" and os.path.basename(frame.f_code.co_filename) == "ast.py"


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if _from(frame, IMPORTLIB) and frame.f_code.co_name == "exec_module":
            return True
        frame = frame.f_back
    return False


def _shown(args: tuple[Any, ...]) -> str:
    return ", ".join(repr(item)[:80] for item in args[:2])


def seal(readable: Iterable[str], own: str) -> Seal:
    """Seal this process; there is no way back."""
    sys.dont_write_bytecode = True
    found = Seal((*readable, *(item for item in sys.path if item), sys.prefix, sys.base_prefix), own)
    sys.addaudithook(found)
    return found
