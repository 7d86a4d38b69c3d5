"""Inside the worker: concrete inputs from the job's descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

# Lengths for axes the model leaves open: sequences, then images (halved five times).
LENGTHS = {1: (6, 9), 2: (64, 96), 3: (16, 24)}
# Models that crop or stride need longer sequences than the default; tried in turn.
STRETCHES = (1, 8, 64, 512, 2048)
MAX_ELEMENTS = 1 << 24


@dataclass(frozen=True)
class Feed:
    """One set of inputs."""

    label: str
    values: list[Any]


def stretches(job: dict[str, Any]) -> Iterator[int]:
    """Factors on open lengths, as long as the inputs stay small enough to run."""
    for factor in STRETCHES:
        largest = max((prod(input_shape(spec, 3, 1, factor)) for spec in job["inputs"]), default=0)
        if factor == 1 or (largest <= MAX_ELEMENTS and any(None in spec["shape"][1:] for spec in job["inputs"])):
            yield factor


def feeds(job: dict[str, Any], stretch: int = 1) -> Iterator[Feed]:
    """Batch 3, then batch 1; where lengths are open, also with a second length.

    `stretch` multiplies the lengths that the model leaves open.
    """
    generator = np.random.default_rng(job["seed"])
    specs = job["inputs"]
    open_axes = any(None in spec["shape"][1:] for spec in specs)
    fixed = next((spec["shape"][0] for spec in specs if spec["shape"] and spec["shape"][0]), None)
    for batch, second in ((3, False), (1, False), (2, True)):
        if second and not open_axes:
            continue
        size = fixed or batch
        values = [sample(spec, input_shape(spec, size, int(second), stretch), generator) for spec in specs]
        longer = f", lengths × {stretch}" if stretch > 1 else ""
        yield Feed(f"batch {size}{', second length' if second else ''}{longer}, seed {job['seed']}", values)
        if fixed:
            return


def input_shape(spec: dict[str, Any], batch: int, which: int, stretch: int) -> tuple[int, ...]:
    inner = spec["shape"][1:]
    length = LENGTHS.get(sum(n is None for n in inner), LENGTHS[1])[which] * stretch
    return (batch, *(length if n is None else n for n in inner))


def sample(spec: dict[str, Any], shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    if spec["dtype"] == "string":
        return generator.choice(np.array(["a", "b", "hello world", ""], dtype=object), size=shape)
    if spec["dtype"] == "bool":
        return generator.random(shape) > 0.5
    if spec["vocabulary"] is not None:
        return _tokens(spec, shape, generator)
    values = generator.standard_normal(shape, dtype=np.float32)
    return values.astype(spec["dtype"] if spec["dtype"] in ("float16", "float64") else "float32")


def _tokens(spec: dict[str, Any], shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    ids = generator.integers(0, spec["vocabulary"], size=shape)
    if spec["padded"] and len(shape) == 2 and shape[1] > 2:
        # Zeros at the end, a different number in each row; the first row is full.
        for row in range(shape[0]):
            used = max(1, shape[1] - row * (shape[1] // 3))
            ids[row, :used] = np.maximum(ids[row, :used], 1) if spec["vocabulary"] > 1 else 0
            ids[row, used:] = 0
    kind = spec["dtype"] if spec["dtype"].startswith(("int", "uint")) else "float32"
    return ids.astype(kind)
