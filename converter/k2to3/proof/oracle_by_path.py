"""Inside the worker: a file that goes by path (`layers/dense/vars/0`) in tf-keras.

tf-keras walks its own live model here and asks for every path itself; nothing of how
k2to3 understands the paths is used. Files of Keras 2.12 and 2.13 are walked in the order
and with the names of those versions, which later ones no longer find.
"""

from __future__ import annotations

from typing import Any

from k2to3.proof.handed import VariablesFile

OLD = "_layer_checkpoint_dependencies"


def load_by_path(model: Any, file: VariablesFile) -> None:
    """Load every variable, or fail."""
    from tf_keras.src.saving import saving_lib

    if file.holds(OLD):
        _OldWalk(file).load(model, "")
    else:
        saving_lib._load_state(model, file, None, "", visited_trackables=set())


class _OldWalk:
    """`_load_state` of Keras 2.12 and 2.13: attributes from a to z, every visit counted."""

    def __init__(self, file: VariablesFile) -> None:
        self.store, self.seen = file, set[int]()

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
