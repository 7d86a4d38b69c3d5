"""`import keras` in code of the Keras 2 era means Keras 2, and what moved since is found where it was."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Modules that are gone → where their contents are now.
MOVED = {
    "keras.layers": ("tf_keras.layers",),
    "keras.engine": ("tf_keras.layers", "tf_keras.models", "tf_keras"),
    "keras.legacy": ("tf_keras.layers", "tf_keras.models"),
    "keras.utils": ("tf_keras.utils",),
    "keras.backend": ("tf_keras.backend",),
    "keras.initializations": ("tf_keras.initializers",),
    "keras.preprocessing": ("tf_keras.preprocessing",),
}


class OldKeras(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `keras` and everything below it in tf-keras."""

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
            parts = spec.name.split(".")
            places = MOVED.get(".".join(parts[:2]))
            if places is None:
                raise ModuleNotFoundError(f"No module named {spec.name!r} in tf-keras") from error
            return Moved(spec.name, places)

    def exec_module(self, module: ModuleType) -> None:
        """It ran under its own name."""


class Moved(ModuleType):
    """A module of an earlier Keras, with what stands elsewhere now."""

    def __init__(self, name: str, places: tuple[str, ...]) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._places = [importlib.import_module(place) for place in places]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for place in self._places:
                if hasattr(place, name):
                    return getattr(place, name)
        raise AttributeError(f"module {self.__name__!r} has no {name!r} in tf-keras")
