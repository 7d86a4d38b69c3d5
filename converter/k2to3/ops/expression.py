"""What a TensorFlow op node, a NodeDef or a Lambda computes, as a small tree.

The readers (`tf_op`, `nodedef`, `bytecode`) build these; `lower` turns them into op nodes
of a Keras 3 graph. Symbols are canonical dotted names: `tensorflow.reduce_mean`,
`tensorflow.nn.relu`, `keras.backend.mean`, `keras.activations.relu`, `numpy.sqrt`,
`math.sqrt`, `operator.add`, `operator.getitem`, `builtins.len`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Arg:
    """A tensor that comes from outside; `value` is whatever the caller bound to it."""

    name: str
    value: Any = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Const:
    """Plain data: None, bool, int, float, complex, str, bytes, Ellipsis, slice, NumPy array,
    or lists, tuples and dicts of these."""

    value: Any

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, eq=False)
class Call:
    """A function of a known name applied to values."""

    symbol: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [str(arg) for arg in self.args]
        parts += [f"{key}={value}" for key, value in self.kwargs.items()]
        return f"{self.symbol}({', '.join(parts)})"


@dataclass(frozen=True, eq=False)
class Method:
    """`value.name(*args, **kwargs)`, e.g. `x.get_shape()`, `x.astype("float32")`."""

    value: Value
    name: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [str(arg) for arg in self.args]
        parts += [f"{key}={value}" for key, value in self.kwargs.items()]
        return f"{self.value}.{self.name}({', '.join(parts)})"


@dataclass(frozen=True, eq=False)
class Attribute:
    """`value.name`, e.g. `x.shape`, `x.dtype`."""

    value: Value
    name: str

    def __str__(self) -> str:
        return f"{self.value}.{self.name}"


@dataclass(frozen=True, eq=False)
class Sequence:
    """A list or tuple of which some items are not plain data."""

    kind: type
    items: tuple[Value, ...]

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.items))
        return f"({inner},)" if self.kind is tuple else f"[{inner}]"


@dataclass(frozen=True, eq=False)
class Slice:
    """A slice of which some parts are not plain data."""

    start: Value
    stop: Value
    step: Value

    def __str__(self) -> str:
        return f"slice({self.start}, {self.stop}, {self.step})"


Value = Arg | Const | Call | Method | Attribute | Sequence | Slice
