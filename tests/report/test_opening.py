"""What opens the file that was written."""

from __future__ import annotations

import pytest
from k2to3.report.opening import opening


@pytest.mark.parametrize(
    ("target", "call"),
    [
        ("new.keras", 'keras.saving.load_model("new.keras")'),
        ("my new.keras", 'keras.saving.load_model("my new.keras")'),
        ('a"\\b.keras', 'keras.saving.load_model("a\\"\\\\b.keras")'),
        ("new.weights.h5", 'model.load_weights("new.weights.h5"), into a Keras 3 model of the same layers'),
        ("new.safetensors", 'safetensors.numpy.load_file("new.safetensors")'),
    ],
)
def test_by_its_form(target, call):
    assert opening(target, "proved", custom=False) == call


def test_shards_and_classes_of_ones_own(tmp_path):
    (tmp_path / "new.safetensors.index.json").write_text("{}")
    assert "each file that" in (opening(str(tmp_path / "new.safetensors"), "converted", custom=False) or "")
    assert "custom_objects={…}" in (opening("new.keras", "converted", custom=True) or "")


@pytest.mark.parametrize(("target", "status"), [(None, "proved"), ("new.keras", "refused"), ("new.keras", "planned")])
def test_nothing_was_written(target, status):
    assert opening(target, status, custom=False) is None
