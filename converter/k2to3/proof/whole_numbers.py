"""Inside the worker: inputs of whole numbers that no Embedding reads, as far as a judge computes.

A whole number may be a place in a tensor, a class, a length or a count. Which, no config says where a function of
TensorFlow uses it; but what lies outside of a tensor no judge computes. So the judges are asked how far it may go, and
inputs are taken from all of that, its ends included. Where outputs get another shape is an end as well: a Keras 3 graph
has none that depends on a number, and a window that moves is equal inside of its axis (a finding says so).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from k2to3.proof.deadline import deadline
from k2to3.proof.memory import check_memory

Job = dict[str, Any]
Json = dict[str, Any]
Runs = Callable[[int], bool]
FIRST_TRIED = (1, 0, 2, 3)
FURTHEST = 1 << 10
"""What goes on from there has no end that matters here."""
ORDINARY = 5
"""Where there is no end: places, classes and lengths are small."""
MOST = 24
SECONDS = 10
ASKED = 2
"""Batches that are tried with each number; what was found is tried with all of them."""
# Keys of configs and of calls whose whole numbers an input can meet.
MEETS = frozenset(
    {
        "vocabulary", "num_tokens", "max_tokens", "num_bins", "bins", "bin_boundaries", "boundaries", "depth", "maxlen",
        "mask_token", "max_value", "min_value", "y", "num_classes",
    }
)  # fmt: skip


def ranged(job: Job, judges: Sequence[Any], inputs: Callable[[Job], Iterator[list[Any]]]) -> Job:
    """The job with the range of each such input; as it was where no judge can be asked.

    Args:
        inputs: all that will be fed to the models of a job.
    """
    free = [number for number, spec in enumerate(job["inputs"]) if is_free(spec)]
    if not free or not judges:
        return job
    try:
        with deadline(SECONDS, "asking for the range of whole numbers"):
            found = _ranged(job, judges, free, inputs)
            fits = found is not job and all(_shapes(judges, values) is not None for values in inputs(found))
    except TimeoutError:
        return job
    return found if fits else job


def is_free(spec: Json) -> bool:
    """Whether an input takes whole numbers of which no Embedding says how large they are."""
    return bool(spec.get("free")) and "whole" not in spec


def _ranged(job: Job, judges: Sequence[Any], free: list[int], inputs: Callable[[Job], Iterator[list[Any]]]) -> Job:
    every = list(islice(inputs(job), ASKED))

    def shapes(numbers: dict[int, int]) -> list[Any]:
        return [_shapes(judges, _with(values, numbers)) for values in every]

    begun = {n: shapes(dict.fromkeys(free, n)) for n in dict.fromkeys([*FIRST_TRIED, *met(job)[:MOST]])}
    start = next((n for n, found in begun.items() if all(map(_holds, found))), None)
    if start is None:
        return job
    specs = list(job["inputs"])
    for number in free:
        base = dict.fromkeys(free, start)

        def alone(value: int, number: int = number, base: dict[int, int] = base) -> bool:
            return shapes({**base, number: value}) == begun[start]

        specs[number] = {**specs[number], "whole": whole_range(alone, start, specs[number]["dtype"], met(job))}
    return {**job, "inputs": specs}


def _with(values: list[Any], numbers: dict[int, int]) -> list[Any]:
    return [np.full_like(value, numbers[i]) if i in numbers else value for i, value in enumerate(values)]


def _holds(shapes: list[Any] | None) -> bool:
    """Whether there are outputs, and something in them."""
    return bool(shapes) and all(0 not in shape for shape in shapes or ())


def _shapes(judges: Sequence[Any], values: list[Any]) -> list[Any] | None:
    """Of the outputs that all judges compute; None where one does not."""
    found: list[Any] = []
    for judge in judges:
        try:
            found += [np.shape(output) for output in judge.tried(values)]
        except TimeoutError:
            raise
        except Exception as error:
            check_memory(error)
            return None
    return found


def whole_range(runs: Runs, start: int, dtype: str, constants: Sequence[int]) -> Json:
    """`low` and `high`, both included, of ordinary numbers; `edges` are to be met at least once each."""
    kind = np.iinfo(dtype)
    highest, lowest = min(FURTHEST, int(kind.max)), max(-FURTHEST, int(kind.min))
    high, low = furthest(runs, start, highest), furthest(runs, start, lowest)

    def fits(n: int) -> bool:
        return lowest <= n <= highest and runs(n)

    ends = [] if low <= -FURTHEST else [low, low + 1]
    ends += [] if high >= FURTHEST else [high - 1, high]
    around = [constant + step for constant in constants for step in (0, -1, 1)]
    # A lookup without an index for unknown tokens computes the numbers of its vocabulary alone.
    edges = [n for n in dict.fromkeys([*ends, 0, -1, *around][: 2 * MOST]) if low <= n <= high or fits(n)][:MOST]
    return {
        "low": min(max(low, 0), high),
        "high": high if high < FURTHEST else max(start, ORDINARY),
        "edges": edges,
    }


def furthest(runs: Runs, start: int, end: int) -> int:
    """The last number from `start` towards `end` that runs: by doubling the way, then by halving what is left."""
    sign, good, stride = (1 if end >= start else -1), start, 1
    while good != end:
        tried = start + sign * min(stride, abs(end - start))
        if not runs(tried):
            return _between(runs, good, tried)
        good, stride = tried, 2 * stride
    return good


def _between(runs: Runs, good: int, bad: int) -> int:
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if runs(middle) else (good, middle)
    return good


def met(job: Job) -> list[int]:
    """Whole numbers of the stored config and of the archive that an input may be compared with."""
    return sorted(set(_numbers([job["model_config"], job.get("archive_config")])), key=abs)


def _numbers(node: Any, key: str = "") -> Iterator[int]:
    if isinstance(node, dict):
        for name, item in node.items():
            yield from _numbers(item, str(name))
    elif isinstance(node, (list, tuple)):
        # A constant of an op's call: ["_CONSTANT_VALUE", -1, 5].
        inner = "y" if len(node) == 3 and node[0] == "_CONSTANT_VALUE" else key
        for item in node:
            yield from _numbers(item, inner)
    elif key in MEETS and isinstance(node, (int, float)) and not isinstance(node, bool) and abs(node) < FURTHEST:
        yield int(node)


def sample_whole(spec: Json, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Numbers from the whole ordinary range."""
    found = spec["whole"]
    return generator.integers(found["low"], found["high"] + 1, size=shape).astype(spec["dtype"])


def sharp_whole(spec: Json, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """The same with each edge at least once, as far as there is room."""
    values = sample_whole(spec, shape, generator)
    edges = generator.permutation(np.array(spec["whole"]["edges"], dtype=values.dtype))
    places = generator.permutation(values.size)[: len(edges)]
    values.reshape(-1)[places] = edges[: len(places)]
    return values


def rows_of_edges(spec: Json, elements: int) -> int:
    """How many samples it takes to meet every edge."""
    return -(-len(spec["whole"]["edges"]) // max(1, elements)) if "whole" in spec else 0
