"""Keras 1's words in Keras 2's, from the `get_config` methods of Keras 1.2.2.

Layers that Keras 2 has no more keep their class (keras1/layers.py). A Sequential that began with a Merge of
Sequentials becomes a Functional model of their layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.sources.json_text import Json

CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
KEYS = {
    "border_mode": "padding",
    "bias": "use_bias",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "inner_activation": "recurrent_activation",
    "output_dim": "units",
    "dim_ordering": "data_format",
}
# How weights were begun and held, which says nothing once they are there.
SILENT = (
    "init", "inner_init", "forget_bias_init", "alpha_init", "beta_init", "t_left_init", "a_left_init", "t_right_init",
    "a_right_init", "dropout_W", "dropout_U", "b_dropout", "W_regularizer", "U_regularizer", "b_regularizer",
    "W_constraint", "b_constraint", "input_dim", "weights",
)  # fmt: skip
# Their get_config left `dim_ordering` out; it came from the reader's own keras.json.
UNTOLD = ("ZeroPadding2D", "ZeroPadding3D", "Cropping2D", "Cropping3D", "UpSampling2D", "UpSampling3D")


def model(config: Json) -> Json:
    """A model object."""
    orders = {x["config"]["dim_ordering"] for x in objects(config) if "dim_ordering" in x["config"]} - {"default"}
    return _object(config, orders.pop() if len(orders) == 1 else None)


def objects(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if isinstance(node.get("config"), dict):
            yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def _object(config: Json, order: str | None) -> Json:
    inner = config.get("config")
    if config.get("class_name") == "Sequential" and isinstance(inner, list):
        if inner and inner[0].get("class_name") == "Merge" and inner[0]["config"].get("layers"):
            return _merged(inner, str(config.get("name") or "sequential"), order)
        layers = [_object(layer, order) for layer in inner]
        return {**config, "config": {"name": config.get("name") or "sequential", "layers": layers}}
    if isinstance(inner, dict) and isinstance(inner.get("layers"), list) and "input_layers" in inner:
        layers = [{**layer, **_object(layer, order)} for layer in inner["layers"]]
        return {**config, "config": {**inner, "layers": layers}}
    return _layer(config, order)


def _layer(config: Json, order: str | None) -> Json:
    name, inner = str(config["class_name"]), config["config"]
    found = {KEYS.get(key, key): value for key, value in inner.items() if key not in SILENT}
    if name == "Embedding":
        found |= {"output_dim": found.pop("units"), "input_dim": inner["input_dim"]}
    if name == "UpSampling1D":
        found["size"] = found.pop("length")
    if name in ("ZeroPadding1D", "ZeroPadding2D"):
        found["padding"] = _around(inner["padding"])
    if "nb_row" in inner:
        found["kernel_size"] = [found.pop("nb_row"), found.pop("nb_col")]
    if "kernel_dim1" in inner:
        found["kernel_size"] = [found.pop(f"kernel_dim{n}") for n in (1, 2, 3)]
    if name in ("TimeDistributed", "Bidirectional"):
        found["layer"] = _object(inner["layer"], order)
    if (name in UNTOLD and "data_format" not in inner) or "dim_ordering" in inner:
        found["data_format"] = _order(inner.get("dim_ordering", order), str(inner.get("name")))
    return {**config, "class_name": CLASSES.get(name, name), "config": found}


def _around(given: Any) -> Any:
    """What `ZeroPadding*.__init__` of 1.2 made of sides by name, or of four numbers."""
    if isinstance(given, dict):
        left, top = [
            [given.get(f"{a}_pad", 0), given.get(f"{b}_pad", 0)] for a, b in (("left", "right"), ("top", "bottom"))
        ]
        return left if set(given) <= {"left_pad", "right_pad"} else [top, left]
    if isinstance(given, list) and len(given) == 4:
        top_pad, bottom_pad, left_pad, right_pad = given
        return [[top_pad, bottom_pad], [left_pad, right_pad]]
    return given


def _order(order: str | None, layer: str) -> str:
    if order == "th":
        return "channels_first"
    if order == "tf":
        return "channels_last"
    raise NotSpecified("Keras 1 did not write its dim_ordering, and no other layer tells", layer=layer)


def _merged(layers: list[Json], name: str, order: str | None) -> Json:
    """`Sequential([Merge([a, b]), …])` as a graph."""
    merge = layers[0]["config"]
    entries: list[Json] = []
    inputs: list[list[Any]] = []
    ends: list[list[Any]] = []
    for number, branch in enumerate(merge["layers"]):
        chain = _object(branch, order)["config"]["layers"]
        if not isinstance(chain, list) or not chain or "batch_input_shape" not in chain[0]["config"]:
            raise NotSpecified("a branch of a Merge has no input shape", layer=str(merge.get("name")))
        first = chain[0]["config"]
        label = f"{first['name']}_input_{number}"
        begin = {"batch_input_shape": first["batch_input_shape"], "dtype": first.get("input_dtype"), "name": label}
        entries.append(_entry("InputLayer", begin, []))
        inputs.append([label, 0, 0])
        ends.append(_chain(chain, label, entries))
    own = {key: value for key, value in merge.items() if key not in ("layers", "node_indices")}
    own.setdefault("name", "merge_1")
    entries.append(_entry("Merge", own, [[[*end, {}] for end in ends]]))
    last = _chain([_object(layer, order) for layer in layers[1:]], own["name"], entries)
    inner = {"name": name, "layers": entries, "input_layers": inputs, "output_layers": [last]}
    return {"class_name": "Model", "config": inner}


def _chain(layers: list[Json], source: str, entries: list[Json]) -> list[Any]:
    for layer in layers:
        entries.append(_entry(layer["class_name"], layer["config"], [[[source, 0, 0, {}]]]))
        source = layer["config"]["name"]
    return [source, 0, 0]


def _entry(class_name: str, config: Json, nodes: list[Any]) -> Json:
    return {"class_name": class_name, "config": config, "name": config["name"], "inbound_nodes": nodes}
