"""What a case is: one small Keras 2 model around a layer, and what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    # Old Kerases build these models too (`fixtures/authoring/layer_cases.py`), on Python 3.7.
    from collections.abc import Callable, Iterator

    Build = Callable[..., Any]
    """`build(keras, *inputs)`: the outputs of a model, from `tf_keras` and its input tensors."""


@dataclass(frozen=True)
class Feed:
    """One input: shape without the batch, and how to draw its values."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"
    low: float = -1.0
    high: float = 1.0
    words: tuple[str, ...] = ()
    whole: bool = False
    batch: int | None = None
    lengths: tuple[int, ...] = ()
    """Extents drawn for the unknown axes of `shape`, in order."""

    def draw(self, generator: np.random.Generator, count: int) -> Any:
        unknown = iter(self.lengths)
        shape = (self.batch or count, *(n if n is not None else next(unknown) for n in self.shape))
        if self.words:
            return np.array(generator.choice(self.words, shape), dtype=object)
        if self.dtype == "bool":
            return generator.uniform(0, 1, shape) > 0.4
        if self.whole or self.dtype.startswith(("int", "uint")):
            return generator.integers(int(self.low), int(self.high), shape).astype(self.dtype)
        return generator.uniform(self.low, self.high, shape).astype(self.dtype)


def reals(*shape: int | None, **kwargs: Any) -> Feed:
    return Feed(shape, **kwargs)


def flags(*shape: int | None) -> Feed:
    """Zeros and ones as float32: whole steps of zeros are likely."""
    return Feed(shape, whole=True, low=0, high=2)


def ids(*shape: int | None, high: int = 7, dtype: str = "int32", low: int = 0) -> Feed:
    return Feed(shape, dtype, low, high)


def words(*shape: int | None, of: tuple[str, ...] = ("a", "b", "c", "d e", "Zebra!")) -> Feed:
    return Feed(shape, "string", words=of)


@dataclass(frozen=True)
class Case:
    """`refused` is a fragment of the error that must be raised instead of an archive."""

    layer: str
    variant: str
    feeds: tuple[Feed, ...]
    build: Build
    refused: str | None = None
    tolerance: float = 1e-5
    backends: tuple[str, ...] = ("tensorflow", "jax", "torch")
    policy: str | None = None

    @property
    def id(self) -> str:
        return f"{self.layer}-{self.variant}"


@dataclass
class Table:
    """Collects cases; `of` names the layer that those added next are about."""

    cases: list[Case] = field(default_factory=list)

    def add(self, layer: str, variant: str, feeds: Feed | tuple[Feed, ...], build: Build, **kwargs: Any) -> None:
        self.cases.append(Case(layer, variant, feeds if isinstance(feeds, tuple) else (feeds,), build, **kwargs))

    def each(self, layer: str, feed: Feed, variants: dict[str, dict[str, Any]], **kwargs: Any) -> None:
        """One case per set of constructor arguments of `layer`."""
        for variant, arguments in variants.items():
            self.add(layer, variant, feed, _single(layer, arguments), **kwargs)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)


def _single(layer: str, arguments: dict[str, Any]) -> Build:
    def build(keras: Any, x: Any) -> Any:
        return find(keras, layer)(**{key: resolve(keras, value) for key, value in arguments.items()})(x)

    return build


def resolve(keras: Any, value: Any) -> Any:
    """Arguments that need Keras itself are functions of it."""
    return value(keras) if callable(value) else value


def find(keras: Any, layer: str) -> Any:
    """A layer class by name, wherever tf-keras keeps it."""
    experimental = getattr(keras.layers, "experimental", None)
    for space in (keras.layers, experimental, getattr(experimental, "preprocessing", None)):
        if hasattr(space, layer):
            return getattr(space, layer)
    raise AttributeError(layer)
