"""Outputs that are layers of a nested model: the nested model is cut, and what is left of it is the output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, Protocol

from k2to3.dataclass import dataclass
from k2to3.errors import UsageError
from k2to3.keras2.model import Call
from k2to3.keras2.parse import FUNCTIONAL, SEQUENTIAL, class_of
from k2to3.sources.json_text import Json


class Part(Protocol):
    """What is left of a model."""

    @property
    def config(self) -> Json: ...
    @property
    def gone(self) -> tuple[str, ...]: ...


@dataclass
class Entered:
    """`outputs` in words of the outer model, whose nested models `config` has cut already."""

    config: Json
    outputs: list[str]
    gone: list[str] = field(default_factory=list)
    models: dict[str, list[str]] = field(default_factory=dict)
    """Nested model → the layers that were asked for."""


def enter(config: Json, outputs: Sequence[str], cut: Callable[[Json, Sequence[str]], Part]) -> Entered:
    """
    Raises:
        UsageError: a nested model without such a layer, or one that is called several times.
    """
    inner = config["config"]
    layers: list[Any] = inner if isinstance(inner, list) else inner.get("layers", [])
    found = Entered(config, [])
    chain = class_of(config) in SEQUENTIAL
    names = {_name(item) for item in layers}
    for text in outputs:
        owner = None if text in names else next((name for name in _models(layers) if text.startswith(f"{name}/")), None)
        if owner is None:
            found.outputs.append(text)
            continue
        asked = found.models.setdefault(owner, [])
        asked.append(text.removeprefix(f"{owner}/"))
        found.outputs.append(owner if chain else f"{owner}:0:{len(asked) - 1}")
    if not found.models:
        return found
    changed = [_cut_inside(item, found, cut) for item in layers]
    found.config = {**config, "config": changed if isinstance(inner, list) else {**inner, "layers": changed}}
    return found


def check_whole(entered: Entered, calls: Sequence[Call]) -> None:
    """Nothing else may need what a nested model gave before it was cut.

    Raises:
        UsageError: something does.
    """
    used = {ref.layer for call in calls for ref in call.refs()} & set(entered.models)
    if used:
        raise UsageError(f"--outputs names layers of {sorted(used)[0]!r}, and what follows from its own output")


def _cut_inside(item: Json, found: Entered, cut: Callable[[Json, Sequence[str]], Part]) -> Json:
    name = _name(item)
    if name not in found.models:
        return item
    if len(item.get("inbound_nodes") or []) > 1:
        raise UsageError(f"--outputs {name}/…: the model is called several times")
    part = cut(item, found.models[name])
    before, after = (_inputs(config) for config in (item, part.config))
    if before != after:
        raise UsageError(f"--outputs {name}/…: not all inputs of the model are needed")
    found.gone += [f"{name}/{gone}" for gone in part.gone]
    return part.config


def _inputs(config: Json) -> Any:
    inner = config["config"]
    return inner.get("input_layers") if isinstance(inner, dict) else None


def _models(layers: Sequence[Any]) -> list[str]:
    return [_name(item) for item in layers if class_of(item) in SEQUENTIAL | FUNCTIONAL]


def _name(item: Any) -> str:
    inner = item.get("config") if isinstance(item, dict) else None
    own = item.get("name") if isinstance(item, dict) else None
    return str(own or (inner.get("name") if isinstance(inner, dict) else "") or "")
