"""How outputs are compared: text, NaN, sparse and nested ones."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.proof.differences import difference
from k2to3.proof.variety import Variety

TEXT = np.array(["ab", "c"])


@pytest.mark.parametrize("have", [TEXT, TEXT.astype(object), TEXT.astype("S")])
def test_text_is_text_in_every_dtype(have):
    assert difference(TEXT, have) == (0.0, 1.0, "")


@pytest.mark.parametrize(
    ("want", "have", "problem"),
    [
        (TEXT, np.array(["ab", "d"]), "strings differ"),
        (np.zeros((2, 1)), np.zeros(2), "shape (2,) instead of (2, 1)"),
        (np.array([np.nan, 1.0]), np.array([np.nan, np.nan]), "NaN or infinite values differ"),
        (np.array([np.inf]), np.array([-np.inf]), "NaN or infinite values differ"),
    ],
)
def test_problems(want, have, problem):
    assert difference(want, have)[2] == problem


@pytest.mark.parametrize(("have", "gap"), [(5.3e-41, 0.0), (1.1e-38, 0.0), (1e-37, 1e-37)])
def test_what_processors_flush_to_zero_is_zero(have, gap):
    assert difference(np.zeros(1, "float32"), np.array([have]))[0] == gap


def test_nothing_finite_is_no_division_by_zero():
    error, scale, problem = difference(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]))
    assert (error, problem) == (0.0, "") and scale > 0


@pytest.mark.parametrize(("largest", "told"), [(4e-39, True), (4e-37, False)])
def test_outputs_that_are_all_flushed_prove_nothing(largest, told):
    """A sigmoid that saturates on every input: its values vary, and every archive's are equal to them."""
    values = np.array([[1.0], [2.0], [4.0]]) * largest / 4
    variety = Variety()
    variety.add([values])
    assert (difference(values, np.zeros_like(values))[0] == 0.0) is told
    assert bool(variety.problems()) is told
