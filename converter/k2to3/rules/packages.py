"""Whose the classes are that many people have: told by the keys of their settings.

A name alone is never enough. Of keras-bert's models the attention layer is proof, whose keys no other layer of that
name has; where it stands, the others are keras-bert's as well, as far as their own keys say nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from k2to3.dataclass import dataclass
from k2to3.findings import Finding
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.json_text import Json, dicts

PACKAGE = "keras_bert"
PROOF = "MultiHeadAttention"
TABLE = frozenset({"input_dim", "output_dim", "embeddings_initializer", "mask_zero"})
KEYS: Mapping[str, frozenset[str]] = {
    PROOF: frozenset({"head_num", "history_only", "activation", "use_bias"}),
    "FeedForward": frozenset({"units", "activation", "use_bias"}),
    "PositionEmbedding": TABLE | {"mode"},
    "TrigPosEmbedding": frozenset({"mode", "output_dim"}),
    "EmbeddingRet": TABLE,
    "TokenEmbedding": TABLE,
    "EmbeddingSim": frozenset({"use_bias", "initializer"}),
    "EmbeddingSimilarity": frozenset({"initializer"}),
    "TaskEmbedding": TABLE,
    "Extract": frozenset({"index"}),
    "Masked": frozenset(),
    "MaskedGlobalMaxPool1D": frozenset(),
}
# No other package is known to have a class of this name with these keys.
ALONE = frozenset({"PositionEmbedding", "TrigPosEmbedding", "EmbeddingRet"})
NORMALIZATION = "LayerNormalization"
"""Theirs has no axis, which Keras's own always writes; on the last axis both compute the same."""
FUNCTIONS = frozenset({"gelu"})
"""Functions of the packages that are named as Keras's own and compute something else."""


@dataclass
class _Seen:
    """The keys of all layers of one class."""

    every: set[str]
    some: set[str] = field(default_factory=set)


def recognised(rules: Rulebook, config: Json, findings: list[Finding]) -> Rulebook:
    """The rules for this architecture: classes of keras-bert's are read as what they are, if the user says no other."""
    seen = _classes(config)
    whole = _is(PROOF, seen)
    found = {
        name: f"{PACKAGE}>{name}"
        for name in seen
        if name in KEYS and _is(name, seen) and (whole or name in ALONE) and not _said(rules, name)
    }
    if whole and NORMALIZATION in seen and "axis" not in seen[NORMALIZATION].some and not _said(rules, NORMALIZATION):
        found[NORMALIZATION] = NORMALIZATION
    if not found:
        return rules
    findings.append(Finding("accepted", "", "", f"read as layers of keras-bert's packages: {', '.join(sorted(found))}"))
    homonyms = FUNCTIONS if whole else frozenset()
    return replace(rules, treat_as={**found, **rules.treat_as}, homonyms=homonyms)


def _is(name: str, seen: Mapping[str, _Seen]) -> bool:
    return name in seen and KEYS[name] <= seen[name].every


def _said(rules: Rulebook, name: str) -> bool:
    return name in rules.own or name in rules.treat_as or (rules.custom is not None and rules.custom.knows(name))


def _classes(config: Json) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for name, keys in _layers(config):
        seen = found.setdefault(name, _Seen(set(keys)))
        seen.every &= keys
        seen.some |= keys
    return found


def _layers(config: Json) -> Iterator[tuple[str, set[str]]]:
    """Class and keys of everything that has both, however deep."""
    for value in dicts(config):
        settings = value.get("config")
        if isinstance(value.get("class_name"), str) and isinstance(settings, dict):
            yield value["class_name"], set(settings)
