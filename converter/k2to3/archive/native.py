"""Which objects an archive may hold: classes of Keras 3 that compute, and nothing that loads, opens or imports.

Keras 3 imports what `module` and `class_name` of a config name, and has been made to call its own helpers that
way (CVE-2025-1550: `keras.utils`, `get_file`). A value that a rule copies from the checkpoint could hold such an
object, and so could an archive that is given to `verify`; both are checked against this closed table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from k2to3.errors import UnsafeFile
from k2to3.sources.json_text import Json, dicts

MODULES = re.compile(
    r"keras|keras\.(layers|models|initializers|regularizers|constraints|losses|metrics|optimizers|"
    r"optimizers\.schedules|dtype_policies|activations|src\.ops\.(numpy|core|nn|math|image|linalg|einops)|"
    r"src\.models\.(functional|sequential)|src\.(layers|optimizers|initializers|losses|metrics)\.[a-z0-9_.]+)"
)
CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
# Layers that run or load what their config holds.
LOADERS = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Layer", "Model"})
VALUES = frozenset({"__keras_tensor__", "__slice__", "__numpy__", "__tensor__", "__ellipsis__", "__bytes__"})
Known = Callable[[str], bool]


def check_native(config: Json, known: Known | None = None) -> None:
    """Make sure that every object of an archive's config is one that may be loaded.

    Args:
        known: whether the user gave a class of that name.

    Raises:
        UnsafeFile: one is not; the message names it.
    """
    for item in _objects(config):
        if not (_native(item) or (known is not None and isinstance(item["class_name"], str) and _given(item, known))):
            name = f"{item.get('module')}.{item['class_name']}"[:200]
            raise UnsafeFile(f"the archive would hold an object of {name}, which computes nothing a layer needs")


def _objects(config: Any) -> Iterator[Json]:
    return (item for item in dicts(config) if "class_name" in item)


def _native(item: Json) -> bool:
    module, name = item.get("module"), item["class_name"]
    if not isinstance(name, str):
        return False
    if name in VALUES:
        return module is None
    if name == "function":
        # Keras looks it up among its activations, losses and metrics.
        inner = item.get("config")
        return module == "builtins" and isinstance(inner, str) and inner.isidentifier()
    registered = item.get("registered_name")
    return (
        isinstance(module, str)
        and MODULES.fullmatch(module) is not None
        and CLASS.fullmatch(name) is not None
        and name not in LOADERS
        and registered in (None, name)
    )


def _given(item: Json, known: Known) -> bool:
    name = item["config"] if item["class_name"] == "function" else item["class_name"]
    registered = item.get("registered_name") or name
    return isinstance(registered, str) and (known(registered) or (isinstance(name, str) and known(name)))
