"""Files by path of real Keras 2.12, 2.13, 2.15 and tf-keras 2.21: what they computed is kept.

`fixtures/authoring/formats.py` made them and recorded their outputs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import h5py
import k2to3
import pytest
from conftest import FIXTURES, ROOT
from k2to3.archive.reading import open_weights
from k2to3.engine.plan import make_plan
from k2to3.options.records import Options
from k2to3.proof.handover import handed_over
from k2to3.proof.outputs import make_job
from k2to3.sources.read import read_checkpoint

FOLDER = FIXTURES / "formats"
GENERATIONS = ("k212", "k213", "k215", "tfk221")
MODELS = ("text", "graph", "cells", "ops")
FILES = [f"{g}_{m}{suffix}" for g in GENERATIONS for m in MODELS for suffix in (".keras", ".weights.h5")]
# Only an archive has room for vocabularies.
FILES += [f"{g}_{kind}.keras" for g in GENERATIONS for kind in ("vocabulary", "nested_vocabulary")]


def stem(name: str) -> Path:
    return FOLDER / name.removesuffix(".keras").removesuffix(".weights.h5")


def architecture(name: str) -> Path | None:
    return stem(name).with_suffix(".arch.json") if name.endswith(".h5") else None


@pytest.mark.parametrize("name", FILES)
def test_every_variable(tmp_path, name):
    report = k2to3.convert(FOLDER / name, tmp_path / "new.keras", architecture=architecture(name), verify="weights")
    assert report.status == "proved" and report.kind == ("variables" if name.endswith(".h5") else "archive")


@pytest.mark.parametrize("model", MODELS)
def test_archive_and_weights_file_give_the_same_bytes(tmp_path, model):
    made = []
    for name in (f"k215_{model}.keras", f"k215_{model}.weights.h5"):
        made.append(tmp_path / f"{len(made)}.keras")
        k2to3.convert(FOLDER / name, made[-1], architecture=architecture(name), verify="none")
    with open_weights(made[0]) as first, open_weights(made[1]) as second:
        assert digest(first) == digest(second)


def digest(root: h5py.File) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    root.visititems(lambda n, d: found.update({n: d[()].tobytes()}) if isinstance(d, h5py.Dataset) else None)
    return {name: value for name, value in found.items() if not name.startswith("optimizer/")}


def describe(name: str, folder: Path, stack: ExitStack) -> dict:
    archive = folder / f"{name}.keras"
    k2to3.convert(FOLDER / name, archive, architecture=architecture(name), verify="none")
    checkpoint = stack.enter_context(read_checkpoint(FOLDER / name, architecture(name)))
    arrays = stack.enter_context(handed_over(checkpoint, optimizer=False))
    job = make_job(checkpoint, make_plan(checkpoint), archive, Options(), arrays)
    return {"archive": str(archive), "npz": str(stem(name).with_suffix(".npz")), "job": job}


@pytest.mark.keras
def test_every_output_in_keras3_and_in_the_oracle(tmp_path):
    """Both sides of the proof against what the writer itself computed."""
    with ExitStack() as stack:
        items = [describe(name, tmp_path, stack) for name in FILES]
        done = subprocess.run(
            [sys.executable, str(Path(__file__).parent / "worker.py")],
            input=json.dumps(items),
            env={**os.environ, "PYTHONPATH": str(ROOT / "converter")},
            capture_output=True,
            text=True,
            check=False,
            pass_fds=sorted({file for item in items for file in item["job"]["files"]}),
        )
    assert done.returncode == 0, done.stderr[-2000:]
    found = dict(zip(FILES, json.loads(done.stdout), strict=True))
    assert {name: problem for name, problem in found.items() if problem} == {}
