"""Every call of a layer by itself, through nested and shared models."""

from __future__ import annotations

from k2to3.proof.layerwise.claim import NotExamined, examined, first, told, why_unsure
from k2to3.proof.levels.level import Level, Trial


def compare(trial: Trial) -> str | None:
    try:
        found = examined(trial)
    except NotExamined as error:
        trial.evidence["not_proved"].append(f"layers: {error}")
        return None
    diverged = first(found.results)
    if diverged is not None:
        trial.evidence["divergence"] = diverged
        return told(diverged)
    unsure = dict.fromkeys(why_unsure(item) for item in found.results if item["equal"] is None)
    trial.evidence["not_proved"] += [f"layers: {text}" for text in unsure]
    return None


LAYERS = Level("layers", compare)
