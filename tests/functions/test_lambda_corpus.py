"""Lambdas as people write them: ten CPythons' bytecode and the source text must mean the same."""

from __future__ import annotations

from typing import Any

import pytest
from conformance.lambdas.corpus import Entry, codes, entries
from k2to3.bytecode.graph_backend import GraphBackend
from k2to3.bytecode.recover import apply_stored, recover
from k2to3.bytecode.stored import stored_function
from k2to3.bytecode.syntax import apply_text
from k2to3.errors import Refused
from k2to3.functions.emitter import Emitter
from k2to3.keras3.graph import Graph
from k2to3.sources.author import parse_writer

ENTRIES = {entry.name: entry for entry in entries()}
CODES = codes()


def backend(entry: Entry) -> tuple[GraphBackend, Any]:
    graph = Graph()
    inputs = [graph.input(f"in{i}", (None, *shape), dtype) for i, (shape, dtype) in enumerate(entry.shapes)]
    emitter = Emitter(graph, "it", "it", parse_writer("2.4.0", "tensorflow"), lambda kind, text: None)
    return GraphBackend(emitter), inputs[0] if len(inputs) == 1 else inputs


def from_source(entry: Entry) -> list[str]:
    found, given = backend(entry)
    apply_text(entry.source, found, given, {})
    return found.trace


def test_corpus_is_large() -> None:
    assert len(ENTRIES) >= 150
    assert set(CODES) == {"2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"}


@pytest.mark.parametrize("version", sorted(CODES))
def test_bytecode_means_what_the_source_says(version: str) -> None:
    for name, code in CODES[version].items():
        entry = ENTRIES[name]
        stored = stored_function([code, entry.defaults, None])
        expected = from_source(entry)
        found, given = backend(entry)
        recover(stored, found, [given], {}, {})
        for reading, (_, author) in enumerate(stored.readings):
            trial, given = backend(entry)
            try:
                apply_stored(stored, trial, [given], {}, {}, reading)
            except Refused:
                # Another version's bytes, read as what they are not.
                assert author != version, name
                continue
            assert trial.trace == expected, f"{name} of Python {version}, read as {author}"


@pytest.mark.parametrize("version", sorted(CODES))
def test_author_is_among_the_readings(version: str) -> None:
    """Or a version that says the same in the same bytes."""
    same = {"3.6": "3.7", "3.8": "3.9", "3.11": "3.12"}
    for name, code in CODES[version].items():
        readings = [author for _, author in stored_function([code, None, None]).readings]
        assert version in readings or same.get(version) in readings, name
