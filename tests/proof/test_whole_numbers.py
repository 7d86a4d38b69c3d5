"""Whole numbers that serve as places, classes or lengths: inputs reach as far as a judge computes, and its ends."""

from __future__ import annotations

from pathlib import Path

import k2to3
import numpy as np
import pytest
from k2to3.proof.feeds import feeds, with_ranges
from k2to3.proof.whole_numbers import FURTHEST, furthest, whole_range

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Judge:
    """Computes where `valid` says; `outputs` have the shape of the input where nothing else is said."""

    def __init__(self, valid, outputs=lambda values: [values[-1]]):
        self.valid, self.outputs = valid, outputs

    def tried(self, values):
        if not all(self.valid(int(n)) for n in np.ravel(values[-1])):
            raise ValueError("an index outside of the tensor")
        return self.outputs(values)


def job(shape=(None, 4), dtype="int32", config=None):
    free = {"shape": shape, "dtype": dtype, "vocabulary": 2, "padded": False, "ragged": False, "name": "i"}
    number = {**free, "dtype": "float32", "vocabulary": None, "name": "x", "shape": (None, 3)}
    return {"seed": 0, "inputs": [number, {**free, "free": True}], "model_config": config or {}}


def fed(made):
    return {int(n) for feed in feeds(made) for n in np.ravel(feed.values[1])}


def test_places_in_a_tensor_are_tried_from_the_first_to_the_last():
    assert fed(with_ranges(job(), [Judge(lambda n: 0 <= n < 7)])) == set(range(7))


def test_what_begins_at_one_is_tried_from_one():
    """`gather_nd(x, i - 1)`: 0 lies outside, and the proof broke off on it."""
    assert fed(with_ranges(job(), [Judge(lambda n: 1 <= n <= 6)])) == set(range(1, 7))


def test_a_batch_of_single_numbers_meets_every_edge():
    config = {"layers": [{"vocabulary": [10, 42, 7]}, ["_CONSTANT_VALUE", -1, 20]]}
    found = fed(with_ranges(job((None,), "int64", config), [Judge(lambda n: n >= 0)]))
    assert {6, 7, 8, 9, 10, 11, 19, 20, 21, 41, 42, 43, 0} <= found


def test_without_an_end_numbers_are_small_and_of_both_signs():
    found = fed(with_ranges(job(), [Judge(lambda n: True)]))
    assert min(found) == -1 and max(found) <= 8 and {0, 1, 2, 3, 4} <= found


def test_tokens_that_lie_apart_are_met():
    """An IntegerLookup without an index for others fails on 0 and 1."""
    config = {"layers": [{"vocabulary": [10, 42, 7]}]}
    assert fed(with_ranges(job(config=config), [Judge(lambda n: n in (7, 10, 42))])) == {7, 10, 42}


def test_every_judge_must_compute_it():
    judges = [Judge(lambda n: n >= 0), Judge(lambda n: n < 4)]
    assert fed(with_ranges(job(), judges)) == {0, 1, 2, 3}


def test_outputs_of_another_length_are_an_end():
    judge = Judge(lambda n: n >= 0, lambda values: [np.zeros(2 if np.max(values[-1]) < 5 else 1)])
    assert max(fed(with_ranges(job(), [judge]))) == 4


@pytest.mark.parametrize("valid", [lambda n: False, lambda n: n == 77])
def test_where_nothing_is_computed_it_is_as_it_was(valid):
    before = job()
    assert with_ranges(before, [Judge(valid)]) is before
    assert fed(before) == {0, 1}


def test_what_only_fits_alone_is_not_tried_together():
    """Numbers of one sample that must be the same: the range is of each, and what is fed is asked once more."""

    class Same(Judge):
        def tried(self, values):
            if len(set(np.ravel(values[-1]).tolist())) > 1 and np.max(values[-1]) > 1:
                raise ValueError("rows of different length")
            return [values[-1]]

    before = job()
    assert with_ranges(before, [Same(lambda n: True)]) is before


def test_small_kinds_have_an_end_of_their_own():
    assert whole_range(lambda n: True, 1, "uint8", [])["high"] == 255
    assert whole_range(lambda n: True, 1, "int64", [300, 5000])["edges"][:5] == [0, -1, 300, 299, 301]


def test_the_furthest_is_found_by_doubling_and_halving():
    asked = []

    def runs(n):
        asked.append(n)
        return n <= 700

    assert furthest(runs, 1, FURTHEST) == 700 and len(asked) <= 22
    assert furthest(lambda n: n >= -3, 0, -FURTHEST) == -3


def test_a_window_the_other_way_round_is_found(tmp_path, monkeypatch):
    """By 1 alone a difference and its opposite are the same place."""
    from k2to3.functions import arithmetic

    right = arithmetic.elementwise

    def turned(emitter, op, x, y, *more):
        return right(emitter, op, y, x, *more) if op == "numpy.Subtract" else right(emitter, op, x, y, *more)

    monkeypatch.setattr(arithmetic, "elementwise", turned)
    with pytest.raises(k2to3.NotEqual):
        k2to3.convert(FIXTURES / "ops" / "tf215-get_window.h5", tmp_path / "new.keras")
