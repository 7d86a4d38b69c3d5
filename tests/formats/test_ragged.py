"""Ragged inputs of genuine TensorFlow 2.2 to 2.15, against what these recorded (`fixtures/authoring/ragged.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from conftest import FIXTURES
from k2to3.errors import UnsupportedOption
from k2to3.proof.rows import as_ragged, cut
from k2to3.rules.core import ragged

FOLDER = FIXTURES / "ragged"
ALL = sorted(path.stem for path in FOLDER.glob("*.h5"))
RECURRENT = ("lstm", "vectors", "bidirectional", "gru_float_tokens")


def changed(name, tmp_path, change):
    """The file with another architecture; what is refused is refused before its weights are looked at."""
    source = tmp_path / "old.h5"
    source.write_bytes((FOLDER / f"{name}.h5").read_bytes())
    with h5py.File(source, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change({layer["class_name"]: layer["config"] for layer in config["config"]["layers"]})
        file.attrs["model_config"] = json.dumps(config)
    return source


@pytest.mark.parametrize("name", ALL)
def test_it_says_what_it_needs(name):
    found = k2to3.plan(FOLDER / f"{name}.h5").requires
    assert found.backends == ("tensorflow",)
    assert found.keras == ("3.11" if name.split("__")[1] in RECURRENT else "3.9")


@pytest.mark.keras
@pytest.mark.parametrize("name", ALL)
def test_the_author_and_tf_keras_compute_the_same(name, tmp_path):
    source, target = FOLDER / f"{name}.h5", tmp_path / "new.keras"
    for options in ({"reference": FOLDER / f"{name}.npz"}, {}):
        report = k2to3.convert(source, target, overwrite=True, **options)
        assert report.status == "proved" and all(output["equal"] for output in report.evidence.outputs)


@pytest.mark.keras
def test_a_row_without_a_step_is_the_same_in_both(tmp_path):
    """No proof feeds one: a mean over nothing is no number, which proves nothing."""
    script = Path(__file__).with_name("empty_rows_worker.py")
    command = [sys.executable, str(script), str(tmp_path), *(str(FOLDER / f"{name}.h5") for name in ALL)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    assert sorted(found) == ALL
    for name, (old, new) in found.items():
        assert len(old) == len(new) == 3, name
        for before, after in zip(old, new, strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-7, err_msg=name)


@pytest.mark.keras
@pytest.mark.parametrize("reference", [True, False])
def test_a_forgotten_mask_is_seen(reference, tmp_path, monkeypatch):
    """Proofs feed rows of different lengths."""
    whole = ragged.padded

    def forgetful(graph, record, args):
        found = whole(graph, record, args)
        found.mask = None
        return found

    monkeypatch.setattr("k2to3.engine.calls.padded", forgetful)
    options = {"reference": FOLDER / "tf-2.2__lstm.npz"} if reference else {}
    with pytest.raises(k2to3.errors.NotEqual):
        k2to3.convert(FOLDER / "tf-2.2__lstm.h5", tmp_path / "new.keras", **options)


REFUSED = {
    "a sequence": ("LSTM", {"return_sequences": True}),
    "its states": ("LSTM", {"return_state": True}),
    "kept states": ("LSTM", {"stateful": True}),
    "a mask": ("Embedding", {"mask_zero": True}),
    "more than rows": ("InputLayer", {"batch_input_shape": [None, None, None]}),
    "rows of one length": ("InputLayer", {"batch_input_shape": [None, 4]}),
    "texts": ("InputLayer", {"dtype": "string"}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_keras_3_cannot_is_refused_with_the_way_out(kind, tmp_path):
    class_name, values = REFUSED[kind]
    source = changed("tf-2.2__lstm", tmp_path, lambda layers: layers[class_name].update(values))
    with pytest.raises(UnsupportedOption, match="ragged") as caught:
        k2to3.plan(source)
    assert caught.value.key == "ragged" and "padded rows" in caught.value.hint


def test_other_layers_take_none(tmp_path):
    source = tmp_path / "old.h5"
    source.write_bytes((FOLDER / "tf-2.15__pooled.h5").read_bytes())
    with h5py.File(source, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = {layer["class_name"]: layer for layer in config["config"]["layers"]}
        layers["GlobalAveragePooling1D"].update(class_name="Flatten")
        file.attrs["model_config"] = json.dumps(config)
    with pytest.raises(UnsupportedOption, match="into Flatten, which Keras 3 takes none into"):
        k2to3.plan(source)


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_rows_in_an_array(dtype):
    values = np.arange(24).reshape(3, 4, 2).astype(dtype)
    found = as_ragged(cut(values))
    assert found.row_lengths().numpy().tolist() == [4, 3, 2]
    assert found[1].numpy().tolist() == values[1, :3].tolist()
