"""Keras 1 architectures in Keras 2's words.

Source of the names: the `legacy_*_support` interfaces of Keras 2.2.4
(keras/legacy/interfaces.py) and the layers of Keras 1.2.2.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig
from k2to3.sources.json_text import Json

CLASSES = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D", "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D", "TimeDistributedDense": "Dense",
}  # fmt: skip
COMMON = {
    "border_mode": "padding", "dim_ordering": "data_format", "bias": "use_bias", "nb_filter": "filters",
    "filter_length": "kernel_size", "subsample": "strides", "subsample_length": "strides",
    "atrous_rate": "dilation_rate", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "init": "kernel_initializer",
    "pool_length": "pool_size", "stride": "strides", "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation", "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
}  # fmt: skip
BY_CLASS: dict[str, dict[str, str]] = {
    "Embedding": {
        "init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "PReLU": {"init": "alpha_initializer"},
    "Dropout": {"p": "rate"}, "SpatialDropout1D": {"p": "rate"}, "SpatialDropout2D": {"p": "rate"},
    "SpatialDropout3D": {"p": "rate"}, "GaussianDropout": {"p": "rate"}, "GaussianNoise": {"sigma": "stddev"},
    "UpSampling1D": {"length": "size"},
}  # fmt: skip
WITH_UNITS = ("Dense", "LSTM", "GRU", "SimpleRNN", "MaxoutDense")
FORMATS = {"th": "channels_first", "tf": "channels_last", "default": "channels_last"}
SIDES = {"ZeroPadding1D": (("left", "right"),), "ZeroPadding2D": (("top", "bottom"), ("left", "right"))}
# Keys that only steered training or the choice of an implementation.
DROPPED = ("weights", "input_dim", "activity_regularizer_")
REGULARIZERS = ("WeightRegularizer", "L1L2Regularizer", "ActivityRegularizer")


def upgrade(config: Json) -> Json:
    """A model object of Keras 1 as Keras 2 would have written it."""
    class_name, inner = config.get("class_name"), config.get("config")
    if class_name == "Sequential" and isinstance(inner, list):
        return _sequential(inner, config)
    if class_name in ("Model", "Graph", "Container") and isinstance(inner, dict):
        layers = [_entry(item) for item in inner.get("layers", [])]
        return {**config, "config": {**inner, "layers": layers}}
    return upgrade_layer(config)


def _entry(item: Json) -> Json:
    found = upgrade(item) if item.get("class_name") in ("Sequential", "Model") else upgrade_layer(item)
    return {**found, "name": item.get("name"), "inbound_nodes": item.get("inbound_nodes", [])}


def _sequential(layers: list[Json], config: Json) -> Json:
    name = config.get("name") or "sequential"
    if layers and layers[0].get("class_name") == "Merge" and layers[0]["config"].get("layers"):
        return _branches(layers, name)
    return {"class_name": "Sequential", "config": {"name": name, "layers": [upgrade(x) for x in layers]}}


def _branches(layers: list[Json], name: str) -> Json:
    """A Sequential that begins with a Merge of Sequentials; their layers stand in it flat."""
    merge = layers[0]["config"]
    entries: list[Json] = []
    inputs: list[list[Any]] = []
    ends: list[list[Any]] = []
    for index, branch in enumerate(merge["layers"]):
        chain = upgrade(branch)["config"]["layers"]
        shape = chain[0]["config"].get("batch_input_shape") if chain else None
        if shape is None:
            raise BadConfig("a branch of a Merge has no input shape", layer=str(merge.get("name")))
        label = f"{chain[0]['config'].get('name', 'branch')}_input_{index}"
        dtype = chain[0]["config"].get("input_dtype") or "float32"
        entries.append(_node("InputLayer", {"name": label, "batch_input_shape": shape, "dtype": dtype}, []))
        inputs.append([label, 0, 0])
        ends.append(_chain(chain, label, entries))
    settings = {key: value for key, value in merge.items() if key != "layers"}
    label = settings.setdefault("name", "merge_1")
    entries.append(_node("Merge", settings, [[[*end, {}] for end in ends]]))
    last = _chain([upgrade(x) for x in layers[1:]], label, entries)
    return {
        "class_name": "Model",
        "config": {"name": name, "layers": entries, "input_layers": inputs, "output_layers": [last]},
    }


def _node(class_name: str, config: Json, nodes: list[Any]) -> Json:
    return {"class_name": class_name, "config": config, "name": config["name"], "inbound_nodes": nodes}


def _chain(layers: list[Json], source: str, entries: list[Json]) -> list[Any]:
    for layer in layers:
        entries.append(_node(layer["class_name"], layer["config"], [[[source, 0, 0, {}]]]))
        source = layer["config"]["name"]
    return [source, 0, 0]


def upgrade_layer(config: Json) -> Json:
    """One layer object."""
    old = str(config.get("class_name"))
    inner = config.get("config")
    if not isinstance(inner, dict):
        return config
    words: dict[str, str] = {**COMMON, **BY_CLASS.get(old, {})}
    found: Json = {str(words.get(key, key)): _value(key, value) for key, value in inner.items() if key not in DROPPED}
    if old in WITH_UNITS and "output_dim" in inner:
        found["units"] = found.pop("output_dim")
    if old in ("Embedding",):
        found["input_dim"] = inner.get("input_dim")
    if old == "TimeDistributedDense":
        found["units"] = _taken(found, "output_dim")
        found.pop("input_length", None)
    _special(old, inner, found)
    return {**config, "class_name": CLASSES.get(old, old), "config": found}


def _special(old: str, inner: Json, found: Json) -> None:
    if "nb_row" in inner:
        found["kernel_size"] = [_taken(found, key) for key in ("nb_row", "nb_col")]
    if "kernel_dim1" in inner:
        found["kernel_size"] = [_taken(found, f"kernel_dim{axis}") for axis in (1, 2, 3)]
    if "forget_bias_init" in inner:
        found["unit_forget_bias"] = found.pop("forget_bias_init") in ("one", "ones")
    if old in ("TimeDistributed", "Bidirectional"):
        found["layer"] = upgrade(inner["layer"])
    if old == "SeparableConvolution2D":
        start = found.pop("kernel_initializer", None)
        found |= {"depthwise_initializer": start, "pointwise_initializer": start}
    if old in SIDES:
        found["padding"] = _sides(inner.get("padding", 1), SIDES[old])
    if old == "Deconvolution2D":
        found.pop("output_shape", None)
    # Keras 1 recurrent layers kept these for their first use only.
    if old in ("LSTM", "GRU", "SimpleRNN"):
        found.pop("b_dropout", None)


def _sides(padding: Any, sides: tuple[tuple[str, str], ...]) -> Any:
    """Keras 1 also took sides by name, or all four in a row: a pair for each axis."""
    if isinstance(padding, dict):
        pairs = [[padding.get(f"{before}_pad", 0), padding.get(f"{after}_pad", 0)] for before, after in sides]
        return pairs if len(pairs) > 1 else pairs[0]
    return [padding[:2], padding[2:]] if isinstance(padding, list) and len(padding) == 4 else padding


def _taken(found: Json, key: str) -> Any:
    """A value that such a layer always wrote, out of `found`."""
    if key not in found:
        raise BadConfig("is missing", layer=str(found.get("name")), key=key)
    return found.pop(key)


def _value(key: str, value: Any) -> Any:
    if key == "dim_ordering":
        return FORMATS.get(value, value)
    if key.endswith(("_regularizer", "_constraint")) and isinstance(value, dict) and "name" in value:
        settings = {k: v for k, v in value.items() if k != "name"}
        name = "L1L2" if value["name"] in REGULARIZERS else value["name"]
        return {"class_name": name, "config": settings}
    return value
