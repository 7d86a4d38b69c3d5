"""Inside the worker: what looking into a model says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from k2to3.errors import K2to3Error
from k2to3.proof.deadline import deadline
from k2to3.proof.feeds import Feed, feeds, stretches, with_ranges
from k2to3.proof.judges import Specified, specified
from k2to3.proof.layerwise.examination import CANNOT_RUN, STEPS, Examination
from k2to3.proof.layerwise.places import Places
from k2to3.proof.layerwise.small import any_normalises, one_row, small_inputs
from k2to3.proof.layerwise.walk import functional_of
from k2to3.proof.levels.level import Trial
from k2to3.proof.memory import check_memory, first_line
from k2to3.proof.whole_numbers import is_free

Json = dict[str, Any]
SECONDS = 60


class NotExamined(Exception):
    """No claim is made; the message says why."""


def examined(trial: Trial) -> Examination:
    """Every call on the first batch and on the sharp ones; the results stand in the evidence.

    Raises:
        NotExamined: the specification does not cover the file, or cannot run it.
    """
    job = trial.job
    if functional_of(trial.model) is None:
        raise NotExamined("the archive holds no graph")
    if job["unfit"]:
        raise NotExamined(job["unfit"])
    trial = _in_range(trial)
    problem = "nothing can be fed to it"
    with deadline(SECONDS, "looking into the model"):
        for stretch in stretches(job):
            try:
                return _examined(trial, stretch)
            except TimeoutError as error:
                raise NotExamined(first_line(error)) from error
            except K2to3Error as error:
                problem = first_line(error)
            except Exception as error:
                check_memory(error)
                problem = first_line(error)
    raise NotExamined(problem)


def _in_range(trial: Trial) -> Trial:
    if not any(map(is_free, trial.job["inputs"])):
        return trial
    try:
        return replace(trial, job=with_ranges(trial.job, [specified(trial.job)]))
    except K2to3Error as error:
        raise NotExamined(first_line(error)) from error


def _examined(trial: Trial, stretch: int) -> Examination:
    job = trial.job
    reset_states(trial.model)
    found = Examination(trial.model, specified(job), Places(job["calls"]), min(job["tolerance"], job["strict"]))
    for feed in _chosen(feeds(job, stretch)):
        found.run(feed)
    reset_states(trial.model)
    trial.evidence["layers"] = summary(found.results)
    return found


def _chosen(every: Iterator[Feed]) -> Iterator[Feed]:
    """The first batch, and the sharp ones."""
    for number, feed in enumerate(every):
        if number == 0 or feed.rows:
            yield feed


def reset_states(model: Any) -> None:
    """Stateful layers begin anew."""
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()


def first(results: list[Json]) -> Json | None:
    """The first call that differs though its inputs agree."""
    return next((item for item in results if item["equal"] is False), None)


def settled(trial: Trial) -> tuple[bool | None, str]:
    """Whether every layer agrees, and how that was found; None where it cannot be told."""
    try:
        results = examined(trial).results
    except NotExamined as error:
        return None, str(error)
    diverged = first(results)
    if diverged is not None:
        trial.evidence["divergence"] = diverged
        return False, told(diverged)
    unsure = next((item for item in results if item["equal"] is None), None)
    if unsure is not None:
        return None, why_unsure(unsure)
    if not results:
        return None, "no layer could be compared"
    stepped = list(dict.fromkeys(item["layer"] for item in results if item["how"] == STEPS))
    steps = f", {', '.join(stepped)} step by step" if stepped else ""
    return True, f"layer by layer{steps}"


def small_normalisations(trial: Trial, judges: Sequence[Any]) -> str | None:
    """What is wrong with layers that normalise by their own input, where that is small; None where nothing is known."""
    judge = next((judge for judge in judges if isinstance(judge, Specified)), None)
    job = trial.job
    if judge is None or not any_normalises(job["stored_config"]) or functional_of(trial.model) is None:
        return None
    fixed = any(spec["shape"] and spec["shape"][0] for spec in job["inputs"])
    reset_states(trial.model)
    try:
        with deadline(SECONDS, "normalisations of small numbers"):
            places, feed = Places(job["calls"]), one_row(feeds(job), fixed)
            found = small_inputs(trial.model, judge, places, job, feed)
    except (K2to3Error, TimeoutError):
        return None
    except Exception as error:
        # No claim of the level: what can be said of whole outputs has been said.
        check_memory(error)
        return None
    finally:
        reset_states(trial.model)
    if found is None:
        return None
    trial.evidence["divergence"] = found
    return f"{told(found)}, on {found['feed']}, from {judge.name}"


def why_unsure(item: Json) -> str:
    """What keeps a call from being compared."""
    if item["how"] == CANNOT_RUN:
        return f"{_name(item)}: {item['problem']}, call by call"
    return f"{_name(item)} is sensitive to rounding, and has no steps that can be compared"


def first_divergence(trial: Trial) -> str:
    """In one line, where a model that differs does so first; empty where that cannot be told."""
    try:
        results = examined(trial).results
    except NotExamined:
        return ""
    # The whole did not run either, or differs: then this is where.
    diverged = first(results) or next((item for item in results if item["how"] == CANNOT_RUN), None)
    if diverged is None:
        return "every layer by itself agrees"
    trial.evidence["divergence"] = diverged
    return told(diverged)


def told(item: Json) -> str:
    """One line."""
    what = f"first differs at {_name(item)}"
    if item["problem"]:
        what += f": {item['problem']}"
    else:
        at = f" at {item['index']}" if item.get("index") else ""
        values = f": {_short(item['found'])} instead of {_short(item['wanted'])}" if item.get("index") else ""
        ulp = f", {item['ulp']:.3g} ULP" if item.get("ulp") is not None else ""
        what += f": by {item['max_error']:.3g} (allowed {item['allowed']:.3g}){at}{values}{ulp}"
    since = item.get("mask_since")
    rule = f"; rule {item['rule']}" if item["rule"] else ""
    return what + rule + (f"; its mask is another one since layer {since!r}" if since else "")


def _name(item: Json) -> str:
    return f"layer {item['layer']!r} ({item['class_name']})" if item["class_name"] else item["layer"]


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


KEYS = ("layer", "class_name", "rule", "output", "feed", "judge", "how", "max_error", "scale", "allowed", "equal")


def summary(results: list[Json]) -> list[Json]:
    """For each output of each call the feed on which it was worst."""
    worst: dict[tuple[str, int], Json] = {}
    for item in results:
        key = (item["layer"], item["output"])
        if key not in worst or _badness(item) > _badness(worst[key]):
            worst[key] = item
    return [{key: item[key] for key in KEYS} for item in worst.values()]


def _badness(item: Json) -> tuple[bool, float]:
    return item["equal"] is not True, item["max_error"] / (item["allowed"] or 1e-30)
