"""Inside the worker: seeded batches with targets that suit each loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from k2to3.proof.feeds import input_shape, sample

BATCH = 8
ONE_HOT = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge")
BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy")
POSITIVE = ("Poisson", "KLDivergence", "MeanSquaredLogarithmicError", "MeanAbsolutePercentageError")


def steps(job: dict[str, Any], outputs: list[tuple[int | None, ...]], count: int) -> Iterator[tuple[Any, Any]]:
    """`count` batches of inputs and targets."""
    generator = np.random.default_rng(job["seed"])
    fixed = next((spec["shape"][0] for spec in job["inputs"] if spec["shape"] and spec["shape"][0]), None)
    batch = fixed or BATCH
    for _ in range(count):
        x = [sample(spec, input_shape(spec, batch, 0, 1), generator, job["model_config"]) for spec in job["inputs"]]
        length = next((value.shape[1] for value in x if value.ndim > 1), 1)
        y = [
            _target(loss, tuple(length if n is None else n for n in shape[1:]), batch, generator)
            for loss, shape in zip(job["training"]["losses"], outputs, strict=True)
        ]
        yield _bare(x), _bare(y)


def _bare(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _target(loss: dict[str, Any], inner: tuple[int, ...], batch: int, generator: np.random.Generator) -> Any:
    name, shape = loss["class_name"], (batch, *inner)
    if name in ONE_HOT or name == "SparseCategoricalCrossentropy":
        classes = generator.integers(0, inner[-1], (batch, *inner[:-1]))
        if name in ONE_HOT:
            return np.eye(inner[-1], dtype="float32")[classes]
        return classes[..., None].astype("int32")
    if name in BINARY:
        return generator.integers(0, 2, shape).astype("float32")
    if name in ("Hinge", "SquaredHinge"):
        return (2.0 * generator.integers(0, 2, shape) - 1).astype("float32")
    if name in POSITIVE:
        return (0.1 + generator.random(shape)).astype("float32")
    return generator.standard_normal(shape).astype("float32")
