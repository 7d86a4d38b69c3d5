"""The functions of TensorFlow, Keras 2, NumPy and Python that have an equivalent here.

A function of a family module (`arithmetic`, `shaping`, ...) is registered under the
symbols it stands for. Its parameters, after the emitter, are those of the original, so
that positional and keyword arguments bind as they did there.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.functions.emitter import Emitter
from k2to3.functions.values import Value

SHORT = {"tf": "tensorflow", "K": "keras.backend", "np": "numpy"}
# TensorFlow 1 names of arguments, and those that only steer performance or messages.
RENAMED = {
    "keep_dims": "keepdims",
    "reduction_indices": "axis",
    "dim": "axis",
    "dimension": "axis",
    "squeeze_dims": "axis",
    "concat_dim": "axis",
    "split_dim": "axis",
    "filter": "filters",
    "value": "input",
    "input_": "input",
}
NEUTRAL = frozenset({"name", "layout", "validate_indices", "use_cudnn_on_gpu", "optimize", "var"})


@dataclass(frozen=True)
class Entry:
    """One registered function."""

    function: Callable[..., Value]
    signature: inspect.Signature

    def bind(self, args: Sequence[Value], kwargs: Mapping[str, Value], emitter: Emitter, symbol: str) -> dict[str, Any]:
        """Arguments by name.

        Raises:
            UnsupportedOption: they do not fit the function.
        """
        given = {}
        for key, value in kwargs.items():
            name = key if key in self.signature.parameters else RENAMED.get(key, key)
            if name in self.signature.parameters:
                if name not in given or value is not None:
                    given[name] = value
            elif self._takes_any():
                given[key] = value
            elif key not in NEUTRAL and value not in (None, ""):
                raise emitter.refuse(f"{symbol} is called with {key}={value!r:.60}, which is not known here")
        try:
            bound = self.signature.bind(*args, **given)
        except TypeError as error:
            raise emitter.refuse(f"the arguments of {symbol} do not fit: {error}") from error
        found = dict(bound.arguments)
        found.pop("name", None)
        return found

    def _takes_any(self) -> bool:
        return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in self.signature.parameters.values())

    def call(self, emitter: Emitter, args: Sequence[Value], kwargs: Mapping[str, Value], symbol: str) -> Value:
        found = self.bind(args, kwargs, emitter, symbol)
        rest = next((p.name for p in self.signature.parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        positional = found.pop(rest, ()) if rest else ()
        any_key = next((p.name for p in self.signature.parameters.values() if p.kind is p.VAR_KEYWORD), None)
        extra = found.pop(any_key, {}) if any_key else {}
        if positional:
            leading = [found.pop(p.name) for p in self.signature.parameters.values() if p.name in found]
            return self.function(emitter, *leading, *positional, **extra)
        return self.function(emitter, **found, **extra)


_ENTRIES: dict[str, Entry] = {}
_COMPLEX: dict[str, Entry] = {}
Function = Callable[..., Value]


def symbol(*names: str, table: dict[str, Entry] = _ENTRIES) -> Callable[[Function], Function]:
    """Register the function below under these symbols.

    `tf.`, `K.` and `np.` stand for `tensorflow.`, `keras.backend.` and `numpy.`. A
    parameter called `name` takes the place of the original's, and is never passed on.
    """

    def register(function: Function) -> Function:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        parameters = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
        entry = Entry(function, inspect.Signature(parameters))
        for name in names:
            head, _, tail = name.partition(".")
            full = f"{SHORT.get(head, head)}.{tail}"
            if full in table:
                raise ValueError(f"two functions for {full}")
            table[full] = entry
        return function

    return register


def complex_symbol(*names: str) -> Callable[[Function], Function]:
    """As `symbol`, for calls of which an argument is complex."""
    return symbol(*names, table=_COMPLEX)


@cache
def registry() -> Mapping[str, Entry]:
    """All functions by full symbol; imports the family modules on first use."""
    package = importlib.import_module("k2to3.functions")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"k2to3.functions.{module.name}")
    return _ENTRIES


def find(name: str, complex_arguments: bool = False) -> Entry | None:
    """The entry of a symbol in any of its spellings; None where there is no equivalent."""
    known = registry()
    known = _COMPLEX if complex_arguments else known
    return next((known[spelling] for spelling in spellings(canonical(name)) if spelling in known), None)


PREFIXES = {
    "keras.ops.numpy.": "keras.ops.",
    "keras.ops.nn.": "keras.ops.",
    "keras.ops.math.": "keras.ops.",
    "keras.ops.core.": "keras.ops.",
    "tensorflow.compat.v2.": "tensorflow.",
    "tensorflow.python.keras.": "keras.",
    "tensorflow.keras.": "keras.",
    "tensorflow._api.v2.": "tensorflow.",
    "tf_keras.src.": "keras.",
    "tf_keras.": "keras.",
    "keras.src.": "keras.",
    "keras.api.": "keras.",
    "tf.": "tensorflow.",
    "np.": "numpy.",
    "K.": "keras.backend.",
}


def canonical(name: str) -> str:
    """`tf.keras.backend.mean` → `keras.backend.mean`."""
    changed = True
    while changed:
        changed = False
        for prefix, replacement in PREFIXES.items():
            if name.startswith(prefix):
                name = replacement + name.removeprefix(prefix)
                changed = True
    return name


def spellings(name: str) -> list[str]:
    """The same function under the other names that TensorFlow exports it by."""
    found = [name]
    if name.startswith("tensorflow.compat.v1."):
        found.append("tensorflow." + name.removeprefix("tensorflow.compat.v1."))
    for spelling in list(found):
        head, _, tail = spelling.removeprefix("tensorflow.").rpartition(".")
        if spelling.startswith("tensorflow.") and head in ("", "nn", "linalg", "math"):
            found += [f"tensorflow.{part}{tail}" for part in ("math.", "linalg.", "") if head != part[:-1]]
        if spelling.startswith("tensorflow.") and head == "":
            found.append(f"tensorflow.nn.{tail}")
    return found


def unsupported(name: str, layer: str) -> UnsupportedOption:
    """The error for a symbol without an equivalent, with the nearest advice."""
    from k2to3.functions.advice import advice

    return UnsupportedOption(f"the operation {canonical(name)} has no exact equivalent", layer=layer, hint=advice(name))
