"""Keras before 2.0.6 kept the arrays of its optimizer in the order of the names of weights.

The files are of genuine Keras 2.0.5 and 2.0.6 on TensorFlow 1.4: layers z, b, a, m, of which b and a have one shape.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from k2to3 import convert
from k2to3.sources.author import parse_writer
from k2to3.training.compiled_order import as_compiled
from k2to3.training.schedules import Unsupported

HERE = Path(__file__).parent
LAYERS = [f"{layer}/{weight}" for layer in "zbam" for weight in ("kernel", "bias")]


@pytest.mark.parametrize(("version", "order"), [("2.0.5", sorted(LAYERS)), ("2.0.6", LAYERS)])
def test_each_momentum_belongs_to_its_weight(version, order, tmp_path):
    source = HERE / f"momentum-{version}.h5"
    report = convert(source, tmp_path / "new.keras", verify="weights")
    assert not any("afresh" in finding.text for finding in report.findings)
    with h5py.File(source) as file:
        group = file["optimizer_weights"]
        arrays = [group[name][()] for name in group.attrs["weight_names"]]
    arrays = dict(zip(order, [a for a in arrays if a.shape], strict=True))
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        weights = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    found = [value[()] for _, value in sorted(weights["optimizer/vars"].items(), key=lambda item: int(item[0]))]
    slots = [value for value in found if value.shape]
    assert len(slots) == 8
    assert all(np.array_equal(arrays[name], slot) for name, slot in zip(LAYERS, slots, strict=True))


def test_an_order_that_no_file_tells():
    assert as_compiled([], parse_writer("1.1.1", "tensorflow")) == []
    with pytest.raises(Unsupported, match="does not hold"):
        as_compiled([], parse_writer("1.1.1", "theano"))
