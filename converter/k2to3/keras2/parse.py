"""From `model_config` to the normal form, for every dialect of Keras 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from k2to3.errors import BadConfig, UnsafeFile
from k2to3.keras2.inbound import functional_calls, read_endpoints
from k2to3.keras2.model import Call, LayerRecord, Model, Ref, Structure, leaves
from k2to3.sources.json_text import Json

SEQUENTIAL = frozenset({"Sequential", "PreprocessingStage"})
FUNCTIONAL = frozenset({"Functional", "Model", "Network", "Container", "FunctionalPreprocessingStage"})
INPUTS = frozenset({"InputLayer", "Input"})
MAX_NESTING = 40
MAX_LAYERS = 50_000
# Objects of tf-keras 2.13 and later say where they come from; anything else is custom.
BUILTIN_MODULES = ("keras", "tf_keras", "tensorflow", "builtins")


def parse_model(config: Json, depth: int = 0) -> Model:
    """Normalise `{"class_name": ..., "config": ...}` of a model.

    Raises:
        BadConfig: something is missing, dangling or of the wrong type.
        UnsafeFile: absurd nesting or size.
    """
    if depth > MAX_NESTING:
        raise UnsafeFile(f"models nested deeper than {MAX_NESTING}")
    class_name = class_of(config)
    if class_name in SEQUENTIAL:
        return _sequential(config, depth)
    if class_name in FUNCTIONAL:
        return _functional(config, depth)
    raise BadConfig(
        f"the model is of class {class_name!r}, not Sequential or Functional",
        hint="a subclassed model keeps its architecture in code; rebuild it as a Functional model",
    )


def parse_layer(config: Json, depth: int = 0) -> LayerRecord:
    """Normalise one layer object, as it stands in `layers` or inside a wrapper."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise BadConfig("a layer is not an object with class_name and config")
    class_name = class_of(config)
    inner = config.get("config")
    if class_name in SEQUENTIAL | FUNCTIONAL:
        model = parse_model(config, depth + 1)
        settings = inner if isinstance(inner, dict) else {}
        name = str(config.get("name") or model.name)
        return LayerRecord(class_name, name, settings, model=model)
    if not isinstance(inner, dict):
        raise BadConfig(f"layer of class {class_name!r} has no config")
    label = config.get("name") or inner.get("name")
    return LayerRecord(class_name, _default_name(class_name, label), inner)


HOLDS = ("layer", "backward_layer", "cell", "cells")


def parts(record: LayerRecord) -> Iterator[tuple[str, Json]]:
    """Class and config of a layer and of all that it wraps or holds; of a nested model those of its layers."""
    for inner in layers_in(record):
        yield inner.class_name, inner.config


def layers_in(record: LayerRecord) -> Iterator[LayerRecord]:
    """A layer and all that it wraps or holds; of a nested model its layers."""
    if record.model is not None:
        yield from layers_of(record.model)
        return
    yield record
    for key in HOLDS:
        held = record.config.get(key)
        for value in held if isinstance(held, list) else [held]:
            if isinstance(value, dict):
                yield from layers_in(parse_layer(value))


def layers_of(model: Model) -> Iterator[LayerRecord]:
    """Every layer of a model, those of nested models and inside of wrappers too."""
    for record in model.layers:
        yield from layers_in(record)


def class_of(config: Json) -> str:
    """The class name, or the registered name where the file says it is a custom class."""
    class_name = config.get("class_name")
    if not isinstance(class_name, str):
        raise BadConfig("an object has no class_name")
    registered = config.get("registered_name")
    if isinstance(registered, str) and ">" in registered:
        return registered
    module = config.get("module")
    if isinstance(module, str) and module.split(".")[0] not in BUILTIN_MODULES:
        return f"{module}>{class_name}"
    return class_name


def _default_name(class_name: str, name: Any) -> str:
    return str(name) if name else class_name.lower()


def _sequential(config: Json, depth: int) -> Model:
    inner = config.get("config")
    settings: Json = inner if isinstance(inner, dict) else {}
    listed = settings.get("layers", []) if isinstance(inner, dict) else inner
    if not isinstance(listed, list):
        raise BadConfig("the config of a Sequential model has no list of layers")
    records = [parse_layer(item, depth) for item in listed]
    name = str(settings.get("name") or config.get("name") or "sequential")
    records = _unique(records)
    if not records or records[0].class_name != "InputLayer":
        records = [_synthetic_input(records, settings), *records]
    chained = [records[0]]
    for record in records[1:]:
        call = Call(Ref(chained[-1].name))
        chained.append(LayerRecord(record.class_name, record.name, record.config, (call,), record.model))
    return Model(
        name=name,
        layers=tuple(chained),
        inputs=[Ref(chained[0].name)],
        outputs=[Ref(chained[-1].name)],
        sequential=True,
        trainable=bool(settings.get("trainable", True)),
    )


def _unique(records: list[LayerRecord]) -> list[LayerRecord]:
    seen: set[str] = set()
    for record in records:
        if record.name in seen:
            raise BadConfig(f"two layers are named {record.name!r}")
        seen.add(record.name)
    return records


def _synthetic_input(records: list[LayerRecord], settings: Json) -> LayerRecord:
    first = records[0] if records else None
    shape = first_input_shape(first) if first else None
    shape = shape or settings.get("build_input_shape")
    dtype = _first_input_dtype(first) if first else None
    name = f"{first.name}_input" if first else "input"
    return LayerRecord("InputLayer", name, {"batch_input_shape": shape, "dtype": dtype, "name": name})


def first_input_shape(record: LayerRecord) -> list[int | None] | None:
    """The input shape that a first layer carries itself (Keras <= 2.2, TF < 2.2)."""
    config = record.config
    if record.model is not None:
        first = record.model.layers[0]
        shape = first.config.get("batch_input_shape") or first.config.get("batch_shape")
        return shape if isinstance(shape, list) else None
    for key in ("batch_input_shape", "batch_shape"):
        if isinstance(config.get(key), list):
            return list(config[key])
    inner = config.get("layer")
    if isinstance(inner, dict) and record.class_name == "Bidirectional":
        return first_input_shape(parse_layer(inner))
    return None


def _first_input_dtype(record: LayerRecord) -> str | None:
    if record.model is not None:
        dtype = record.model.layers[0].config.get("dtype")
    else:
        dtype = record.config.get("input_dtype") or record.config.get("dtype")
    return dtype if isinstance(dtype, str) else None


def _functional(config: Json, depth: int) -> Model:
    inner = config.get("config")
    if not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
        raise BadConfig("a Functional model has no layers")
    records, calls, bases = calls_of(inner, depth)
    layers = tuple(replace(r, calls=tuple(calls[r.name]), calls_from=bases.get(r.name, 0)) for r in records)
    return Model(
        name=str(inner.get("name") or config.get("name") or "model"),
        layers=layers,
        inputs=_inputs(inner, records, bases),
        outputs=_outputs(inner, bases),
        sequential=False,
        trainable=bool(inner.get("trainable", True)),
    )


def calls_of(inner: Json, depth: int = 0) -> tuple[list[LayerRecord], dict[str, list[Call]], dict[str, int]]:
    """The layers of a Functional model, the calls of each, and where the file begins to count them."""
    if len(inner["layers"]) > MAX_LAYERS:
        raise UnsafeFile(f"more than {MAX_LAYERS} layers")
    records = _unique([parse_layer(item, depth) for item in inner["layers"]])
    nodes = [item.get("inbound_nodes", []) for item in inner["layers"]]
    models = frozenset(r.name for r in records if r.model)
    chains = frozenset(r.name for r, item in zip(records, inner["layers"], strict=True) if r.model and _is_chain(item))
    calls, bases = functional_calls([r.name for r in records], nodes, inner, models, chains)
    return records, calls, bases


def _is_chain(item: Json) -> bool:
    """Whether a nested model is a Sequential that the file does not give an InputLayer of its own."""
    inner = item.get("config")
    listed = inner.get("layers") if isinstance(inner, dict) else inner
    first = listed[0] if isinstance(listed, list) and listed else None
    return class_of(item) in SEQUENTIAL and not (isinstance(first, dict) and first.get("class_name") in tuple(INPUTS))


def _outputs(config: Json, bases: dict[str, int]) -> Structure:
    found = read_endpoints(config.get("output_layers"), "output_layers", bases)
    if next(leaves(found), None) is None:
        raise BadConfig("a model without outputs", key="output_layers")
    return found


def _inputs(config: Json, records: list[LayerRecord], bases: dict[str, int]) -> Structure:
    """`input_layers`: InputLayers, each once, by their only output."""
    found = read_endpoints(config.get("input_layers"), "input_layers", bases)
    known, seen = {record.name: record for record in records}, set()
    for ref in leaves(found):
        if known[ref.layer].class_name not in INPUTS or ref.layer in seen:
            raise BadConfig("is listed twice, or is no InputLayer", layer=ref.layer, key="input_layers")
        if (ref.call, ref.tensor) != (0, 0):
            raise BadConfig("an InputLayer has one output, of index 0", layer=ref.layer, key="input_layers")
        seen.add(ref.layer)
    return found
