"""Every genuine fixture: the specification computes what the Keras that wrote it recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import FIXTURES, architecture_of, genuine
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.keras2.specification import Specification
from k2to3.sources.read import read_checkpoint

# What a file does not say, so that nobody can compute it.
NOT_SPECIFIED = {
    "keras-1.2.2__channels_first": "Keras 1 did not write its dim_ordering",
    "keras-2.0.9__stacked_cells": "the config has no 'units'",
    "tf-1.13__separable": "never wrote whether it is nearest or bilinear",
}
HALF = 4e-3


def recorded(path: Path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    with np.load(path, allow_pickle=False) as arrays:
        inputs = [arrays[f"in{n}"] for n in range(sum(name.startswith("in") for name in arrays.files))]
        return inputs, [arrays[f"out{n}"] for n in range(sum(name.startswith("out") for name in arrays.files))]


def specification(path: Path, architecture: Path | None) -> Specification:
    with read_checkpoint(path, architecture) as checkpoint:
        model = read_model(checkpoint.model_config, checkpoint.writer)
        return Specification(model, checkpoint.writer, checkpoint.weights, by_path=checkpoint.by_path)


@pytest.mark.parametrize("path", genuine(), ids=lambda path: path.stem)
def test_it_computes_what_was_recorded(path):
    inputs, wanted = recorded(path.with_suffix(".npz"))
    if path.stem in NOT_SPECIFIED:
        with pytest.raises(NotSpecified, match=NOT_SPECIFIED[path.stem]):
            specification(path, architecture_of(path)).predict(inputs)
        return
    check(specification(path, architecture_of(path)).predict(inputs), wanted, HALF if "half" in path.stem else 1e-5)


def check(found: list[np.ndarray], wanted: list[np.ndarray], tolerance: float) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(wanted, found, strict=True):
        if a.dtype.kind in "US":
            assert a.astype(str).tolist() == b.astype(str).tolist()
            continue
        assert a.shape == b.shape
        tolerance = HALF if a.dtype == np.float16 else tolerance
        assert np.abs(a.astype(float) - b).max() <= tolerance * max(np.abs(a.astype(float)).max(), 1e-30)


BY_PATH = [p for p in sorted((FIXTURES / "formats").glob("*")) if p.name.endswith((".keras", ".weights.h5"))]


@pytest.mark.parametrize("path", BY_PATH, ids=lambda path: path.name)
def test_files_by_path(path):
    """The same models, whose weights go by the path of their owner."""
    base = path.name.split(".")[0]
    reference = path.parent / f"{base}.npz"
    if not reference.exists():
        assert "_opt_" in base and specification(path, None).inputs
        return
    inputs, wanted = recorded(reference)
    architecture = path.parent / f"{base}.arch.json" if path.name.endswith(".h5") else None
    check(specification(path, architecture).predict(inputs), wanted, 1e-5)


OPS_NOT_SPECIFIED = {
    "tf23-noise_dropout",
    "tf28-einsum_lost",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted((FIXTURES / "ops").glob("*.h5")), ids=lambda path: path.stem)
def test_ops_for_several_batch_sizes(path):
    if path.stem in OPS_NOT_SPECIFIED:
        with pytest.raises(NotSpecified):
            specification(path, None).predict([np.zeros((1, 4, 4, 1))])
        return
    found = specification(path, None)
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        batches = {name.split("_")[0] for name in arrays.files}
        for batch in batches:
            given = [arrays[f"{batch}_in{n}"] for n in range(len(found.inputs))]
            outputs = found.predict(given)
            check(outputs, [arrays[f"{batch}_out{n}"] for n in range(len(outputs))], 1e-5)
    assert batches


def test_what_is_not_specified_is_among_them():
    assert set(NOT_SPECIFIED) <= {path.stem for path in genuine()}


def test_float32_is_computed_in_float32():
    path = FIXTURES / "keras-2.2.4__text_lstm.h5"
    inputs, wanted = recorded(path.with_suffix(".npz"))
    found = specification(path, None).predict(inputs, "float32")
    assert found[0].dtype == np.float32
    assert np.abs(found[0] - wanted[0]).max() < 1e-5
