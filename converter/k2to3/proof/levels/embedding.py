"""Every Embedding on sample token IDs, bit for bit."""

from __future__ import annotations

from k2to3.proof.embeddings import compare_embedding
from k2to3.proof.levels.level import Level, Trial


def compare(trial: Trial) -> str | None:
    for item in trial.job["embeddings"]:
        result = compare_embedding(item, trial.model, trial.job)
        trial.evidence["embeddings"].append(result)
        if not result["equal"]:
            return f"Embedding {item['name']!r}: {result['detail']}"
    return None


EMBEDDING = Level("embedding", compare)
