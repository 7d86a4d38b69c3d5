"""Names of layers in one model of Keras 3."""

from __future__ import annotations


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
