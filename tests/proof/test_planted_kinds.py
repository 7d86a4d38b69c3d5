"""The matrices of planted faults (`python -m tests.conformance.teeth`): what they plant is there, and goes again."""

from __future__ import annotations

import json
import sys
from typing import Any

from conftest import FIXTURES, ROOT
from k2to3.engine.plan import make_plan
from k2to3.sources.read import read_checkpoint

sys.path.append(str(ROOT))
from tests.conformance.teeth.archive_faults import KINDS
from tests.conformance.teeth.rule_faults import faults, planted, used

SOURCE = FIXTURES / "tf-2.4__conv1d_causal.h5"


def config() -> dict[str, Any]:
    with read_checkpoint(SOURCE, None) as checkpoint:
        return make_plan(checkpoint).config


def test_there_are_enough_kinds() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 60 and {kind.where for kind in KINDS} == {"config", "weights"}


def test_a_misconception_changes_plans_and_goes_again() -> None:
    honest = config()
    found = []
    users = {line: [SOURCE] for line in used(config) if line[0].endswith("rules/conv/conv.py")}
    run = [fault for fault in faults(users.keys(), seed=0) if fault.users(users)]
    for fault in run[:3]:
        with planted(fault) as taken:
            assert taken, fault.name
            try:
                found.append(json.dumps(config()) != json.dumps(honest))
            except Exception:
                found.append(True)
        assert config() == honest
    assert len(found) == 3 and any(found)
