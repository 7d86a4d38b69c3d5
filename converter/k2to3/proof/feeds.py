"""Inside the worker: concrete inputs from the job's descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from math import prod
from typing import Any

import numpy as np

from k2to3.proof.rows import cut
from k2to3.proof.sharp import LARGEST, kinds_for, sharp_rows
from k2to3.proof.texts import texts
from k2to3.proof.whole_numbers import ranged, rows_of_edges, sample_whole, sharp_whole

Job = dict[str, Any]
Json = dict[str, Any]
# Lengths for axes the model leaves open: sequences, then images (halved five times).
LENGTHS = {1: (6, 9), 2: (64, 96), 3: (16, 24)}
# Models that crop or stride need longer sequences than the default; tried in turn.
STRETCHES = (1, 8, 64, 512, 2048)
MAX_ELEMENTS = 1 << 24
UNBATCHED = 3
"""Axes of an image without one for samples."""
FIRST = 3
"""Samples in the first batch."""


@dataclass(frozen=True)
class Feed:
    """One set of inputs; `rows` name its samples where each is compared by itself."""

    label: str
    values: list[Any]
    rows: tuple[str, ...] = ()


def stretches(job: Job) -> Iterator[int]:
    """Factors on open lengths, as long as the inputs stay small enough to run."""
    for factor in STRETCHES:
        largest = max((prod(input_shape(spec, 3, 1, factor)) for spec in job["inputs"]), default=0)
        if factor == 1 or (largest <= MAX_ELEMENTS and any(None in spec["shape"][1:] for spec in job["inputs"])):
            yield factor


def feeds(job: Job, stretch: int = 1) -> Iterator[Feed]:
    """Batches of 3 and 1; where lengths are open, one of a second length; then sharp ones.

    `stretch` multiplies the lengths that the model leaves open.
    """
    generator = np.random.default_rng(job["seed"])
    specs = job["inputs"]
    open_axes = any(None in spec["shape"][1:] for spec in specs)
    fixed = next((spec["shape"][0] for spec in specs if spec["shape"] and spec["shape"][0]), None)
    longer = f", lengths × {stretch}" if stretch > 1 else ""
    least = batch_of_images(job)
    for batch, second in ((FIRST, False), (1, False), (2, True)):
        if second and not open_axes:
            continue
        size = fixed or max(batch, least)
        values = [
            sample(spec, input_shape(spec, size, int(second), stretch), generator, job["model_config"], number)
            for number, spec in enumerate(specs)
        ]
        yield Feed(f"batch {size}{', second length' if second else ''}{longer}, seed {job['seed']}", values)
        if fixed:
            break
    # The same batch size as the first: Keras traces the model no further time.
    yield from _sharp(job, fixed or max(FIRST, least), stretch, generator)


def _sharp(job: Job, size: int, stretch: int, generator: np.random.Generator) -> Iterator[Feed]:
    """Batches whose rows are of different kinds, until every kind was there.

    A model that keeps state from batch to batch gets its second batch here.
    """
    specs = job["inputs"]
    numbers = [prod(input_shape(spec, 1, 0, stretch)) for spec in specs if is_number(spec)]
    whole = (rows_of_edges(spec, prod(input_shape(spec, 1, 0, stretch))) for spec in specs)
    kinds = kinds_for(met(job), numbers, max(whole, default=0))
    kinds = tuple(islice(cycle(kinds), -(-len(kinds) // size) * size))
    values = [
        sharp(spec, kinds, input_shape(spec, len(kinds), 0, stretch), generator, met(job), number)
        for number, spec in enumerate(specs)
    ]
    for start in range(0, len(kinds), size):
        rows = slice(start, start + size)
        yield Feed(f"sharp inputs, seed {job['seed']}", [value[rows] for value in values], kinds[rows])


def batch_of_images(job: Job) -> int:
    """How many samples make an image that is large enough, where the first axis is one of the image; else 0."""
    unbatched = all(len(spec["shape"]) == UNBATCHED for spec in job["inputs"])
    return max((spec.get("least", 0) for spec in job["inputs"]), default=0) if unbatched else 0


def met(job: Job) -> Any:
    """Whose constants inputs are to meet: the author's, and those of the archive, which is on trial."""
    return [job["model_config"], job.get("archive_config")]


def with_ranges(job: Job, judges: list[Any]) -> Job:
    """The job with whole numbers from as far as all judges compute."""
    return ranged(job, judges, lambda job: (feed.values for feed in feeds(job)))


def input_shape(spec: Json, batch: int, which: int, stretch: int) -> tuple[int, ...]:
    inner = spec["shape"][1:]
    length = max(LENGTHS.get(sum(n is None for n in inner), LENGTHS[1])[which] * stretch, spec.get("least", 0))
    return (batch, *(length if n is None else n for n in inner))


def sample(
    spec: Json, shape: tuple[int, ...], generator: np.random.Generator, config: Any = None, number: int = 0
) -> Any:
    """Inputs of one shape; `number` of the input pads each otherwise, `config` holds the vocabularies of texts."""
    if spec["dtype"] == "string" and spec.get("tokens"):
        return generator.choice(np.array(spec["tokens"], dtype=object), size=shape)
    if spec["dtype"] == "string":
        return texts(config, shape, generator)
    if spec["dtype"] == "bool":
        return generator.random(shape) > 0.5
    if "whole" in spec:
        values = sample_whole(spec, shape, generator)
    elif spec["vocabulary"] is not None:
        values = _tokens(spec, shape, generator, number)
    else:
        values = generator.standard_normal(shape, dtype=np.float32)
        values = inside(values, spec).astype(spec["dtype"] if spec["dtype"] in ("float16", "float64") else "float32")
    return cut(values) if spec["ragged"] else values


def sharp(
    spec: Json,
    kinds: tuple[str, ...],
    shape: tuple[int, ...],
    generator: np.random.Generator,
    config: Any,
    number: int,
) -> Any:
    """One row of each kind; token IDs are padded in the middle and at both ends."""
    if "whole" in spec:
        values = sharp_whole(spec, shape, generator)
        return cut(values) if spec["ragged"] else values
    plain = sample(spec, shape, generator, config, number)
    if spec["vocabulary"] is not None:
        return _with_gaps(plain, spec, generator)
    if plain.dtype.kind != "f":
        return plain
    values = inside(sharp_rows(kinds, shape[1:], config, generator), spec).astype(plain.dtype)
    return cut(values) if spec["ragged"] else values


def inside(values: Any, spec: Json) -> Any:
    """Numbers that a cast to whole ones defines; those of both signs are turned up where there are none below zero."""
    if spec.get("within") is None:
        return values
    low, high = spec["within"]
    return np.clip(np.abs(values) if low == 0 else values, low, min(high, LARGEST))


def is_number(spec: Json) -> bool:
    """Whether an input takes any numbers."""
    return spec["vocabulary"] is None and spec["dtype"] not in ("string", "bool")


def _tokens(spec: Json, shape: tuple[int, ...], generator: np.random.Generator, number: int) -> Any:
    ids = generator.integers(0, spec["vocabulary"], size=shape)
    if spec["padded"] and len(shape) == 2 and shape[1] > 2:
        # Zeros at the end, a different number in each row and each input; one row is full.
        for row in range(shape[0]):
            used = max(1, shape[1] - ((row + number) % max(shape[0], 2)) * (shape[1] // 3))
            ids[row, :used] = np.maximum(ids[row, :used], 1) if spec["vocabulary"] > 1 else 0
            ids[row, used:] = 0
    kind = spec["dtype"] if spec["dtype"].startswith(("int", "uint")) else "float32"
    return ids.astype(kind)


def _with_gaps(ids: Any, spec: Json, generator: np.random.Generator) -> Any:
    if not (spec["padded"] and ids.ndim == 2 and ids.shape[1] > 2 and spec["vocabulary"] > 1):
        return ids
    ids = np.maximum(ids, 1)
    gaps = generator.random(ids.shape) < 0.3
    # Whole rows of padding are left out: what an average over nothing is, no Keras defines.
    gaps[np.arange(len(ids)), generator.integers(0, ids.shape[1], len(ids))] = False
    return np.where(gaps, 0, ids).astype(ids.dtype)
