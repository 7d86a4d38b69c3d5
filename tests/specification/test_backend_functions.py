"""`keras.backend` by generation: both readings beside what genuine Kerases computed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conformance.backend_functions.corpus import generations, recorded
from conformance.backend_functions.sides import difference, planned, specified
from k2to3.errors import K2to3Error

ROOT = Path(__file__).resolve().parents[2]
EVERY = 7


def cases(generation, source):
    return [case for case in recorded(generation) if case.source == source]


def test_the_corpus_is_large():
    counts = {generation: sum(1 for _ in recorded(generation)) for generation in generations()}
    assert {"keras2.2.4", "keras2.3.1", "tf1.13", "tf1.15", "tf2.15"} <= set(counts)
    assert min(counts.values()) > 1300


@pytest.mark.parametrize("generation", generations())
def test_the_specification_computes_what_was_recorded(generation):
    found = [specified(case) for case in list(recorded(generation))[::EVERY]]
    assert [row for row in found if row.status in ("differs", "fails")] == []
    equal = sum(row.status.startswith("equal") for row in found)
    assert equal > 0.85 * len(found)


def test_another_generations_meaning_would_be_seen():
    (old,) = (c for c in cases("keras2.2.4", "K.batch_dot(x[0], x[1], axes=[3, 3])") if c.specs == ("f3,5,4", "g3,5,4"))
    new = replace(old, generation="keras2.3.1", texts=(old.texts[0], "2.3.1", "tensorflow"))
    assert specified(old).status == "equal"
    assert specified(new).status == "differs"


def test_values_are_compared_one_by_one():
    want = np.array([1e6, 1e-3], np.float32)
    assert difference([want], [want]) == ""
    assert "1 of 2 values" in difference([want], [want + np.array([0, 1e-3], np.float32)])
    assert "shape" in difference([want], [want[:1]])
    assert "dtype" in difference([want], [want.astype(np.int32)])


@pytest.mark.parametrize(
    ("generation", "source", "reason"),
    [
        ("keras2.3.1", "K.switch(x[0][:, 0] > 0, x[0], x[1])", "condition of one axis"),
        ("tf1.15", "K.categorical_crossentropy(x[0], K.softmax(x[1]))", "takes from its logits"),
        ("tf1.15", "K.binary_crossentropy(x[0], x[1])", "TensorFlow 1.14 changed"),
        ("tf1.15", "K.batch_dot(x[0], x[1], axes=-1)", "TensorFlow 2.0 changed"),
    ],
)
def test_what_the_file_leaves_open_is_not_converted(generation, source, reason, tmp_path):
    for case in cases(generation, source):
        if case.specs[0] == case.specs[1].replace("g", "f") == "f4" and "batch_dot" in source:
            continue  # Of vectors it is one meaning.
        case.write(tmp_path / "old.h5")
        with pytest.raises(K2to3Error, match=reason):
            planned(tmp_path / "old.h5", "tf-1.15" if "softmax" in source else None)


def test_the_meaning_goes_into_the_plan(tmp_path):
    plans = {}
    for generation in ("keras2.2.4", "keras2.3.1"):
        for case in cases(generation, "K.zeros_like(x)"):
            if case.specs == ("i4",):
                case.write(tmp_path / "old.h5")
                plans[generation] = planned(tmp_path / "old.h5", None)
    assert '"dtype": "int32"' in plans["keras2.2.4"]
    assert plans["keras2.2.4"].replace("int32", "float32") != plans["keras2.2.4"]
    assert plans["keras2.2.4"] != plans["keras2.3.1"]


@pytest.mark.keras
def test_the_conversion_computes_what_was_recorded():
    command = [sys.executable, "-m", "tests.conformance.backend_functions", "--sides", "conversion", "--every", "97"]
    found = subprocess.run(command, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "tensorflow"}, capture_output=True)
    assert found.returncode == 0, found.stdout.decode() + found.stderr.decode()
    assert b"| all |" in found.stdout


@pytest.mark.conformance
def test_all_of_both_sides():
    command = [sys.executable, "-m", "tests.conformance.backend_functions"]
    assert subprocess.run(command, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "tensorflow"}).returncode == 0
