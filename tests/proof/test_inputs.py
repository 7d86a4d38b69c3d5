"""What the proof feeds: inputs that reach thresholds, masks and small variances; and outputs that prove nothing."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.proof.feeds import feeds
from k2to3.proof.sharp import KINDS, constants, sharp_row
from k2to3.proof.texts import texts
from k2to3.proof.variety import Variety

MASKING = {"class_name": "Masking", "config": {"mask_value": -1.0}}
BOUNDS = {"class_name": "Discretization", "config": {"bin_boundaries": [0.25, 4.0], "units": 77}}


def job(*inputs, config=None, seed=0):
    return {"seed": seed, "inputs": list(inputs), "model_config": config or {}}


def spec(shape, dtype="float32", vocabulary=None, padded=False):
    return {"shape": shape, "dtype": dtype, "vocabulary": vocabulary, "padded": padded, "name": "x"}


def test_constants_come_from_the_stored_config():
    assert constants({"layers": [MASKING, BOUNDS]}) == ([0.25, 4.0], [-1.0])
    assert constants({"max_value": float("inf"), "threshold": True, "theta": "x", "mask_value": float("nan")}) == (
        [],
        [],
    )


def test_a_row_of_edges_meets_the_constants_and_whole_masked_steps():
    row = sharp_row("edges", (40, 3), {"layers": [MASKING, BOUNDS]}, np.random.default_rng(0))
    assert {0.25, 4.0, 6.0, -2.5} <= set(row.ravel().tolist())
    masked = (row == -1.0).all(axis=1)
    assert masked[-1] and masked[1:-5].any() and not masked[0]


def test_magnitudes():
    generator = np.random.default_rng(0)
    wide, small = (sharp_row(kind, (1000,), {}, generator) for kind in ("wide", "small"))
    assert 20 < wide.std() < 40 and 5e-4 < small.std() < 2e-3


def test_each_input_is_padded_otherwise_and_in_the_middle_too():
    ids = spec((None, 12), "int32", vocabulary=50, padded=True)
    found = list(feeds(job(ids, ids)))
    first, second = found[0].values
    assert not np.array_equal(first == 0, second == 0)
    gaps = found[-1].values[0] == 0
    assert found[-1].rows == KINDS and (gaps[:, 1:-1] & ~gaps[:, 2:]).any() and not gaps.all(axis=1).any()


def test_a_fixed_batch_gets_two_batches_in_a_row_and_all_kinds():
    assert [feed.values[0].shape for feed in feeds(job(spec((2, 5))))] == [(2, 5)] * 3
    assert [feed.rows for feed in feeds(job(spec((1, 5))))] == [(), ("edges",), ("wide",), ("small",)]


def test_the_same_seed_gives_the_same_inputs():
    def one(seed):
        return [feed.values[0].tolist() for feed in feeds(job(spec((None, 4)), seed=seed))]

    assert one(3) == one(3) != one(4)


def test_texts_are_of_the_vocabulary_and_of_none():
    config = {"layers": [{"config": {"vocabulary": ["cat", "dog"]}}, {"config": {"vocabulary": [1, 2]}}]}
    found = texts(config, (200, 1), np.random.default_rng(0)).ravel().tolist()
    assert {"cat", "dog"} <= set(found) and "" in found
    assert any(text.endswith("!") for text in found) and any("DOG" in text for text in found)
    assert set(texts({}, (5, 2), np.random.default_rng(0)).ravel().tolist()) - {"cat"}


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        ([[[1.0, 2.0], [1.0, 2.0]], [[1.0, 2.0 + 1e-9]]], "the same for every input"),
        ([[[np.nan, np.nan]]], "no value is a finite number"),
        ([[[1.0, 2.0], [1.0, 2.1]]], ""),
        ([[["a"], ["a"]]], "the same for every input"),
        ([[["a"], ["b"]]], ""),
        ([[[1.0, 2.0]], [[1.0, 2.0, 3.0]], [[1.5, 2.0, 3.0]]], ""),
    ],
)
def test_outputs_that_prove_nothing(batches, said):
    variety = Variety()
    for batch in batches:
        variety.add([np.array(batch)])
    found = " ".join(variety.problems())
    assert (said in found) if said else not found
