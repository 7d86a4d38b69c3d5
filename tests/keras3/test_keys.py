"""No archive holds a constructor key that a declared Keras 3 lacks, unless that is on record."""

from __future__ import annotations

import pytest
from conftest import ROOT, architecture_of
from k2to3.engine.plan import make_plan
from k2to3.errors import K2to3Error
from k2to3.keras3.layers.table import LAYERS
from k2to3.sources.read import read_checkpoint
from keys import offences, table

CHECKPOINTS = sorted((ROOT / "fixtures").rglob("*.h5"))
ENOUGH = 12


@pytest.mark.slow
def test_every_key_is_known_to_every_release():
    checked = 0
    for path in CHECKPOINTS:
        try:
            with read_checkpoint(path, architecture_of(path)) as checkpoint:
                config = make_plan(checkpoint).config
        except K2to3Error:
            continue
        checked += 1
        assert list(offences(config)) == [], path.name
    assert checked >= ENOUGH


def test_a_new_key_is_an_offence():
    layer = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "quantization_config": None}}
    assert list(offences([layer])) == ["Dense.quantization_config (3.13 to 3.15)"]
    assert list(offences({**layer, "class_name": "Reversible"})) == ["layers.Reversible is in no Keras 3"]


def test_facts_agree_with_the_releases():
    for name, row in LAYERS.items():
        if name in ("Functional", "Sequential", "ConvLSTMCell"):
            continue
        since, keys = table()[f"layers.{name}"]
        assert row.since == since, name
        for key, minor in row.keys_since.items():
            assert keys[key] == (minor, 15), (name, key)
