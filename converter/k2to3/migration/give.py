"""Where files are given out: to a cluster, to an executor, or to processes of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from k2to3.errors import UsageError
from k2to3.migration.admission import Budget, budget
from k2to3.migration.cluster import cluster
from k2to3.migration.find import Pair
from k2to3.migration.futures import convert_with
from k2to3.migration.pool import Work, convert_all

ELSEWHERE = ("executor", "cluster")


def check_places(said: Mapping[str, Any]) -> None:
    """Whether what was said of a batch can be kept where it runs.

    Raises:
        UsageError: two places, or a limit that nobody can enforce there.
    """
    places = [name for name in ELSEWHERE if said.get(name) is not None]
    if len(places) > 1:
        raise UsageError("files go to an executor or to a cluster, not to both")
    if places and said.get("timeout") is not None:
        text = f"--timeout ends a process that takes too long, and those of the {places[0]} are not ours to end"
        raise UsageError(text, hint="--limit seconds=N bounds each proof everywhere")


def give(pairs: Sequence[Pair], work: Work, said: Mapping[str, Any]) -> None:
    """Convert `pairs` where the batch runs."""
    if not pairs:
        return
    if said.get("cluster") is not None:
        with cluster(said["cluster"], said.get("jobs")) as found:
            convert_with(found, pairs, work, found.job, found.room)
    elif said.get("executor") is not None:
        convert_with(said["executor"], pairs, work)
    else:
        convert_all(pairs, work)


def budget_of(said: Mapping[str, Any], each: dict[str, Any]) -> Budget:
    """The memory of this machine is none of a cluster's: there each process has its own."""
    found = budget(each)
    return found if said.get("cluster") is None else replace(found, memory=None)
