"""A freshly initialised model is named as such; a trained one is not."""

from __future__ import annotations

from pathlib import Path

import k2to3
from conftest import small_model, write_checkpoint
from k2to3.findings import Finding
from k2to3.report.inspected import Inspection
from k2to3.report.inspection import lines


def warnings(path: Path) -> list[str]:
    return [finding.text for finding in k2to3.plan(path).findings if finding.kind == "warning"]


def test_untouched_biases_are_named(tmp_path: Path) -> None:
    config, weights = small_model()
    weights["dense"]["dense/bias:0"][:] = 0
    found = warnings(write_checkpoint(tmp_path / "old.h5", config, weights))
    assert found == ["the only bias has its initial value: a freshly initialised model"]


def test_trained_biases_are_not(checkpoint: Path) -> None:
    assert warnings(checkpoint) == []


def test_without_telling_weights_nothing_is_said(tmp_path: Path) -> None:
    config, weights = small_model()
    config["config"]["layers"][0]["config"]["use_bias"] = False
    del weights["dense"]["dense/bias:0"]
    assert warnings(write_checkpoint(tmp_path / "old.h5", config, weights)) == []


def test_what_is_said_of_many_layers_alike_is_said_once():
    same = [Finding("drift", f"lstm_{number}", "LSTM", "hard_sigmoid has another slope") for number in range(9)]
    found = Inspection("old.h5", findings=[*same, Finding("warning", "", "training", "further training differs")])
    assert [line.strip() for line in lines(found) if "will change" in line] == [
        "will change: drift: lstm_0, lstm_1, lstm_2 and 6 more (LSTM): hard_sigmoid has another slope",
        "will change: warning: further training differs",
    ]
