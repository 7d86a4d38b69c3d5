"""A model cut to what some of its layers compute: training graphs, heads that nobody needs, feature extractors.

The architecture stays in the author's words, so that whoever reads it, rules and judges alike, reads the same cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UsageError
from k2to3.keras2.enter import check_whole, enter
from k2to3.keras2.inbound import Bases, Numbers, renumbered, renumbered_endpoints
from k2to3.keras2.model import Call, LayerRecord, Ref, leaves
from k2to3.keras2.parse import SEQUENTIAL, calls_of, class_of, parse_model
from k2to3.sources.json_text import Json


@dataclass(frozen=True)
class Cut:
    """`config` is what is left, `gone` the names of the layers that are not, `model/layer` of those inside a model."""

    config: Json
    gone: tuple[str, ...]


def cut(config: Json, outputs: Sequence[str]) -> Cut:
    """The architecture whose outputs are those of the named layers.

    An output is `LAYER`, or `LAYER:CALL:TENSOR` where the layer is called more than once or gives several tensors;
    `MODEL/LAYER` is a layer of a model inside.

    Raises:
        UsageError: no such layer, or more than one tensor that could be meant.
    """
    entered = enter(config, outputs, cut)
    config, outputs = entered.config, entered.outputs
    if class_of(config) in SEQUENTIAL:
        found = _shortened(config, outputs)
        return Cut(found.config, (*found.gone, *entered.gone))
    parse_model(config)
    inner = config["config"]
    records, calls, bases = calls_of(inner)
    wanted = [_named(text, records, calls) for text in outputs]
    if len(set(wanted)) < len(wanted):
        raise UsageError("--outputs names one tensor twice")
    needed = _needed(wanted, calls)
    check_whole(entered, [calls[layer][call] for layer, call in needed if call < len(calls[layer])])
    numbers: Numbers = {
        name: {old: new for new, old in enumerate(sorted(call for layer, call in needed if layer == name))}
        for name in {layer for layer, _ in needed}
    }
    kept = [_kept(item, record.name, numbers, bases) for record, item in zip(records, inner["layers"], strict=True)]
    left = {
        **inner,
        "layers": [item for item in kept if item is not None],
        "input_layers": renumbered_endpoints(inner["input_layers"], numbers),
        "output_layers": [[r.layer, numbers[r.layer][r.call] + bases.get(r.layer, 0), r.tensor] for r in wanted],
    }
    if not left["input_layers"]:
        raise UsageError("--outputs names what depends on no input")
    return Cut({**config, "config": left}, (*(r.name for r in records if r.name not in numbers), *entered.gone))


def _shortened(config: Json, outputs: Sequence[str]) -> Cut:
    """A Sequential, up to the one layer."""
    names = [record.name for record in parse_model(config).layers]
    inner = config["config"]
    listed = inner if isinstance(inner, list) else inner["layers"]
    synthetic = len(names) - len(listed)
    if len(outputs) != 1 or outputs[0] not in names[synthetic:]:
        raise UsageError(f"--outputs of a Sequential is one of {', '.join(names[synthetic:])}")
    place = names.index(outputs[0]) + 1
    left = listed[: place - synthetic]
    return Cut(
        {**config, "config": left if isinstance(inner, list) else {**inner, "layers": left}}, tuple(names[place:])
    )


def _kept(item: Json, name: str, numbers: Numbers, bases: Bases) -> Json | None:
    if name not in numbers:
        return None
    nodes = [node for number, node in enumerate(item.get("inbound_nodes", [])) if number in numbers[name]]
    return {**item, "inbound_nodes": [renumbered(node, numbers, bases) for node in nodes]}


def _needed(wanted: Sequence[Ref], calls: Mapping[str, Sequence[Call]]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    waiting = list(wanted)
    while waiting:
        ref = waiting.pop()
        if (ref.layer, ref.call) in found:
            continue
        found.add((ref.layer, ref.call))
        # An InputLayer has no calls.
        waiting += [other for call in calls[ref.layer][ref.call : ref.call + 1] for other in call.refs()]
    return found


def _named(text: str, records: Sequence[LayerRecord], calls: Mapping[str, Sequence[Call]]) -> Ref:
    known = {record.name: record for record in records}
    if text in known:
        _check_alone(known[text], calls)
        return Ref(text)
    name, call, tensor = _parts(text)
    if name not in known:
        raise UsageError(f"--outputs {text}: the model has no layer of that name", hint=_closest(known))
    if call >= max(1, len(calls[name])):
        raise UsageError(f"--outputs {text}: the layer is called {len(calls[name])} times; calls count from 0")
    return Ref(name, call, tensor)


def _parts(text: str) -> tuple[str, int, int]:
    name, _, rest = text.partition(":")
    call, _, tensor = rest.partition(":")
    if call.isdecimal() and tensor.isdecimal():
        return name, int(call), int(tensor)
    return text, 0, 0


def _closest(known: Mapping[str, Any]) -> str:
    names = list(known)
    shown = ", ".join(names[:30])
    return f"its layers: {shown}{' …' if len(names) > 30 else ''}"


def _check_alone(record: LayerRecord, calls: Mapping[str, Sequence[Call]]) -> None:
    """That a layer by itself can mean only one tensor."""
    name, uses = record.name, len(calls[record.name])
    if uses > 1:
        hint = f"name one of its calls: --outputs {name}:0:0 … {name}:{uses - 1}:0"
        raise UsageError(f"--outputs {name}: the layer is called {uses} times", hint=hint)
    used = max((r.tensor for c in calls.values() for call in c for r in call.refs() if r.layer == name), default=0)
    ends = 0 if record.model is None else len(list(leaves(record.model.outputs))) - 1
    if max(used, ends) > 0 or _returns_state(record.config):
        raise UsageError(
            f"--outputs {name}: the layer gives several tensors",
            hint=f"name those you need: --outputs {name}:0:0,{name}:0:1",
        )


def _returns_state(config: Json) -> bool:
    inner = config.get("layer")
    held = inner.get("config", {}) if isinstance(inner, dict) else {}
    return bool(config.get("return_state") or held.get("return_state") or config.get("return_attention_scores"))
