"""Inside the worker: call the user's function with tf-keras in the place of Keras.

    python -m k2to3.proof.factory MODULE_OR_FILE FUNCTION

prints one line of JSON: `model` (its `to_json()`), or `error` and `hint`.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from k2to3.orphans import die_with_parent


class _OldKeras(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """`import keras` in code of the Keras 2 era means Keras 2."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "keras" and not name.startswith("keras."):
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        try:
            return importlib.import_module("tf_" + spec.name)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"No module named {spec.name!r} in tf-keras") from error

    def exec_module(self, module: ModuleType) -> None:
        """It ran under its own name."""


def load(source: str) -> ModuleType:
    """The module of that name, or the file."""
    if not source.endswith(".py"):
        sys.path.insert(0, os.getcwd())
        return importlib.import_module(source)
    file = Path(source).resolve()
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def architecture(model: Any) -> str:
    """JSON text of what the function returned: a model, its JSON, or its config."""
    if isinstance(model, str):
        return model
    if isinstance(model, dict):
        return json.dumps(model)
    if not hasattr(model, "to_json"):
        raise TypeError(f"the function returned a {type(model).__name__}, not a Keras model")
    return str(model.to_json())


def main() -> int:
    die_with_parent()
    answer = os.fdopen(os.dup(1), "w")
    # The user's code may print; the answer must stand alone.
    os.dup2(2, 1)
    source, function = sys.argv[1:3]
    sys.meta_path.insert(0, _OldKeras())
    found = {"model": "", "error": "", "hint": None}
    try:
        found["model"] = architecture(getattr(load(source), function)())
    except Exception as error:  # whatever the user's code raises is told to the user
        where = traceback.extract_tb(error.__traceback__)[-1]
        found["error"] = f"{type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno})"
        found["hint"] = "the function is called without arguments, with tf-keras as keras and tf.keras"
    answer.write(json.dumps(found) + "\n")
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
