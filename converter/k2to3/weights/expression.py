"""The expressions. Each knows its shape and dtype without reading data.

`exact` says that every element is a bit-for-bit copy of a stored one. Only copies are
streamed; everything that moves or computes is evaluated whole, which is right for
kernels, and no rule moves the elements of an embedding table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.sources.tensors import Array, StoredTensor, rows_of
from k2to3.weights.bfloat16 import to_bfloat16, to_float32


class Expression(ABC):
    """A tensor that can be described now and computed later."""

    shape: tuple[int, ...]
    dtype: str

    @property
    @abstractmethod
    def exact(self) -> bool:
        """Whether every element is a bit-for-bit copy of a stored element."""

    @abstractmethod
    def sources(self) -> Iterator[StoredTensor]:
        """The stored tensors it reads."""

    @abstractmethod
    def compute(self) -> Array:
        """The value; bfloat16 is held as float32 here."""

    def evaluate(self) -> Array:
        """The value as it is stored (bfloat16 as its 16 bits, `uint16`)."""
        value = self.compute()
        return to_bfloat16(value) if self.dtype == "bfloat16" else value

    def rows(self) -> Iterator[Array]:
        """The stored value in slices along the first axis."""
        yield self.evaluate()

    @property
    def nbytes(self) -> int:
        size = 2 if self.dtype == "bfloat16" else np.dtype(self.dtype).itemsize
        return prod(self.shape) * size


@dataclass(frozen=True)
class Stored(Expression):
    """A weight as it is in the file."""

    tensor: StoredTensor

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.tensor.shape

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.tensor.dtype

    @property
    def exact(self) -> bool:
        return True

    def sources(self) -> Iterator[StoredTensor]:
        yield self.tensor

    def compute(self) -> Array:
        value = self.tensor.read()
        return to_float32(value) if self.dtype == "bfloat16" else value

    def rows(self) -> Iterator[Array]:
        for piece in self.tensor.rows():
            yield piece.view(np.uint16) if self.dtype == "bfloat16" else piece

    def __str__(self) -> str:
        return self.tensor.name


class _WithArray(Expression):
    """Equal to another where all that it holds is; arrays go by their bytes, as a text of a long one is no identity."""

    label: str

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(map(_same, vars(self).values(), vars(other).values()))

    def __hash__(self) -> int:
        return hash((self.label, self.shape))


def _same(one: Any, other: Any) -> bool:
    if not isinstance(one, (np.ndarray, np.generic)):
        return bool(one == other)
    return bool(one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes())


@dataclass(frozen=True, eq=False)
class Constant(_WithArray):
    """A value that the rule itself supplies."""

    value: Array
    label: str = "constant"

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(self.value.shape)

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return str(self.value.dtype)

    @property
    def exact(self) -> bool:
        return True

    def sources(self) -> Iterator[StoredTensor]:
        return iter(())

    def compute(self) -> Array:
        return self.value

    def rows(self) -> Iterator[Array]:
        yield from rows_of(self.value)

    def __str__(self) -> str:
        return f"{self.label}{list(self.shape)}"


class _Unary(Expression):
    source: Expression

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.source.dtype

    @property
    def exact(self) -> bool:
        return self.source.exact

    def sources(self) -> Iterator[StoredTensor]:
        return self.source.sources()


class Folded(_Unary):
    """Other values in the shape and dtype of `source`, made of it and of whatever else the expression holds."""

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.source.shape

    @property
    def exact(self) -> bool:
        return False

    def sources(self) -> Iterator[StoredTensor]:
        for part in vars(self).values():
            if isinstance(part, Expression):
                yield from part.sources()


@dataclass(frozen=True)
class Reshape(_Unary):
    """The same elements in row-major order under another shape."""

    source: Expression
    target: tuple[int, ...]

    def __post_init__(self) -> None:
        if prod(self.target) != prod(self.source.shape):
            raise WeightMismatch(f"{self.source} of shape {self.source.shape} is not {self.target}")

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.target

    def compute(self) -> Array:
        return self.source.compute().reshape(self.target)

    def __str__(self) -> str:
        return f"reshape({self.source}, {list(self.target)})"


@dataclass(frozen=True)
class Transpose(_Unary):
    """Axes in another order."""

    source: Expression
    axes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(self.source.shape[axis] for axis in self.axes)

    def compute(self) -> Array:
        return np.ascontiguousarray(self.source.compute().transpose(self.axes))

    def __str__(self) -> str:
        return f"transpose({self.source}, {list(self.axes)})"


@dataclass(frozen=True)
class Flip(_Unary):
    """Reversed along `axes` (Theano's convolution kernels)."""

    source: Expression
    axes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.source.shape

    def compute(self) -> Array:
        return np.ascontiguousarray(np.flip(self.source.compute(), self.axes))

    def __str__(self) -> str:
        return f"flip({self.source}, {list(self.axes)})"


@dataclass(frozen=True)
class Slice(_Unary):
    """Elements `start:stop` along one axis."""

    source: Expression
    axis: int
    start: int
    stop: int

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        shape = list(self.source.shape)
        shape[self.axis] = self.stop - self.start
        return tuple(shape)

    def compute(self) -> Array:
        index = [slice(None)] * len(self.source.shape)
        index[self.axis] = slice(self.start, self.stop)
        return self.source.compute()[tuple(index)]

    def __str__(self) -> str:
        return f"{self.source}[{self.start}:{self.stop} on axis {self.axis}]"


@dataclass(frozen=True, eq=False)
class Multiply(_WithArray, Folded):
    """Times a constant that broadcasts against the source; float64 inside."""

    source: Expression
    factor: Array
    label: str

    def compute(self) -> Array:
        value = self.source.compute()
        scaled = np.multiply(value.astype(np.float64), self.factor, dtype=np.float64)
        return np.asarray(scaled).astype(value.dtype)

    def __str__(self) -> str:
        return f"{self.source} × {self.label}"


@dataclass(frozen=True, eq=False)
class Take(_WithArray, _Unary):
    """Elements of the flattened source by index; a negative index gives 0."""

    source: Expression
    indices: Array
    label: str

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(self.indices.shape)

    def compute(self) -> Array:
        value = self.source.compute()
        flat = np.append(value.ravel(), np.zeros(1, value.dtype))
        # Index -1 is the zero that was appended.
        return flat[np.maximum(np.asarray(self.indices, np.int64), -1)]

    def __str__(self) -> str:
        return f"{self.label}({self.source})"


class _Many(Expression):
    parts: tuple[Expression, ...]

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.parts[0].dtype

    def sources(self) -> Iterator[StoredTensor]:
        for part in self.parts:
            yield from part.sources()


@dataclass(frozen=True)
class Concat(_Many):
    """Joined along an existing axis."""

    parts: tuple[Expression, ...]
    axis: int

    def __post_init__(self) -> None:
        shapes = {part.shape[: self.axis] + part.shape[self.axis + 1 :] for part in self.parts}
        if len(shapes) != 1:
            raise WeightMismatch(f"{self} has parts of different shapes")

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        shape = list(self.parts[0].shape)
        shape[self.axis] = sum(part.shape[self.axis] for part in self.parts)
        return tuple(shape)

    @property
    def exact(self) -> bool:
        return all(part.exact for part in self.parts)

    def compute(self) -> Array:
        return np.concatenate([part.compute() for part in self.parts], self.axis)

    def __str__(self) -> str:
        return f"concat({', '.join(map(str, self.parts))}; axis {self.axis})"


@dataclass(frozen=True)
class Sum(_Many):
    """Elementwise sum in float64, rounded once."""

    parts: tuple[Expression, ...]

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.parts[0].shape

    @property
    def exact(self) -> bool:
        return False

    def compute(self) -> Array:
        values = [part.compute() for part in self.parts]
        total = np.sum([value.astype(np.float64) for value in values], axis=0)
        return np.asarray(total).astype(values[0].dtype)

    def __str__(self) -> str:
        return " + ".join(map(str, self.parts))


@dataclass(frozen=True)
class Divide(_Many):
    """The first part times the reciprocal of the second, in their own dtype."""

    parts: tuple[Expression, ...]

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.parts[0].shape

    @property
    def exact(self) -> bool:
        return False

    def compute(self) -> Array:
        value, divisor = (part.compute() for part in self.parts)
        return np.asarray(np.reciprocal(divisor) * value)

    def __str__(self) -> str:
        return " / ".join(map(str, self.parts))
