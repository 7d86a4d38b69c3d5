"""Functions that do to a complex tensor what they do to each of its two real parts."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.functions.complex_parts import parts
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Entry, Function, look_up
from k2to3.functions.spelling import full
from k2to3.functions.values import Complex, Value

COMPONENTWISE = (
    "tf.identity",
    "tf.stop_gradient",
    "tf.reshape",
    "tf.transpose",
    "tf.compat.v1.transpose",
    "tf.expand_dims",
    "tf.compat.v1.expand_dims",
    "tf.squeeze",
    "tf.compat.v1.squeeze",
    "tf.gather",
    "tf.compat.v1.gather",
    "tf.reverse",
    "tf.roll",
    "tf.tile",
    "tf.pad",
    "tf.compat.v1.pad",
    "tf.strided_slice",
    "tf.slice",
    "tf.math.reduce_sum",
    "tf.math.reduce_mean",
    "tf.math.negative",
    "tf.signal.fftshift",
    "tf.signal.ifftshift",
    "tf.signal.frame",
    "tf.__operators__.getitem",
    "operator.getitem",
    "operator.neg",
)


def componentwise(known: Mapping[str, Entry]) -> dict[str, Entry]:
    """An entry for each of them, which calls that of `known` twice."""
    return {full(name): Entry(_by_parts(name, known)) for name in COMPONENTWISE}


def _by_parts(name: str, known: Mapping[str, Entry]) -> Function:
    entry = look_up(name, known)
    if entry is None:
        raise ValueError(f"there is no {name}")

    def apply(emitter: Emitter, x: Value, *args: Value, **kwargs: Value) -> Complex:
        return Complex(*(entry.call(emitter, [part, *args], kwargs, name) for part in parts(x)))

    return apply
