"""The order of calls, against the plain way to say it: go through the file again and again, take what is ready."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from k2to3.errors import BadConfig
from k2to3.keras2.model import Call, LayerRecord, Model, Ref
from k2to3.keras2.order import calls_in_order


def plainly(model, inputs):
    waiting = [(r, index) for r in model.layers for index in range(len(r.calls))]
    done, ordered = {(name, 0) for name in inputs}, []
    while waiting:
        rest = []
        for record, index in waiting:
            call = record.calls[index]
            ready = all((ref.layer, ref.call) in done for ref in call.refs())
            if ready and (index == 0 or (record.name, index - 1) in done):
                done.add((record.name, index))
                ordered.append((record.name, call))
            else:
                rest.append((record, index))
        if len(rest) == len(waiting):
            raise BadConfig("loop")
        waiting = rest
    return ordered


def model(edges, seed):
    """Layer n calls each of `edges[n]`, which name earlier layers and calls; listed in a random order."""
    records = [LayerRecord("InputLayer", "in", {})]
    counts = [1]
    for number, calls in enumerate(edges, start=1):
        made = []
        for wanted in calls:
            refs = [Ref("in" if n % number == 0 else f"d{n % number}", c % counts[n % number]) for n, c in wanted]
            made.append(Call([Ref("in"), *refs]))
        records.append(LayerRecord("Dense", f"d{number}", {}, tuple(made)))
        counts.append(max(1, len(made)))
    random.Random(seed).shuffle(records)
    return Model("m", tuple(records), Ref("in"), Ref("in"), sequential=False)


REFS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3)), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(REFS, max_size=3), max_size=12), st.integers(0, 100))
def test_as_the_plain_way(edges, seed):
    found = model(edges, seed)
    try:
        wanted = plainly(found, {"in"})
    except BadConfig:
        with pytest.raises(BadConfig):
            calls_in_order(found, {"in"})
        return
    assert [(record.name, call) for record, call in calls_in_order(found, {"in"})] == wanted


def test_a_loop_and_a_missing_producer_are_named():
    loop = [LayerRecord("Dense", "a", {}, (Call(Ref("b")),)), LayerRecord("Dense", "b", {}, (Call(Ref("a")),))]
    for layers in (loop, loop[:1]):
        with pytest.raises(BadConfig, match="loop") as error:
            calls_in_order(Model("m", tuple(layers), Ref("a"), Ref("a"), sequential=False), set())
        assert error.value.layer == "a"
