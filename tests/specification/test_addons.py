"""TensorFlow Addons: its files and what it computed for them (tests/custom/packages)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import ROOT
from k2to3.errors import NotSpecified
from test_specified_fixtures import check, recorded, specification

FILES = ROOT / "tests" / "custom" / "packages" / "addons.zip"
NAMES = ("groups", "masked", "spectral", "spectral_tokens", "weights")


def kept(name: str, folder: Path) -> Path:
    with zipfile.ZipFile(FILES) as archive:
        archive.extractall(folder)
        assert {Path(member).stem for member in archive.namelist()} == set(NAMES)
    return folder / f"{name}.h5"


@pytest.mark.parametrize("name", NAMES)
def test_it_computes_what_was_recorded(name: str, tmp_path: Path):
    path = kept(name, tmp_path)
    inputs, wanted = recorded(path.with_suffix(".npz"))
    check(specification(path, None).predict(inputs), wanted, 1e-6)


def test_a_gain_before_the_first_call_means_nothing(tmp_path: Path):
    path = kept("weights", tmp_path)
    with h5py.File(path, "r+") as file:
        file["model_weights/wn_c/wn_c/initialized:0"][...] = False
    inputs, _ = recorded(path.with_suffix(".npz"))
    with pytest.raises(NotSpecified, match="before the first call"):
        specification(path, None).predict(inputs)


def test_a_vector_is_no_part_of_what_is_computed(tmp_path: Path):
    path = kept("spectral", tmp_path)
    inputs, wanted = recorded(path.with_suffix(".npz"))
    with h5py.File(path, "r+") as file:
        vector = file["model_weights/sn_dense/sn_dense/sn_u:0"]
        vector[...] = np.ones(vector.shape)
    check(specification(path, None).predict(inputs), wanted, 1e-6)
