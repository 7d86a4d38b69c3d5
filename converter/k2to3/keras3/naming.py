"""Names on the Keras 3 side."""

from __future__ import annotations

import re


def snake_case(class_name: str) -> str:
    """Group name of a class, as `keras.src.utils.naming.to_snake_case` (3.0 to 3.15)."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class Names:
    """Hands out names that are unique in one model and hold no `/`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def reserve(self, wanted: str) -> str:
        """A name as close to `wanted` as Keras 3 allows."""
        clean = wanted.replace("/", "_") or "layer"
        name, count = clean, 0
        while name in self._taken:
            count += 1
            name = f"{clean}_{count}"
        self._taken.add(name)
        return name


def numbered(class_names: list[str]) -> list[str]:
    """Group names inside one container: `dense`, `dense_1`, ... by class, in order."""
    used: dict[str, int] = {}
    names = []
    for class_name in class_names:
        base = snake_case(class_name)
        count = used.get(base, 0)
        used[base] = count + 1
        names.append(f"{base}_{count}" if count else base)
    return names
