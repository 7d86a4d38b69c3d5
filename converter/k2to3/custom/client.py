"""The main process's side of the worker that knows the user's classes."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from k2to3.errors import Refused, UsageError, no_such_file
from k2to3.isolation.launch import started

Json = dict[str, Any]


def source_of(given: str) -> str:
    """A module's name as it is; a `.py` file by its whole path."""
    return str(Path(given).resolve()) if given.endswith(".py") else given


class CustomObjects:
    """Asks a worker process about the classes in `source`, a module name or a `.py` file.

    The worker starts at the first question. Use as a context manager, which ends it.

    Raises:
        FileError: no such file.
        UsageError: the module cannot be imported.
    """

    def __init__(self, source: str) -> None:
        if source.endswith(".py") and not Path(source).is_file():
            raise no_such_file(source)
        self.source = source_of(source)
        self._stack = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._listed: Json | None = None
        self._cache: dict[str, Json] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def module(self) -> str:
        """The name under which Keras 3 will look for the classes."""
        return Path(self.source).stem if self.source.endswith(".py") else self.source

    def _names(self) -> Json:
        if self._listed is None:
            found = self._ask({"ask": "names", "source": self.source})
            if "error" in found:
                raise UsageError(f"--custom-objects {self.source} cannot be imported: {found['error']}")
            self._listed = dict(found["answer"])
        return self._listed

    def knows(self, name: str) -> bool:
        """Whether the module has a class or function that a file may call `name`."""
        names = self._names()["names"]
        return name in names or name.rsplit(">", 1)[-1] in {other.rsplit(">", 1)[-1] for other in names}

    def has_twin(self, name: str) -> bool:
        """Whether `KERAS2` holds the class for tf-keras."""
        return bool({name, name.rsplit(">", 1)[-1]} & set(self._names()["twins"]))

    def ask(self, question: Json, layer: str) -> Json:
        """An answer, remembered.

        Raises:
            Refused: the class cannot be made or built.
        """
        self._names()
        key = json.dumps(question, sort_keys=True)
        if key not in self._cache:
            self._cache[key] = self._ask(question)
        found = self._cache[key]
        if "error" in found:
            raise Refused(f"{question['class_name']} of {self.source}: {found['error']}", layer=layer)
        return dict(found["answer"])

    def function(self, name: str, layer: str) -> Json | None:
        """The serialised function of the user's that a file calls `name`, where there is one."""
        if not self.knows(name):
            return None
        return dict(self.ask({"ask": "function", "class_name": name}, layer)["function"])

    def object(self, name: str, kind: str, config: Any, layer: str) -> Json | None:
        """The serialised regularizer, constraint or initializer of the user's that a file calls `name`."""
        if not self.knows(name):
            return None
        settings = config if isinstance(config, dict) else {}
        question = {"ask": "object", "kind": kind, "class_name": name, "config": settings}
        return dict(self.ask(question, layer)["function"])

    def _ask(self, question: Json) -> Json:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise UsageError(f"the worker for --custom-objects {self.source} died", hint="is Keras 3 installed?")
        found: Json = json.loads(line)
        return found

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = self._stack.enter_context(
                started(
                    "k2to3.custom.worker",
                    environment={"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
                    everything=True,
                    folder=Path.cwd(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            )
        return self._process
