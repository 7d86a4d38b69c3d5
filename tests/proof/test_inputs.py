"""What the proof feeds: inputs that reach thresholds, masks and small variances; and outputs that prove nothing."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.keras2.parse import parse_model
from k2to3.proof.feeds import feeds, sample
from k2to3.proof.inputs import input_samples
from k2to3.proof.sharp import constants, kinds_for, sharp_rows
from k2to3.proof.texts import texts
from k2to3.proof.variety import Variety

MASKING = {"class_name": "Masking", "config": {"mask_value": -1.0}}
BOUNDS = {"class_name": "Discretization", "config": {"bin_boundaries": [0.25, 4.0], "units": 77}}


def job(*inputs, config=None, seed=0):
    return {"seed": seed, "inputs": list(inputs), "model_config": config or {}}


def spec(shape, dtype="float32", vocabulary=None, padded=False):
    return {"shape": shape, "dtype": dtype, "vocabulary": vocabulary, "padded": padded, "ragged": False, "name": "x"}


def test_constants_come_from_the_stored_config():
    assert constants({"layers": [MASKING, BOUNDS]}) == ([0.25, 4.0], [-1.0])
    assert constants({"max_value": float("inf"), "threshold": True, "theta": "x", "mask_value": float("nan")}) == (
        [],
        [],
    )


def test_a_row_of_edges_meets_the_constants_and_whole_masked_steps():
    (row,) = sharp_rows(("edges",), (40, 3), {"layers": [MASKING, BOUNDS]}, np.random.default_rng(0))
    assert {0.25, 4.0, 6.0, -2.5} <= set(row.ravel().tolist())
    masked = (row == -1.0).all(axis=1)
    assert masked[-1] and masked[1:-5].any() and not masked[0]


@pytest.mark.parametrize("shape", [(1,), (2,), (7, 3)])
def test_every_constant_is_met_at_and_on_both_sides(shape):
    """Also where a sample has fewer numbers than the model has constants: then there are more samples."""
    config = {"bin_boundaries": [-0.5, 0.125, 8.0, 64.0]}
    found = list(feeds(job(spec((None, *shape)), spec((None, 50)), config=config)))
    met = {float(x) for feed in found if feed.rows for x in feed.values[0].ravel()}
    for bound in config["bin_boundaries"]:
        step = max(1.0, abs(bound)) * 1e-3
        assert {bound, float(np.float32(bound - step)), float(np.float32(bound + step))} <= met
    assert all(len(feed.values[1]) == len(feed.rows) == 3 for feed in found if feed.rows)


def test_what_lies_between_a_boundary_and_a_moved_one_is_met():
    """The archive alone says a boundary that `adapt` found: moved by 1e-3, nothing between the two was tried."""
    found = np.concatenate(
        [f.values[0].ravel() for f in feeds(job(spec((None, 2)), config={"bin_boundaries": [2.002]}))]
    )
    assert ((found >= 2.0) & (found < 2.002)).any()


def test_every_mask_value_ends_a_sequence():
    config = [MASKING, {"mask_value": 0.0}]
    rows = np.concatenate([f.values[0] for f in feeds(job(spec((None, 5, 3)), config=config)) if f.rows])
    assert {-1.0, 0.0} <= {float(row[-1, 0]) for row in rows if (row[-1] == row[-1, 0]).all()}


def test_rows_of_edges_have_an_end():
    assert len(kinds_for({"bin_boundaries": [float(n) for n in range(500)]}, [1])) == 26
    assert kinds_for({}, []) == ("edges", "wide", "small")


def test_magnitudes():
    generator = np.random.default_rng(0)
    wide, small = sharp_rows(("wide", "small"), (1000,), {}, generator)
    assert 20 < wide.std() < 40 and 5e-4 < small.std() < 2e-3


def test_each_input_is_padded_otherwise_and_in_the_middle_too():
    ids = spec((None, 12), "int32", vocabulary=50, padded=True)
    found = list(feeds(job(ids, ids)))
    first, second = found[0].values
    assert not np.array_equal(first == 0, second == 0)
    gaps = found[-1].values[0] == 0
    assert (
        found[-1].rows == ("edges", "wide", "small")
        and (gaps[:, 1:-1] & ~gaps[:, 2:]).any()
        and not gaps.all(axis=1).any()
    )


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


def test_without_an_index_for_unknown_tokens_texts_are_of_the_vocabulary():
    """Of the very lookup that an input reaches: another feature has another vocabulary."""

    def lookup(name, source, vocabulary, unknown):
        config = {"name": name, "vocabulary": vocabulary, "num_oov_indices": unknown}
        return {"class_name": "StringLookup", "name": name, "config": config, "inbound_nodes": [[[source, 0, 0, {}]]]}

    def entry(name):
        config = {"name": name, "batch_input_shape": [None, 1], "dtype": "string"}
        return {"class_name": "InputLayer", "name": name, "config": config, "inbound_nodes": []}

    layers = [entry("a"), entry("b"), lookup("c", "a", ["cat", "dog"], 0), lookup("d", "b", ["one"], 1)]
    ends = {"input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["c", 0, 0], ["d", 0, 0]]}
    model = parse_model({"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}})
    closed, open_ = input_samples(model, [(None, 1), (None, 1)])
    assert closed.tokens == ("cat", "dog") and open_.tokens == ()
    values = sample({"dtype": "string", "tokens": ("cat", "dog")}, (50,), np.random.default_rng(0))
    assert set(values.tolist()) == {"cat", "dog"}


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


@pytest.mark.parametrize("seed", range(20))
def test_each_mask_ends_a_sequence_begins_one_and_stands_between_steps_that_count(seed):
    config = {"layers": [{"mask_value": 0.0}, {"mask_value": -5.0}]}
    kinds = kinds_for(config, [24])
    assert kinds.count("edges") == 4
    rows = sharp_rows(kinds, (6, 4), config, np.random.default_rng(seed))[:4]
    masked = np.stack([np.all(rows == value, axis=-1) for value in (-5.0, 0.0)])
    assert masked[0, 0, -1] and masked[1, 1, -1] and masked[0, 2, 0] and masked[1, 3, 0]
    for row in masked.any(0):
        assert np.any(~row[:-2] & row[1:-1] & ~row[2:])
