"""A cut is made once, before the conversion and its judges read the model: tf-keras on the whole file is its judge."""

from __future__ import annotations

import json

import h5py
import pytest
from conftest import FIXTURES
from k2to3 import convert
from k2to3.errors import UsageError
from workers import TESTS, worker

FILES = ("random_0", "random_1", "random_3", "random_4", "random_5", "nested", "multiply_masked", "called_twice_inside")


def jobs(folder):
    """Every inner layer of the files that can be named by itself."""
    for name in FILES:
        source = FIXTURES / "random" / f"{name}.h5"
        with h5py.File(source) as file:
            config = json.loads(file.attrs["model_config"])
        for item in config["config"]["layers"]:
            if item["class_name"] == "InputLayer":
                continue
            archive = folder / f"{name}-{len(list(folder.iterdir()))}.keras"
            try:
                convert(source, archive, verify="none", outputs=item["config"]["name"])
            except UsageError:
                continue
            yield {"source": str(source), "archive": str(archive), "layer": item["config"]["name"]}


@pytest.mark.keras
def test_a_cut_computes_what_the_whole_computes_there(tmp_path):
    given = list(jobs(tmp_path))
    with worker(TESTS / "keras2" / "uncut_worker.py") as frameworks:
        found = frameworks.ask({"jobs": given})
    assert isinstance(found, list), found
    wrong = [
        (job, answer)
        for job, answer in zip(given, found, strict=True)
        if not answer["same"] or answer["error"] > 1e-5 * max(1.0, answer["scale"])
    ]
    assert len(given) > 30 and not wrong, wrong[:5]
    assert any(answer["inputs"][1] < answer["inputs"][0] for answer in found)
