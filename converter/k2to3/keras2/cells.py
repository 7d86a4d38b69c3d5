"""Cells of `RNN` layers, as a config holds them."""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer


def parse_cell(value: Any, layer: str) -> LayerRecord:
    """A cell, or a list of cells as StackedRNNCells."""
    if isinstance(value, list):
        return LayerRecord("StackedRNNCells", "stacked_rnn_cells", {"cells": value})
    if not isinstance(value, dict):
        raise BadConfig("has no cell", layer=layer, key="cell")
    return parse_layer(value)
