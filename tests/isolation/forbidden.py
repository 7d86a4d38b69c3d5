"""Inside a sealed process: everything that is forbidden is tried, and the answer says what came of it.

python forbidden.py FOLDER NAME        (FOLDER holds `secret`, `plugin/evil.py`, `plugin/evil.so`; own is FOLDER/own)
"""

# ruff: noqa: SIM115
from __future__ import annotations

import builtins
import contextlib
import ctypes
import importlib
import importlib.machinery
import importlib.util
import io
import json
import linecache
import marshal
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from k2to3.isolation.sealed import seal

BASE = Path(sys.argv[1] if __name__ == "__main__" else "none")
OWN, SECRET, PLUGIN = BASE / "own", BASE / "secret", BASE / "plugin"


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, (str(BASE / "made"),)


PICKLE = pickle.dumps(Evil())
CODE = marshal.dumps(compile("open('x')", os.__file__, "exec"))


def swallowed() -> None:
    """A library that goes on as if nothing had happened."""
    with contextlib.suppress(Exception):
        SECRET.read_text()


def through_a_link() -> None:
    os.symlink(SECRET, OWN / "link")


def existing_link() -> None:
    (OWN / "there").read_text()


def own_folder() -> None:
    os.chdir(BASE)


def added_folder() -> None:
    sys.path.insert(0, str(PLUGIN))
    importlib.import_module("evil")


def package_path() -> None:
    # What was denied before is remembered as an empty folder.
    importlib.invalidate_caches()
    importlib.import_module("xml").__path__.append(str(PLUGIN))
    importlib.import_module("xml.evil")


def library() -> None:
    spec = importlib.util.spec_from_file_location("evil_library", PLUGIN / "evil.so")
    assert spec is not None
    importlib.util.module_from_spec(spec)


def loader() -> None:
    importlib.machinery.SourceFileLoader("evil", str(PLUGIN / "evil.py")).load_module()


def own_module() -> None:
    """Code that was written into its own folder first."""
    (OWN / "mine.py").write_text("x = 1")
    spec = importlib.util.spec_from_file_location("mine", OWN / "mine.py")
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def named_like_a_package() -> None:
    """A file name is what its author says it is."""
    exec(compile("x = 1", os.__file__, "exec"))


def lines() -> None:
    assert linecache.getlines(str(SECRET)), "nothing was read"


def connection() -> None:
    with socket.socket() as found:
        found.connect(("127.0.0.1", 9))


def replaced_code() -> None:
    types.FunctionType(swallowed.__code__.replace(co_consts=(None, "x")), {})


FORBIDDEN: dict[str, Callable[[], Any]] = {
    "open outside": SECRET.read_text,
    "os.open outside": lambda: os.open(SECRET, os.O_RDONLY),
    "open of /etc": lambda: open("/etc/passwd"),
    "open through /proc": lambda: open("/".join(("/proc/self", "root", "etc/passwd"))),
    "open through dots": lambda: open("/proc/../etc/passwd"),
    "memory of another process": lambda: open(f"/proc/{os.getppid()}/environ"),
    "open of an open file's name": lambda: open(f"/proc/{os.getppid()}/cwd/x"),
    "write outside": lambda: (BASE / "new").write_text("x"),
    "append outside": lambda: open(SECRET, "a"),
    "io.FileIO": lambda: io.FileIO(str(SECRET)),
    "io.open_code": lambda: io.open_code(str(SECRET)),
    "linecache": lines,
    "listing outside": lambda: os.listdir(BASE),
    "walking outside": lambda: list(os.walk(BASE)),
    "socket": socket.socket,
    "connection": connection,
    "a name": lambda: socket.getaddrinfo("localhost", 80),
    "subprocess": lambda: subprocess.run(["true"]),
    "os.system": lambda: os.system("true"),
    "os.popen": lambda: os.popen("true"),
    "os.fork": os.fork,
    "os.posix_spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "os.execv": lambda: os.execv("/bin/true", ["true"]),
    "os.kill": lambda: os.kill(os.getppid(), 0),
    "exec of text": lambda: exec("x = 1"),
    "eval of text": lambda: eval("1 + 1"),
    "compile of text": lambda: compile("1", "<x>", "eval"),
    "code under a package's name": named_like_a_package,
    "marshal.loads": lambda: marshal.loads(CODE),
    "pickle": lambda: pickle.loads(PICKLE),
    "changed code": replaced_code,
    "a shared library by ctypes": lambda: ctypes.CDLL("libc.so.6"),
    "a module of an added folder": added_folder,
    "a module of a package's changed path": package_path,
    "a module by its file": loader,
    "a module of its own": own_module,
    "an extension module": library,
    "os.remove outside": lambda: os.remove(SECRET),
    "os.rename outside": lambda: os.rename(SECRET, OWN / "mine"),
    "os.rename to outside": lambda: os.rename(OWN / "file", BASE / "made"),
    "os.mkdir outside": lambda: os.mkdir(BASE / "made"),
    "os.rmdir outside": lambda: os.rmdir(PLUGIN),
    "os.truncate outside": lambda: os.truncate(SECRET, 0),
    "os.chmod outside": lambda: os.chmod(SECRET, 0o777),
    "a hard link to outside": lambda: os.link(SECRET, OWN / "mine"),
    "a symbolic link to outside": through_a_link,
    "a symbolic link that is there": existing_link,
    "another current folder": own_folder,
    "shutil.copy from outside": lambda: shutil.copy(SECRET, OWN / "mine"),
    "shutil.rmtree outside": lambda: shutil.rmtree(PLUGIN),
    "shutil.move outside": lambda: shutil.move(SECRET, OWN / "mine"),
    "a temporary file elsewhere": lambda: tempfile.mkstemp(dir=BASE),
    "a temporary folder elsewhere": lambda: tempfile.mkdtemp(dir=BASE),
    "another environment": lambda: os.putenv("PATH", "x"),
    "another hook": lambda: sys.addaudithook(lambda *_: None),
    "a trace function": lambda: sys.settrace(lambda *_: None),
    "breakpoint": builtins.breakpoint,
}
ALLOWED: dict[str, Callable[[], Any]] = {
    "its own files": lambda: ((OWN / "a").write_text("x"), (OWN / "a").read_text(), os.remove(OWN / "a")),
    "a temporary folder of its own": lambda: shutil.rmtree(tempfile.mkdtemp(dir=OWN)),
    "a module of the standard library": lambda: importlib.import_module("wave"),
    "an extension module of the standard library": lambda: importlib.import_module("_lsprof"),
    "facts of the machine": lambda: open("/proc/cpuinfo").close(),
    "facts of its own": lambda: open("/proc/self/status").close(),
    "random numbers": lambda: os.urandom(4),
    "a time zone": lambda: __import__("time").localtime(),
}


def attempt(action: Callable[[], Any]) -> str:
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return "done"


def main() -> None:
    os.chdir(OWN)
    sealed = seal([], str(OWN))
    found = {}
    for name, action in {**FORBIDDEN, "an error that is swallowed": swallowed, **ALLOWED}.items():
        before, path = len(sealed.denied), list(sys.path)
        outcome = attempt(action)
        sys.path[:] = path
        found[name] = [outcome, sealed.denied[before:]]
    os.write(1, json.dumps(found).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
