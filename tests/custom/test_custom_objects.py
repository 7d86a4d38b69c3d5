"""Classes of the user's own: laid out by real Keras 3, proved against their Keras 2 twins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import k2to3
import pytest

HERE = Path(__file__).parent
BOTH = HERE / "both.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("custom")
    subprocess.run([sys.executable, HERE / "author.py", found], check=True, capture_output=True)
    return found


@pytest.mark.keras
def test_nested_sublayers_call_arguments_and_an_activation(folder):
    report = k2to3.convert(folder / "whole.h5", folder / "whole.keras", custom_objects=BOTH)
    assert report.status == "proved" and report.evidence.outputs
    custom = {finding.layer for finding in report.findings if finding.kind == "custom"}
    assert {"one", "two", "dense", "pair", "masked_sum"} <= custom
    paths = {row["path"] for row in report.variables}
    assert {"layers/block/vars/0", "layers/block_1/inner/vars/0", "layers/block/more/dense_1/vars/0"} <= paths


@pytest.mark.keras
def test_masks_reach_the_class_and_one_of_its_own_is_refused(folder):
    report = k2to3.convert(folder / "masked.h5", folder / "masked.keras", custom_objects=BOTH)
    assert report.status == "proved"
    with pytest.raises(k2to3.UnsupportedOption, match="compute_mask of its own"):
        k2to3.plan(folder / "own_mask.h5", custom_objects=BOTH)


@pytest.mark.keras
def test_a_class_that_cannot_be_imported_or_clashes_with_a_built_in_one(folder, tmp_path, checkpoint):
    path = tmp_path / "mine.py"
    path.write_text("raise RuntimeError('broken')")
    with pytest.raises(k2to3.UsageError, match="broken"):
        k2to3.plan(folder / "masked.h5", custom_objects=path)
    path.write_text("import keras\nclass Dense(keras.layers.Layer):\n    pass\n")
    with pytest.raises(k2to3.UnsupportedLayer, match="both Keras and mine"):
        k2to3.plan(checkpoint, custom_objects=path)
    assert k2to3.plan(checkpoint, custom_objects=path, treat_as={"Dense": "Dense"}).status == "planned"


def test_no_such_file(checkpoint):
    with pytest.raises(k2to3.FileError):
        k2to3.plan(checkpoint, custom_objects="nowhere.py")


@pytest.mark.keras
def test_cells_and_wrapped_layers(folder):
    for label in ("wrapped", "cell", "both_ways"):
        report = k2to3.convert(folder / f"{label}.h5", folder / f"{label}.keras", custom_objects=BOTH)
        assert report.status == "proved" and report.evidence.outputs, label
    with pytest.raises(k2to3.UnsupportedLayer, match=r"PlainCell.*--custom-objects"):
        k2to3.plan(folder / "cell.h5")


@pytest.mark.keras
def test_what_a_layer_is_trained_with(folder):
    """A penalty, a constraint and a first value of the author's own: given, dropped by name, or refused."""
    source, target = folder / "trained.h5", folder / "trained.keras"
    report = k2to3.convert(source, target, custom_objects=BOTH)
    assert report.status == "proved" and {f.kind for f in report.findings} == {"custom"}
    with pytest.raises(k2to3.UnsupportedOption, match="--drop Penalty"):
        k2to3.plan(source)
    report = k2to3.convert(source, target, drop=["Penalty", "AtLeast"], overwrite=True)
    assert report.status == "proved" and {f.kind for f in report.findings} == {"dropped"}
    with pytest.raises(k2to3.UsageError, match="--drop Nothing"):
        k2to3.plan(source, drop=["Penalty", "AtLeast", "Nothing"])
