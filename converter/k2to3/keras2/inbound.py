"""Inbound nodes: the many ways in which Keras 1 and 2 wrote down who calls whom."""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig
from k2to3.keras2.model import Call, Ref, Structure, leaves, map_leaves
from k2to3.keras2.values.kinds import shown
from k2to3.sources.json_text import Json

CONSTANT = "_CONSTANT_VALUE"
Bases = dict[str, int]
Numbers = dict[str, dict[int, int]]
"""Layer → number of a call → its number once other calls are gone."""


def functional_calls(
    names: list[str],
    nodes: list[Any],
    config: Json,
    models: frozenset[str] = frozenset(),
    chains: frozenset[str] = frozenset(),
) -> tuple[dict[str, list[Call]], Bases]:
    """The calls of every layer, with node indices counted from 0.

    A nested model owns node 0 itself, so its uses in the file count from 1, except
    for a Sequential without known input. Every saved node is used by something, so
    the smallest index seen is the base. `models` are the layers that are models, `chains`
    those of them without an InputLayer.
    """
    known = frozenset(names)
    raw = {name: _calls(name, item, known) for name, item in zip(names, nodes, strict=True)}
    ends = [_endpoints(config.get(key), key) for key in ("input_layers", "output_layers")]
    bases = _bases([ref for calls in raw.values() for call in calls for ref in call.refs()], ends)
    _check_bases(bases, models, chains, known)
    calls = {
        name: [
            Call(_shift(call.args, bases), {key: _shift(value, bases) for key, value in call.kwargs.items()})
            for call in listed
        ]
        for name, listed in raw.items()
    }
    _check(calls, known)
    return calls, bases


def read_endpoints(value: Any, key: str, bases: Bases) -> Structure:
    """`input_layers` or `output_layers` as a structure of `Ref`; never a bare `Ref`."""
    found = _shift(_endpoints(value, key), bases)
    return [found] if isinstance(found, Ref) else found


def renumbered(node: Any, numbers: Numbers, bases: Bases) -> Any:
    """A part of an inbound node as the file has it, where calls have other numbers now."""
    known = frozenset(numbers)
    if _is_leaf(node, known) and node[0] == CONSTANT:
        return [*node[:2], *(renumbered(item, numbers, bases) for item in node[2:])]
    base = bases.get(node[0], 0) if _is_leaf(node, known) else 0
    if _is_leaf(node, known) and node[1] - base in numbers[node[0]]:
        call = numbers[node[0]][node[1] - base] + base
        return [node[0], call, node[2], *(renumbered(item, numbers, bases) for item in node[3:])]
    if isinstance(node, list):
        return [renumbered(item, numbers, bases) for item in node]
    if isinstance(node, dict):
        return {key: renumbered(value, numbers, bases) for key, value in node.items()}
    return node


def renumbered_endpoints(value: Any, numbers: Numbers) -> Any:
    """`input_layers` without those that are gone; an InputLayer has one call."""
    if _is_triple(value):
        return value if value[0] in numbers else []
    if isinstance(value, dict):
        kept = {key: renumbered_endpoints(item, numbers) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item}
    return [item for item in (renumbered_endpoints(each, numbers) for each in value) if item]


def _calls(name: str, nodes: Any, known: frozenset[str]) -> list[Call]:
    if not isinstance(nodes, list):
        raise BadConfig(f"{shown(nodes)} is not a list of calls", layer=name, key="inbound_nodes")
    try:
        return [_call(node, known) for node in nodes]
    except BadConfig as error:
        error.key = "inbound_nodes"
        raise error.located(layer=name) from error.__cause__


def _check_bases(bases: Bases, models: frozenset[str], chains: frozenset[str], known: frozenset[str]) -> None:
    for name, base in bases.items():
        if name not in known:
            raise BadConfig(f"names {name!r}, which is not in the model", key="input_layers and output_layers")
        if base == 0 and name in models and name not in chains:
            raise BadConfig("its call 0 is its own, on its own input", layer=name, key="inbound_nodes")
        if base > (name in models):
            raise BadConfig(f"its call {base} is used, but none of the calls before", layer=name, key="inbound_nodes")


def _bases(refs: list[Ref], ends: list[Structure]) -> Bases:
    bases: Bases = {}
    for ref in [*refs, *(leaf for end in ends for leaf in leaves(end))]:
        bases[ref.layer] = min(bases.get(ref.layer, ref.call), ref.call)
    return bases


def _shift(structure: Structure, bases: Bases) -> Structure:
    return map_leaves(lambda r: Ref(r.layer, r.call - bases[r.layer], r.tensor), structure)


def _check(calls: dict[str, list[Call]], known: frozenset[str]) -> None:
    for name, listed in calls.items():
        for ref in (ref for call in listed for ref in call.refs()):
            if ref.layer not in known:
                raise BadConfig(f"is fed by {ref.layer!r}, which is not in the model", layer=name)
            # An InputLayer has no inbound nodes, but one output.
            if ref.call >= max(1, len(calls[ref.layer])):
                raise BadConfig(f"uses call {ref.call} of {ref.layer!r}, which is not there", layer=name)


def _endpoints(value: Any, key: str) -> Structure:
    if _is_triple(value):
        return Ref(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_endpoints(item, key) for item in value]
    if isinstance(value, dict):
        return {name: _endpoints(item, key) for name, item in value.items()}
    raise BadConfig(f"{key} holds {shown(value)}, which is not a [layer, node, tensor] triple")


def _is_triple(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and all(map(is_index, value[1:]))


def _call(node: Any, known: frozenset[str]) -> Call:
    settings: list[Json] = []
    args = _inputs(node, known, settings)
    kwargs = settings[0] if settings else {}
    if any(other != kwargs for other in settings[1:]):
        raise BadConfig("the inputs of one call carry different call arguments; Keras writes the same for each")
    # A list of one entry is how Keras 2 wrote a call on a single tensor.
    # A nested list of constants is the first argument of an op layer.
    if isinstance(args, list) and len(args) == 1 and not _is_leaf(node, known) and any(leaves(args)):
        args = args[0]
    return Call(args, {key: _kwarg(value, known) for key, value in kwargs.items()})


def _is_leaf(node: Any, known: frozenset[str]) -> bool:
    return (
        isinstance(node, list)
        and len(node) in (3, 4)
        and isinstance(node[0], str)
        and (node[0] in known or node[0] == CONSTANT)
        and type(node[1]) is int
    )


def _inputs(node: Any, known: frozenset[str], settings: list[Json]) -> Structure:
    if _is_leaf(node, known):
        return _leaf(node, known, settings)
    if isinstance(node, list):
        return [_inputs(item, known, settings) for item in node]
    if isinstance(node, dict):
        return {key: _inputs(value, known, settings) for key, value in node.items()}
    raise BadConfig(f"an inbound node holds {shown(node)}, which names no layer of the model")


def _leaf(node: list[Any], known: frozenset[str], settings: list[Json]) -> Structure:
    given = node[3] if len(node) == 4 else {}
    if not isinstance(given, dict):
        raise BadConfig(f"call arguments are {shown(given)}, not an object")
    settings.append(given)
    if node[0] == CONSTANT:
        return _kwarg(node[2], known)
    if not is_index(node[1]) or not is_index(node[2]):
        raise BadConfig(f"{shown(node[:3])} has no valid indices")
    return Ref(node[0], node[1], node[2])


def is_index(value: Any) -> bool:
    return type(value) is int and value >= 0


def _kwarg(value: Any, known: frozenset[str]) -> Structure:
    if _is_triple(value) and value[0] in known:
        return Ref(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_kwarg(item, known) for item in value]
    if isinstance(value, dict):
        return {key: _kwarg(item, known) for key, item in value.items()}
    if value is None or isinstance(value, (int, float, str)):
        return value
    raise BadConfig(f"a call argument is {shown(value)}, which is no value of JSON")
