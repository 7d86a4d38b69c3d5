"""Plant a fault in a written archive: its configuration and its variables can be changed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from k2to3.report.record import Report

Json = dict[str, Any]
Change = Callable[[Json, h5py.File, Report], None]


def plant(archive: Path, target: Path, report: Report, change: Change) -> None:
    """A copy of `archive` at `target` with `change` applied."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    config = json.loads(members["config.json"])
    buffer = io.BytesIO(members["model.weights.h5"])
    with h5py.File(buffer, "r+") as weights:
        change(config, weights, report)
    members |= {"config.json": json.dumps(config).encode(), "model.weights.h5": buffer.getvalue()}
    with zipfile.ZipFile(target, "w") as written:
        for name, data in members.items():
            written.writestr(name, data)
    assert members["config.json"] != zipfile.ZipFile(archive).read(
        "config.json"
    ) or buffer.getvalue() != zipfile.ZipFile(archive).read("model.weights.h5")


def dataset(weights: h5py.File, report: Report, layer: str, index: int) -> h5py.Dataset:
    """A variable of a layer, by the layer's name, or by its place in the archive (an LSTM's are its cell's)."""
    named = [variable["path"] for variable in report.variables if variable["layer"] == layer]
    return weights[(named or [v["path"] for v in report.variables if f"/{layer}/" in v["path"]])[index]]


def value(layer: str, index: int, function: Callable[[Any], Any]) -> Change:
    """Replace one variable by a function of it."""

    def change(config: Json, weights: h5py.File, report: Report) -> None:
        found = dataset(weights, report, layer, index)
        found[...] = function(found[()])

    return change


def swap(first: str, second: str, index: int = 0) -> Change:
    """Exchange the variables of two layers."""

    def change(config: Json, weights: h5py.File, report: Report) -> None:
        a, b = dataset(weights, report, first, index), dataset(weights, report, second, index)
        assert a.shape == b.shape
        a[...], b[...] = b[()], a[()]

    return change


def setting(layer: str, key: str, new: Any) -> Change:
    """Set one key in the configuration of a layer; `class_name` is the layer's class."""

    def change(config: Json, weights: h5py.File, report: Report) -> None:
        found = next(item for item in layers(config) if item["config"].get("name") == layer)
        if key == "class_name":
            found["class_name"] = new
        else:
            assert found["config"][key] != new
            found["config"][key] = new

    return change


def layers(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if "class_name" in node and isinstance(node.get("config"), dict):
            yield node
        for inner in node.values():
            yield from layers(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from layers(inner)


def next_float(table: Any) -> Any:
    """The smallest change there is, in one value."""
    changed = table.copy()
    changed.flat[-1] = np.nextafter(changed.flat[-1], np.float32(np.inf))
    return changed


def gates(units: int) -> Callable[[Any], Any]:
    """The first and second gate of an LSTM kernel exchanged."""
    return lambda k: np.concatenate([k[:, units : 2 * units], k[:, :units], k[:, 2 * units :]], axis=1)
