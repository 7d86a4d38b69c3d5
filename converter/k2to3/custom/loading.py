"""Inside a worker: the classes and functions that the user named.

Never called in the main process, and never with a name taken from a checkpoint.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

TWINS = "KERAS2"
FRAMEWORKS = ("keras", "tf_keras", "tensorflow", "builtins", "numpy", "jax", "torch")


def load_module(source: str) -> ModuleType:
    """A module by name, or by the path of its file; a file is importable by its stem afterwards."""
    path = Path(source)
    if path.suffix != ".py":
        sys.path.append(os.getcwd())
        return importlib.import_module(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    # At the end: a `json.py` beside the user's file takes the place of nothing.
    sys.path.append(str(path.resolve().parent))
    spec.loader.exec_module(module)
    return module


def custom_objects(source: str) -> dict[str, Any]:
    """Keras 3 classes and functions by the names that checkpoints may use for them.

    Registered ones also by `package>Name`; Keras's own, imported there, are left out.
    """
    import keras

    before = set(keras.saving.get_custom_objects())
    module = load_module(source)
    found = {
        name: value
        for name, value in vars(module).items()
        if (inspect.isclass(value) or inspect.isfunction(value)) and _own(value)
    }
    registered = keras.saving.get_custom_objects()
    found.update({name: registered[name] for name in registered if name not in before})
    twins = set(map(id, keras2_objects(source).values()))
    return {name: value for name, value in found.items() if id(value) not in twins}


def keras2_objects(source: str) -> dict[str, Any]:
    """`KERAS2 = {...}`: the same classes for tf-keras, by the names in the checkpoint."""
    module = sys.modules.get(Path(source).stem if source.endswith(".py") else source) or load_module(source)
    return dict(getattr(module, TWINS, {}))


def _own(value: Any) -> bool:
    return str(value.__module__).split(".")[0] not in FRAMEWORKS


def find(objects: dict[str, Any], name: str) -> Any:
    """The object that a checkpoint calls `name`.

    Raises:
        LookupError: none, or several.
    """
    if name in objects:
        return objects[name]
    short = name.rsplit(">", 1)[-1]
    fitting = {id(value): value for key, value in objects.items() if key.rsplit(">", 1)[-1] == short}
    if len(fitting) != 1:
        raise LookupError(f"{len(fitting)} classes are called {short!r}")
    return next(iter(fitting.values()))
