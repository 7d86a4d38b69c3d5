"""Every genuine fixture: Keras 3 computes what the Keras that wrote the file computed.

`fixtures/provenance.json` says who wrote what; `fixtures/authoring/make.py` adds to it.
"""

from __future__ import annotations

import hashlib
import json

import k2to3
import pytest
from conftest import FIXTURES, architecture_of, genuine
from k2to3.cli.main import main
from workers import TESTS, worker

LEDGER = json.loads((FIXTURES / "provenance.json").read_text())
TOLERANCE = 1e-5
# What cannot be exact, mostly because the file does not say it, and the message that says so.
REFUSED = {
    "keras-1.2.2__channels_first": "ZeroPadding2D of Keras 1 did not write its dim_ordering",
    "keras-2.0.9__stacked_cells": "its config is empty",
    "keras-2.2.4-theano__conv_lstm": "Theano's margins",
    "tf-1.13__separable": "never wrote whether it is nearest or bilinear",
}
# One per thing that only the outputs can show.
PROVED = ("keras-2.2.4__text_lstm", "keras-2.3.1__hard_sigmoid", "tf-2.4__merged_masks")


def test_every_file_has_its_provenance():
    kept = {p.name for p in FIXTURES.iterdir() if p.suffix in (".h5", ".npz") or p.name.endswith(".arch.json")}
    assert kept == set(LEDGER["files"])
    for name, entry in LEDGER["files"].items():
        assert hashlib.sha256((FIXTURES / name).read_bytes()).hexdigest() == entry["sha256"], name
        assert entry["generation"] in LEDGER["generations"]


def test_the_generations_reach_from_keras_1_to_the_last_keras_2():
    written = {entry["generation"] for entry in LEDGER["files"].values()}
    assert {
        "keras-1.2.2",
        "keras-2.0.2",
        "keras-2.2.4",
        "keras-2.2.4-theano",
        "keras-2.3.1",
        "tf-1.13",
        "tf-2.4",
        "tf-2.12",
    } <= written


@pytest.fixture(scope="module")
def converted(tmp_path_factory) -> dict[str, str]:
    """File → "" or what is wrong, for all files through one worker."""
    folder = tmp_path_factory.mktemp("converted")
    found = {}
    with worker(TESTS / "conformance" / "keras_worker.py") as keras:
        for path in genuine():
            target = folder / f"{path.stem}.keras"
            try:
                k2to3.convert(path, target, architecture=architecture_of(path), verify="weights")
            except k2to3.K2to3Error as error:
                found[path.stem] = str(error)
                continue
            job = {"archive": str(target), "reference": str(path.with_suffix(".npz")), "tolerance": TOLERANCE}
            answer = keras.ask(job)
            found[path.stem] = "" if answer["status"] == "ok" else f"{answer['status']}: {answer['detail']}"
    return found


@pytest.mark.keras
@pytest.mark.parametrize("generation", sorted(LEDGER["generations"]))
def test_outputs_of_the_authoring_keras(converted, generation):
    mine = {name: text for name, text in converted.items() if name.split("__")[0] == generation}
    wrong = {name: text for name, text in mine.items() if text and REFUSED.get(name, "equal") not in text}
    assert mine and wrong == {}


@pytest.mark.keras
@pytest.mark.parametrize("name", PROVED)
def test_default_proof(capsys, tmp_path, name):
    assert main(["convert", str(FIXTURES / f"{name}.h5"), str(tmp_path / "new.keras")]) == 0
    text = capsys.readouterr().out
    assert ": proved" in text and "NOT PROVED" not in text and "largest relative error" in text
