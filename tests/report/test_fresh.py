"""A freshly initialised model is named as such; a trained one is not."""

from __future__ import annotations

from pathlib import Path

import k2to3
from conftest import small_model, write_checkpoint


def warnings(path: Path) -> list[str]:
    return [finding.text for finding in k2to3.plan(path).findings if finding.kind == "warning"]


def test_untouched_biases_are_named(tmp_path: Path) -> None:
    config, weights = small_model()
    weights["dense"]["dense/bias:0"][:] = 0
    found = warnings(write_checkpoint(tmp_path / "old.h5", config, weights))
    assert found == ["all 1 biases and statistics have their initial values: a freshly initialised model"]


def test_trained_biases_are_not(checkpoint: Path) -> None:
    assert warnings(checkpoint) == []


def test_without_telling_weights_nothing_is_said(tmp_path: Path) -> None:
    config, weights = small_model()
    config["config"]["layers"][0]["config"]["use_bias"] = False
    del weights["dense"]["dense/bias:0"]
    assert warnings(write_checkpoint(tmp_path / "old.h5", config, weights)) == []
