"""The one door: what a call, an attribute or a method means in Keras 3.

Everything is eager: a call adds op nodes to the graph and returns tensors with inferred
shape and dtype, or, where all arguments are known, computes the constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k2to3.functions import attributes
from k2to3.functions.advice import advice, unsupported
from k2to3.functions.emitter import Emitter
from k2to3.functions.fitting import fitting
from k2to3.functions.noise import COMPARISONS, chance
from k2to3.functions.registry import find
from k2to3.functions.spelling import canonical
from k2to3.functions.values import Chance, Complex, UniformMean, Unknowable, Value, found, holds

CASTS = ("tensorflow.cast", "keras.backend.cast", "tensorflow.to_float", "tensorflow.compat.v1.to_float")


def call(emitter: Emitter, symbol: str, args: Sequence[Value] = (), kwargs: Mapping[str, Value] | None = None) -> Value:
    """Call a function by its dotted name, e.g. `tensorflow.reduce_mean`, `keras.backend.mean`,
    `keras.activations.relu`, `numpy.sqrt`, `math.sqrt`, `operator.add`, `operator.getitem`.

    Raises:
        UnsupportedOption: no equivalent, or not for these arguments.
    """
    given = (list(args), dict(kwargs or {}))
    unknowable = next(found(given, (Unknowable,)), None)
    if unknowable is not None and not (isinstance(unknowable, Chance) and canonical(symbol) in CASTS):
        raise emitter.refuse(unknowable.reason)
    if holds(given, UniformMean) and canonical(symbol).rpartition(".")[2] in COMPARISONS:
        return compared_noise(emitter, canonical(symbol), given)
    is_complex = holds(given, Complex)
    entry = find(symbol, is_complex)
    if entry is None and is_complex and find(symbol) is not None:
        raise emitter.refuse(f"{canonical(symbol)} of a complex tensor", hint=advice("signal."))
    if entry is None:
        raise unsupported(symbol, emitter.layer)
    with fitting(emitter, canonical(symbol)):
        return entry.call(emitter, args, kwargs or {}, canonical(symbol))


def compared_noise(emitter: Emitter, symbol: str, given: tuple[list[Value], dict[str, Value]]) -> Value:
    """Uniform noise compared with something."""
    args, kwargs = given
    values = [*args, *(kwargs[key] for key in ("x", "y") if key in kwargs)]
    return chance(emitter, symbol.rpartition(".")[2], values[0], values[1])


def knows(symbol: str) -> bool:
    """Whether `call` has an equivalent for the symbol."""
    return find(symbol) is not None


def constant(symbol: str) -> Value:
    """The value of a name that is no function: `tensorflow.float32`, `math.pi`, `numpy.newaxis`.

    Raises:
        KeyError: not a known constant.
    """
    return attributes.named_constant(canonical(symbol))


def attribute(emitter: Emitter, value: Value, name: str) -> Value:
    """`value.name`, e.g. `x.shape`, `x.dtype`, `x.shape.rank`.

    Raises:
        UnsupportedOption: not a known attribute of such a value.
    """
    with fitting(emitter, f"attribute {name!r}"):
        return attributes.attribute(emitter, value, name)


def method(
    emitter: Emitter,
    value: Value,
    name: str,
    args: Sequence[Value] = (),
    kwargs: Mapping[str, Value] | None = None,
) -> Value:
    """`value.name(*args, **kwargs)`, e.g. `x.get_shape()`, `shape.as_list()`, `x.astype("float32")`.

    Raises:
        UnsupportedOption: not a known method of such a value.
    """
    with fitting(emitter, f"method {name!r}"):
        return attributes.method(emitter, value, name, args, kwargs or {})
