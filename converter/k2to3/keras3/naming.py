"""Names of layers in one model of Keras 3."""

from __future__ import annotations

import re

# TensorFlow makes scopes of the names of layers when it traces a model; other backends take any text.
NO_SCOPE = re.compile(r"[^A-Za-z0-9_.>-]")
NO_BEGINNING = "_->"


def scope_name(wanted: str) -> str:
    """A name that TensorFlow takes for what stands in a layer."""
    return NO_SCOPE.sub("_", wanted)


def model_name(wanted: str) -> str:
    """A name that TensorFlow takes for what stands in a whole model."""
    return scope_name(wanted).lstrip(NO_BEGINNING) or "model"


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
