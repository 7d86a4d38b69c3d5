"""What an archive needs: the oldest Keras 3 that opens it, and the backends it runs on.

A pure function of the `config.json` that will be written, and of what is known beside it
(`integers.py`). Measured by `tests/conformance/compat.py`, which fails where this says more, or
less, than is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption, UsageError
from k2to3.keras3.layers.facts import OLDEST_MINOR
from k2to3.keras3.layers.table import facts_of
from k2to3.keras3.ops.facts import oldest_minor, op_facts, symbol_of
from k2to3.sources.json_text import Json, dicts

BACKENDS = ("tensorflow", "jax", "torch")


@dataclass(frozen=True)
class Need:
    """One thing in an archive that not every declared Keras 3, or not every backend, can do."""

    layer: str
    what: str
    minor: int = OLDEST_MINOR
    unable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Requirements:
    """`keras` is the oldest release (`3.4`) that opens the archive and computes the same."""

    keras: str
    because: tuple[str, ...]
    backends: tuple[str, ...]
    limits: tuple[str, ...]


def requirements(config: Json, inputs_first: bool = True, others: Iterable[Need] = ()) -> Requirements:
    """What the archive with this `config.json` needs.

    Args:
        inputs_first: no layer call comes before its inputs (see `loading`).
        others: needs that the config does not tell.
    """
    found = [*needs(config, inputs_first), *others]
    minor = max((need.minor for need in found), default=OLDEST_MINOR)
    unable = {backend for need in found for backend in need.unable}
    return Requirements(
        f"3.{minor}",
        tuple(sorted({_text(need) for need in found if need.minor == minor})) if minor > OLDEST_MINOR else (),
        tuple(backend for backend in BACKENDS if backend not in unable),
        tuple(sorted({f"{', '.join(need.unable)}: {_text(need)}" for need in found if need.unable})),
    )


def refuse_newer(config: Json, inputs_first: bool, keras: str) -> None:
    """Make sure that Keras `keras` (`3.x`) opens the archive.

    Raises:
        UnsupportedOption: naming everything that stands in the way.
    """
    wanted = minor_of(keras)
    late = [need for need in needs(config, inputs_first) if need.minor > wanted]
    if late:
        first = max(late, key=lambda need: need.minor)
        texts = sorted({f"{_text(need)} needs 3.{need.minor}" for need in late})
        raise UnsupportedOption(
            f"cannot be written for Keras {keras}: {'; '.join(texts)}",
            layer=first.layer or None,
            hint=f"--min-keras 3.{first.minor}",
        )


def minor_of(keras: str) -> int:
    """`3.4` or `3.4.1` → 4.

    Raises:
        UsageError: not a Keras 3 release that k2to3 writes for.
    """
    parts = keras.split(".")
    if len(parts) < 2 or parts[0] != "3" or not parts[1].isdecimal():
        raise UsageError(f"--min-keras {keras!r} is not a Keras 3 release like 3.4")
    minor = int(parts[1])
    if minor < OLDEST_MINOR:
        raise UsageError(f"no archive is written for Keras before 3.{OLDEST_MINOR}")
    return minor


def _text(need: Need) -> str:
    return f"{need.what} ({need.layer})" if need.layer else need.what


def needs(config: Json, inputs_first: bool = True) -> Iterator[Need]:
    """Everything in an archive that is not for all."""
    if not inputs_first:
        yield Need("", "a layer that is called on what comes of its own output", 7)
    for entry in objects(config):
        if str(entry["module"]).startswith("keras.src.ops."):
            yield from _op(entry)
        elif entry["class_name"] == "Functional":
            yield from _functional(entry["config"])
        elif entry["module"] == "keras.layers":
            yield from _layer(entry)


def objects(node: Any) -> Iterator[Json]:
    """All serialised objects of an archive, outer ones first."""
    for item in dicts(node):
        if isinstance(item.get("module"), str) and isinstance(item.get("config"), dict):
            yield item


def _has_query_mask(node: Any) -> bool:
    masks = node.get("kwargs", {}).get("mask") if isinstance(node, dict) else None
    return isinstance(masks, list) and masks[0] is not None


def _masked(node: Any) -> bool:
    return isinstance(node, dict) and bool((node.get("kwargs") or {}).get("mask"))


def _masked_state(node: Any) -> bool:
    if not _masked(node):
        return False
    args = node.get("args") or [None]
    several = len(args) > 1 or (isinstance(args[0], list) and len(args[0]) > 1)
    return several or bool(node["kwargs"].get("initial_state"))


def _unrolled(config: Json) -> bool:
    inner = config.get("layer")
    return bool(config.get("unroll") or (isinstance(inner, dict) and inner["config"].get("unroll")))


def _op(entry: Json) -> Iterator[Need]:
    minor, unable = max(OLDEST_MINOR, oldest_minor(entry)), op_facts(symbol_of(entry)).unable
    if minor > OLDEST_MINOR or unable:
        yield Need(str(entry.get("name", "")), f"op {entry['class_name']}", minor, unable)


def _functional(config: Json) -> Iterator[Need]:
    ends = (config["input_layers"], config["output_layers"])
    if any(_is_triple(end) for end in ends):
        yield Need("", "a Functional model with a single input or output, as Keras 3.4 and later write it", 4)
    if any(_is_nested(end) for end in ends):
        yield Need(str(config.get("name", "")), "nested inputs or outputs", 4)


def _is_triple(end: Any) -> bool:
    return isinstance(end, list) and len(end) == 3 and isinstance(end[0], str)


def _is_nested(end: Any) -> bool:
    values = list(end.values()) if isinstance(end, dict) else end
    return not _is_triple(end) and not all(_is_triple(value) for value in values)


def _layer(entry: Json) -> Iterator[Need]:
    name, config = entry["class_name"], entry["config"]
    layer, row = str(config.get("name", "")), facts_of(entry["class_name"])
    calls = entry.get("inbound_nodes", ())
    if row.since > OLDEST_MINOR:
        yield Need(layer, name, row.since)
    for key, minor in row.keys_since.items():
        if key in config:
            yield Need(layer, f"{name} with {key}", minor)
    if row.asks_for_shapes and config["layer"]["class_name"] in ("Sequential", "Functional"):
        yield Need(layer, f"{name} around a model", 4)
    if row.masked_since > OLDEST_MINOR and any(map(_has_query_mask, calls)):
        yield Need(layer, f"{name} with a query mask", row.masked_since)
    if row.recurrent and _unrolled(config) and any(map(_masked, calls)):
        yield Need(layer, f"{name} with a mask, unrolled", unable=("jax", "torch"))
    if row.recurrent and any(map(_masked_state, calls)):
        # `output_tm1 = states[0]` in keras/src/backend/jax/rnn.py; zeros elsewhere.
        yield Need(layer, f"{name} with a mask and initial states", unable=("jax",))
    if name == "InputLayer":
        yield from _input(config, layer)
    if row.tensorflow_only:
        yield Need(layer, f"{name} computes with TensorFlow", unable=("jax", "torch"))


def _input(config: Json, layer: str) -> Iterator[Need]:
    if config.get("dtype") == "string":
        yield Need(layer, "strings as input", unable=("jax", "torch"))
    if config.get("sparse"):
        yield Need(layer, "a sparse input", unable=("torch",))
    if config.get("ragged"):
        yield Need(layer, "a ragged input", unable=("jax", "torch"))
