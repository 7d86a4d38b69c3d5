"""No call site spells the shape or dtype of an op: `keras3/ops` knows them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import k2to3
from k2to3.functions.emitter import Emitter
from k2to3.keras3.graph import Graph

PACKAGE = Path(k2to3.__file__).parent
SPELLED = {"shape", "shapes", "dtype"}


def emitted(source: str) -> Iterator[ast.Call]:
    """Calls of a method `op` or `op_many`, as those of a graph and an emitter are named."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("op", "op_many"):
            yield node


def offences(source: str) -> list[int]:
    return [call.lineno for call in emitted(source) if SPELLED & {keyword.arg for keyword in call.keywords}]


def test_no_call_spells_shape_or_dtype():
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if "proof/keras2" not in path.as_posix()  # the judge has ops of its own
        for line in offences(path.read_text())
    }
    assert found == set()


def test_a_spelled_shape_would_be_found():
    assert offences(
        "x = 1\ngraph.op('numpy.Add', x, y, shape=(None, 3))\nemitter.op('core.Cast', x, dtype='bool')"
    ) == [2, 3]
    assert offences("graph.op('core.Cast', x, config={'dtype': 'bool'})") == []


def test_there_is_no_way_to_spell_them():
    for method in (Graph.op, Graph.op_many, Emitter.op, Emitter.op_many):
        assert not SPELLED & inspect.signature(method).parameters.keys()


def test_rules_add_ops_by_name():
    """Through `ops.add(graph, …)`, not by the name of a class; but for the table of activations, and packages' own."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for folder in ("rules", "training", "engine", "custom")
        for path in (PACKAGE / folder).rglob("*.py")
        if any(emitted(path.read_text()))
    }
    assert {name for name in found if "third_party" not in name} == {"rules/activations/activation.py"}
