"""Inside the worker: a file that goes by path (`layers/dense/vars/0`) in tf-keras.

tf-keras walks its own live model here and asks for every path itself; nothing of how
k2to3 understands the paths is used. Files of Keras 2.12 and 2.13 are walked in the order
and with the names of those versions, which later ones no longer find.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import h5py

OLD = "_layer_checkpoint_dependencies"


def rebuild(config: dict[str, Any]) -> Any:
    """The model of an architecture in either form of serialisation, uncompiled."""
    import tf_keras
    from tf_keras.src.saving import serialization_lib

    if "module" not in config:
        return tf_keras.models.model_from_json(json.dumps(config))
    moved = _moved({**config, "compile_config": None})
    with serialization_lib.ObjectSharingScope():
        return serialization_lib.deserialize_keras_object(moved, safe_mode=True)


def _moved(node: Any) -> Any:
    """Private modules under the names they have in tf-keras (`keras.engine.functional`)."""
    if isinstance(node, list):
        return [_moved(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _moved(value) for key, value in node.items()}
    module = found.get("module")
    if isinstance(module, str) and module.startswith("keras.") and found.get("registered_name"):
        found["module"] = "tf_keras.src." + module.removeprefix("keras.").removeprefix("src.")
    return found


def load_by_path(model: Any, path: str) -> None:
    """Load every variable, or fail."""
    from tf_keras.src.saving import saving_lib

    with opened(path) as root:
        if OLD in root:
            _OldWalk(root).load(model, "")
        else:
            saving_lib._load_state(model, _Store(root), None, "", visited_trackables=set())


@contextmanager
def opened(path: str) -> Iterator[h5py.File]:
    """The HDF5 file at `path`, or the one inside an archive."""
    from k2to3.source.keras_archive import is_zip, open_archive_weights
    from k2to3.source.zip_members import read_members

    with ExitStack() as stack:
        if is_zip(Path(path)):
            yield open_archive_weights(Path(path), read_members(Path(path)), stack)[0]
        else:
            yield stack.enter_context(h5py.File(path, "r"))


class _Store:
    """What `saving_lib` reads from."""

    def __init__(self, root: h5py.File) -> None:
        self.root = root

    def get(self, path: str) -> Any:
        name = f"{path}/vars".lstrip("/")
        return self.root.get(name, {})


class _OldWalk:
    """`_load_state` of Keras 2.12 and 2.13: attributes from a to z, every visit counted."""

    def __init__(self, root: h5py.File) -> None:
        self.store, self.seen = _Store(root), set[int]()

    def load(self, item: Any, path: str) -> None:
        from tf_keras.src.saving import saving_lib

        if id(item) in self.seen:
            return
        if hasattr(item, "load_own_variables"):
            item.load_own_variables(self.store.get(path))
        self.seen.add(id(item))
        skipped = saving_lib.ATTR_SKIPLIST - {OLD}
        for name in dir(item):
            if name.startswith("__") or name in skipped:
                continue
            try:
                value = getattr(item, name)
            except Exception:  # as the original: properties may fail on an unbuilt layer
                continue
            inner = f"{path}/{name}".lstrip("/")
            if saving_lib._is_keras_trackable(value):
                self.load(value, inner)
            elif isinstance(value, (list, dict, tuple, set)):
                self._container(value, inner)

    def _container(self, values: Any, path: str) -> None:
        from tf_keras.src.saving import saving_lib
        from tf_keras.src.utils.generic_utils import to_snake_case

        used: dict[str, int] = {}
        for item in list(values.values()) if isinstance(values, dict) else values:
            if saving_lib._is_keras_trackable(item):
                base = to_snake_case(type(item).__name__)
                used[base] = used.get(base, -1) + 1
                self.load(item, f"{path}/{base}_{used[base]}" if used[base] else f"{path}/{base}")
