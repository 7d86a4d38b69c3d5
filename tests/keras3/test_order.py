"""Every variable ends up in the layer it belongs to, in real Keras.

Archives name weights by class and order of `model.layers`, so two layers of one shape can
swap without an error. Loads each archive and compares layer name → value with the plan.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, architecture_of
from k2to3.archive.keras_archive import Archive, write_archive
from k2to3.archive.requirements import minor_of
from k2to3.engine.plan import make_plan
from k2to3.sources.read import read_checkpoint
from workers import TESTS, Target, worker

OWNER = re.compile(r"(.*/)?layers/[^/]+")
CHECKPOINTS = sorted((ROOT / "fixtures" / "random").glob("*.h5"))
# `K2TO3_KERAS=DIR:DIR` tests other releases too (`pip install --no-deps --target DIR keras==3.x`).
OTHERS = [Path(part) for part in os.environ.get("K2TO3_KERAS", "").split(os.pathsep) if part]


@pytest.fixture(scope="module", params=[None, *OTHERS], ids=lambda path: path.name if path else "installed")
def keras(request):
    with worker(TESTS / "archive" / "variables_worker.py", Target("tensorflow", request.param)) as process:
        yield process


@pytest.mark.keras
@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_variables_are_where_the_plan_says(path, tmp_path, keras):
    with read_checkpoint(path, architecture_of(path)) as checkpoint:
        plan = make_plan(checkpoint, compile=False)
        write_archive(Archive(plan.config, plan.groups, "3.0.0"), tmp_path / "new.keras")
        planned = by_layer(plan.groups)
    found = keras.ask({"archive": str(tmp_path / "new.keras")})
    if minor_of(keras.hello["keras"]) < minor_of(plan.requires.keras):
        pytest.skip(f"needs Keras {plan.requires.keras}")
    assert found.get("variables", found) == planned
    assert planned


def by_layer(groups):
    """Layer name and digests, for the layers of every model; cells belong to their layer."""
    names = {group.path: group.layer.name for group in groups}
    found = defaultdict(list)
    for group in groups:
        owner = OWNER.match(group.path)
        found[owner[0] if owner else ""] += [digest(expression) for expression in group.variables]
    return sorted([names[path], sorted(values)] for path, values in found.items() if values)


def digest(expression):
    pieces = [np.ascontiguousarray(piece) for piece in expression.rows()]
    return hashlib.sha256(b"".join(piece.tobytes() for piece in pieces)).hexdigest()
