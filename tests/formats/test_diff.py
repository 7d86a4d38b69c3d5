"""`k2to3 diff`: what is equal, what differs, what is on one side only."""

from __future__ import annotations

import json

import h5py
import jsonschema
import k2to3
import numpy as np
import pytest
from conftest import FIXTURES, ROOT, small_model, write_checkpoint
from k2to3.cli.main import main

FOLDER = FIXTURES / "formats"
SCHEMA = json.loads((ROOT / "schemas" / "diff.schema.json").read_text())


def changed(tmp_path, name, **values):
    config, weights = small_model()
    weights["dense"].update({f"dense/{key}:0": value for key, value in values.items()})
    return write_checkpoint(tmp_path / name, config, weights)


def test_two_keras2_files_by_name(tmp_path):
    a = changed(tmp_path, "a.h5")
    bias = small_model()[1]["dense"]["dense/bias:0"]
    b = changed(tmp_path, "b.h5", bias=bias + np.float32(0.5))
    found = k2to3.diff(a, b)
    assert found.by == "names" and not found.equal
    assert [(t.name, t.bit_equal, t.max_abs) for t in found.tensors] == [
        ("dense/dense/kernel:0", True, 0.0),
        ("dense/dense/bias:0", False, 0.5),
    ]
    assert k2to3.diff(a, b, tolerance=0.5).equal and not k2to3.diff(a, b, tolerance=0.4).equal


@pytest.mark.parametrize(
    ("value", "max_abs", "equal"),
    [
        (np.array([np.nan, 1, 2], "float32"), None, False),
        (np.zeros(4, "float32"), None, False),
        (small_model()[1]["dense"]["dense/bias:0"].astype("float64"), 0.0, False),
    ],
)
def test_ways_to_differ(tmp_path, value, max_abs, equal):
    found = k2to3.diff(changed(tmp_path, "a.h5"), changed(tmp_path, "b.h5", bias=value))
    (item,) = [t for t in found.tensors if "bias" in t.name]
    assert (item.max_abs, item.equal) == (max_abs, equal)


def test_nan_in_the_same_place_is_equal(tmp_path):
    value = np.array([np.nan, 1, -0.0], "float32")
    files = [changed(tmp_path, name, bias=value) for name in ("a.h5", "b.h5")]
    assert k2to3.diff(*files).equal


def test_unmatched_both_ways(tmp_path):
    a = changed(tmp_path, "a.h5", extra=np.zeros(2, "float32"))
    with h5py.File(changed(tmp_path, "b.h5"), "r+") as file:
        file.copy("model_weights/dense", file["model_weights"], "other")
        file["model_weights"].attrs["layer_names"] = [b"dense", b"other"]
    found = k2to3.diff(a, tmp_path / "b.h5")
    assert found.only_in_a == ["dense/dense/extra:0"]
    assert found.only_in_b == ["other/dense/kernel:0", "other/dense/bias:0"] and not found.equal


def test_one_model_in_every_generation_and_form(tmp_path):
    """2.12 and 2.15 name their paths otherwise; under Keras 3's they meet."""
    a, b = FOLDER / "k212_graph.keras", FOLDER / "k215_graph.weights.h5"
    found = k2to3.diff(a, b, architecture=FOLDER / "k215_graph.arch.json")
    assert found.by == "paths" and len(found.tensors) == 44 and not found.only_in_a and not found.only_in_b
    found = k2to3.diff(a, FOLDER / "k215_graph.keras")
    assert found.by == "paths" and len(found.tensors) == 44 and not found.only_in_a and not found.only_in_b


def test_cli(tmp_path, capsys):
    a = changed(tmp_path, "a.h5")
    b = changed(tmp_path, "b.h5", bias=np.ones(3, "float32"))
    assert main(["diff", str(a), str(a)]) == 0
    assert capsys.readouterr().out.endswith("equal\n")
    assert main(["diff", str(a), str(b), "--all"]) == 5
    text = capsys.readouterr().out
    assert "differs by at most" in text and "equal bit for bit" in text and text.endswith("not equal\n")
    assert main(["diff", str(a), str(b), "--json"]) == 5
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(capsys.readouterr().out))
    assert main(["diff", str(a), str(tmp_path / "none.h5")]) == 6
    assert main(["diff", str(a), str(ROOT / "README.md")]) == 9


def test_memory_stays_bounded(tmp_path):
    """Two 64 MB tables are compared without ever holding one."""
    import tracemalloc

    table = np.arange(4_000_000 * 4, dtype="float32").reshape(-1, 4)
    files = [changed(tmp_path, name, kernel=table) for name in ("a.h5", "b.h5")]
    del table
    tracemalloc.start()
    assert k2to3.diff(*files).equal
    assert tracemalloc.get_traced_memory()[1] < 48 << 20


@pytest.mark.parametrize("generation", ["k212", "k215"])
def test_weights_by_path_against_what_they_became(tmp_path, generation):
    """Keras 2.12 has another container; all have other numbers where a layer is rebuilt."""
    source, architecture = FOLDER / f"{generation}_cells.weights.h5", FOLDER / f"{generation}_cells.arch.json"
    for name in ("new.keras", "new.weights.h5", "new.safetensors"):
        k2to3.convert(source, tmp_path / name, architecture=architecture, verify="none", compile=False)
        found = k2to3.diff(tmp_path / name, source, architecture=architecture)
        assert found.equal and found.tensors, name
    found = k2to3.diff(source, FOLDER / f"{generation}_cells.keras", architecture=architecture)
    assert found.equal and found.tensors
