"""Every op's shape and dtype as k2to3 infers it, against Keras 3's own `compute_output_spec`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from k2to3.errors import UnsupportedLayer
from k2to3.keras3.graph import Graph, Tensor
from k2to3.keras3.ops.facts import OPS, op_facts
from k2to3.keras3.ops.table import MANY, ONE, output_of, outputs_of
from op_cases import cases
from recorded import HERE, facts, recorded
from workers import TESTS, worker

# Keras 3.15 declares floats for any input here, and no batch there; the running ops have both.
FORGETS_DTYPE = "numpy.Reciprocal"
FORGETS_BATCH = "numpy.Slogdet"


def decode(value: Any) -> Any:
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        shape, dtype = value["tensor"]
        return Tensor(tuple(shape), dtype, None)
    if "array" in value:
        return np.zeros(*value["array"])
    return slice(*value["slice"]) if "slice" in value else ...


def inferred(case: dict[str, Any]) -> list[tuple[Any, str]]:
    args, settings = decode(case["args"]), {**case["config"], **case["kwargs"]}
    if case["symbol"] in MANY:
        return outputs_of(case["symbol"], args, settings)
    return [output_of(case["symbol"], args, settings)]


def test_every_op_has_a_case():
    assert {case["symbol"] for case in cases()} == ONE.keys() | MANY.keys()


def test_it_is_on_record_which_releases_have_it():
    assert OPS.keys() >= ONE.keys() | MANY.keys()
    with pytest.raises(UnsupportedLayer, match=r"numpy\.Nothing"):
        op_facts("numpy.Nothing")
    assert facts() == (HERE / "op_facts.txt").read_text(encoding="utf-8")


def compare(answered: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    wrong, compared = [], set()
    for case, answer in answered:
        if "refused" in answer:
            continue
        compared.add(case["symbol"])
        found = [[list(shape), dtype] for shape, dtype in inferred(case)]
        want = answer["outputs"]
        if case["symbol"] == FORGETS_DTYPE:
            found, want = [[s, ""] for s, _ in found], [[s, ""] for s, _ in want]
        if case["symbol"] == FORGETS_BATCH:
            found, want = found[1:], want[1:]
        if found != want:
            wrong.append(f"{case}: {found}, Keras says {want}")
    assert not wrong, "\n".join([f"{len(wrong)} differ", *wrong[:40]])
    assert compared == ONE.keys() | MANY.keys()


def test_keras_said_the_same():
    compare(recorded("ops"))


@pytest.mark.keras
def test_keras_says_the_same():
    given = list(cases())
    with worker(TESTS / "keras3" / "specs_worker.py") as keras:
        compare(zip(given, keras.ask({"jobs": given}), strict=True))


def test_an_op_without_a_row_is_refused():
    graph = Graph()
    x = graph.input("x", (None, 3), "float32")
    with pytest.raises(UnsupportedLayer, match=r"numpy\.Kron"):
        graph.op("numpy.Kron", x, x)
