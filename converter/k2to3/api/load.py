"""The verb load_model."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Unpack

from k2to3.api.convert import convert
from k2to3.custom.loading import custom_objects as load_custom_objects
from k2to3.errors import UsageError
from k2to3.installed import check_installed
from k2to3.leftovers import scratch_folder
from k2to3.options.words import LoadOptions, PathLike

Objects = Mapping[str, Any] | PathLike | None
HINT = 'put your classes into one file and name it: load_model("old.h5", custom_objects="my_layers.py")'


def load_model(
    source: PathLike,
    custom_objects: Objects = None,
    compile: bool = True,
    safe_mode: bool = True,
    **options: Unpack[LoadOptions],
) -> Any:
    """The checkpoint as a live Keras 3 model, on the backend Keras is set to.

    Imports Keras in this process.

    Args:
        source: what `convert` takes.
        custom_objects: your Keras 3 classes by the names in the file, as `keras.saving.load_model` takes them; they
            must stand under these names in one module that can be imported, because they are looked at in a
            process of their own first. Or that module, or the path of a `.py` file.
        compile: whether the model comes with its optimizer, losses and metrics.
        safe_mode: passed on; what k2to3 writes never needs `False`.
        options: as of `convert`; `verify` defaults to `weights`.

    Raises:
        UsageError: Keras 3 is not installed, or `custom_objects` stand in no module.
    """
    check_installed("keras", "tensorflow", "load_model")
    import keras

    module = _module(custom_objects) if isinstance(custom_objects, Mapping) else custom_objects
    with scratch_folder() as folder:
        path = folder / "model.keras"
        given: LoadOptions = {"verify": "weights", **options}
        convert(source, path, custom_objects=module, compile=compile, **given)
        objects = custom_objects if isinstance(custom_objects, Mapping) else _loaded(custom_objects)
        return keras.saving.load_model(path, compile=compile, safe_mode=safe_mode, custom_objects=objects)


def _loaded(source: PathLike | None) -> dict[str, Any]:
    return {} if source is None else load_custom_objects(os.fspath(source))


def _module(objects: Mapping[str, Any]) -> str | None:
    """The one module in which all of the objects stand under their names."""
    names = {getattr(value, "__module__", None) for value in objects.values()}
    if not names:
        return None
    if len(names) > 1:
        raise UsageError(f"custom_objects are of {len(names)} modules, and are looked at as one", hint=HINT)
    name = names.pop()
    module = sys.modules.get(str(name))
    if module is None or name == "__main__" or not getattr(module, "__file__", None):
        raise UsageError("custom_objects stand in a script or notebook, which no other process can import", hint=HINT)
    for key, value in objects.items():
        if getattr(module, key, None) is not value:
            raise UsageError(f"module {name} has no {key} that is the one in custom_objects", hint=HINT)
    return str(module.__file__)
