"""A function of a family, as calls find it: by symbol, with the arguments of the original."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.functions.emitter import Emitter
from k2to3.functions.spelling import canonical, full, spellings
from k2to3.functions.table import Table, joined
from k2to3.functions.values import Value

Function = Callable[..., Value]
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

    function: Function

    @cached_property
    def signature(self) -> inspect.Signature:
        """The parameters of the original: those after the emitter."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters])

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
            named = [p.name for p in self.signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
            leading = [found.pop(name) for name in named if name in found]
            return self.function(emitter, *leading, *positional, **found, **extra)
        return self.function(emitter, **found, **extra)


class Family(Table[Function]):
    """The functions of one module under the symbols that they stand for.

    `tf.`, `K.` and `np.` stand for `tensorflow.`, `keras.backend.` and `numpy.`. The parameters
    after the emitter are those of the original, so that positional and keyword arguments bind
    as they did there. One called `name` takes the place of the original's, and is never passed on.
    """


def entries(*families: Family) -> Mapping[str, Entry]:
    """The functions of all families by full symbol; a function of several symbols is one entry."""
    functions = joined(*families)
    made = {function: Entry(function) for function in functions.values()}
    found = {full(name): made[function] for name, function in functions.items()}
    if len(found) < len(functions):
        raise ValueError("two functions for one symbol in two spellings")
    return MappingProxyType(found)


def look_up(name: str, known: Mapping[str, Entry]) -> Entry | None:
    """The entry of a symbol in any of its spellings; None where there is no equivalent."""
    return next((known[spelling] for spelling in spellings(canonical(name)) if spelling in known), None)
