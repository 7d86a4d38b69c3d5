"""Kinds of fault in an archive: what is changed in `config.json` or in the variables."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

Json = dict[str, Any]
Plant = Callable[[Json, h5py.File, random.Random], str | None]
"""Changes the archive and names the guilty layer; None where there is nothing to change."""
CONV = ("Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D", "DepthwiseConv1D")
POOL = ("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
RNNS = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")
MERGES = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")


@dataclass(frozen=True)
class Kind:
    """`where` is config or weights."""

    name: str
    where: str
    plant: Plant


def layers(node: Any, owner: str = "") -> Iterator[tuple[Json, str]]:
    """Every layer or op, and the name of the layer of the graph around it."""
    if isinstance(node, dict):
        if "class_name" in node and isinstance(node.get("config"), dict):
            nested = node["class_name"] in ("Functional", "Sequential")
            name = owner or str(node.get("name") or node["config"].get("name") or "")
            yield node, name
            for key, value in node.items():
                yield from layers(value, "" if nested else name if key == "config" else owner)
            return
        for inner in node.values():
            yield from layers(inner, owner)
    elif isinstance(node, list):
        for inner in node:
            yield from layers(inner, owner)


def setting(classes: tuple[str, ...], key: str, change: Callable[[Any], Any]) -> Plant:
    """Change one key of a layer's config; `change` gives None where it does not apply."""

    def plant(config: Json, weights: h5py.File, chance: random.Random) -> str | None:
        places = [(x, n) for x, n in layers(config) if x["class_name"] in classes and key in x["config"]]
        chance.shuffle(places)
        for found, name in places:
            new = change(found["config"][key])
            if new is not None and new != found["config"][key]:
                found["config"][key] = new
                return name
        return None

    return plant


def added(classes: tuple[str, ...], key: str, value: Any) -> Plant:
    """One more key in a layer's config."""

    def plant(config: Json, weights: h5py.File, chance: random.Random) -> str | None:
        places = [(x, n) for x, n in layers(config) if x["class_name"] in classes and x["config"].get(key) != value]
        if not places:
            return None
        found, name = chance.choice(places)
        found["config"][key] = value
        return name

    return plant


def class_name(classes: tuple[str, ...], new: Callable[[str], str | None], config: Json | None = None) -> Plant:
    """Another class, with its own config where one is given."""

    def plant(root: Json, weights: h5py.File, chance: random.Random) -> str | None:
        places = [(x, n) for x, n in layers(root) if x["class_name"] in classes]
        chance.shuffle(places)
        for found, name in places:
            other = new(found["class_name"])
            if other is not None:
                found["class_name"] = other
                if found.get("registered_name"):
                    found["registered_name"] = other
                if config is not None:
                    found["config"] = {"name": found["config"].get("name"), **config}
                return name
        return None

    return plant


def inbound(swap: bool) -> Plant:
    """The inputs of a call exchanged, or one taken for another of the same shape."""

    def plant(root: Json, weights: h5py.File, chance: random.Random) -> str | None:
        places = []
        for found, name in layers(root):
            for node in found.get("inbound_nodes") or []:
                args = node.get("args") if isinstance(node, dict) else None
                if not args:
                    continue
                given = args[0] if isinstance(args[0], list) else args
                here = [i for i, x in enumerate(given) if isinstance(x, dict) and x["class_name"] == "__keras_tensor__"]
                if len(here) > 1:
                    places.append((given, here, name))
        chance.shuffle(places)
        for given, here, name in places:
            a, b = here[:2]
            if given[a]["config"] == given[b]["config"]:
                continue
            if swap:
                given[a], given[b] = given[b], given[a]
                return name
            if given[a]["config"]["shape"] == given[b]["config"]["shape"]:
                given[b] = given[a]
                return name
        return None

    return plant


def outputs_swapped(root: Json, weights: h5py.File, chance: random.Random) -> str | None:
    ends = root["config"].get("output_layers")
    if not isinstance(ends, list) or len(ends) < 2 or not isinstance(ends[0], list) or ends[0] == ends[1]:
        return None
    ends[0], ends[1] = ends[1], ends[0]
    return "output 0"


def other(pairs: dict[Any, Any]) -> Callable[[Any], Any]:
    return lambda value: pairs.get(value if not isinstance(value, (dict, list)) else None)


def scaled(factor: float, plus: float = 0.0) -> Callable[[Any], Any]:
    return lambda v: v * factor + plus if isinstance(v, (int, float)) and not isinstance(v, bool) else None


def flipped(value: Any) -> Any:
    return not value if isinstance(value, bool) else None


def reversed_list(value: Any) -> Any:
    return value[::-1] if isinstance(value, list) and value != value[::-1] else None


def each_reversed(value: Any) -> Any:
    """The same of each axis; a number stands for both sides and has no other order."""
    if not isinstance(value, list):
        return None
    return [reversed_list(pair) or pair for pair in value] if isinstance(value[0], list) else reversed_list(value)


def variables(weights: h5py.File) -> Iterator[tuple[str, h5py.Dataset]]:
    found: list[tuple[str, h5py.Dataset]] = []
    weights.visititems(lambda n, x: found.append((n, x)) if isinstance(x, h5py.Dataset) else None)
    yield from (pair for pair in found if pair[1].dtype.kind == "f" and pair[1].size and "seed" not in pair[0])


def array(wanted: Callable[[str, Any], bool], change: Callable[[Any], Any]) -> Plant:
    """Another value of one variable."""

    def plant(config: Json, weights: h5py.File, chance: random.Random) -> str | None:
        places = [(n, x) for n, x in variables(weights) if wanted(n, x[()])]
        chance.shuffle(places)
        for name, found in places:
            old = found[()]
            new = change(old.copy())
            if new is not None and new.shape == old.shape and not np.array_equal(new, old):
                found[...] = new
                return f"weights:{name}"
        return None

    return plant


def exchanged(near: bool) -> Plant:
    """Two variables of one shape: of one layer, or of two."""

    def plant(config: Json, weights: h5py.File, chance: random.Random) -> str | None:
        every = list(variables(weights))
        pairs = [(a, b) for i, a in enumerate(every) for b in every[i + 1 :] if a[1].shape == b[1].shape]
        pairs = [(a, b) for a, b in pairs if (a[0].rsplit("/", 1)[0] == b[0].rsplit("/", 1)[0]) == near]
        chance.shuffle(pairs)
        for (name, a), (_, b) in pairs:
            if not np.array_equal(a[()], b[()]):
                a[...], b[...] = b[()], a[()]
                return f"weights:{name}"
        return None

    return plant


def any_array(name: str, value: Any) -> bool:
    return True


def matrix(name: str, value: Any) -> bool:
    return bool(value.ndim == 2)


def square(name: str, value: Any) -> bool:
    return bool(value.ndim == 2 and value.shape[0] == value.shape[1] and value.shape[0] > 1)


def vector(name: str, value: Any) -> bool:
    return bool(value.ndim == 1 and value.size > 1)


def kernel(name: str, value: Any) -> bool:
    return bool(value.ndim >= 3)


def gated(name: str, value: Any) -> bool:
    return "cell" in name and value.ndim == 2 and value.shape[1] % 3 in (0, 1) and value.shape[1] >= 4


def table(name: str, value: Any) -> bool:
    return "embedding" in name and value.ndim == 2


def norm(name: str, value: Any) -> bool:
    return "normalization" in name and value.ndim == 1 and value.size > 1


def at(index: int, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        value.flat[index] = function(value.flat[index])
        return value

    return change


def parts_swapped(count: int) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if value.shape[-1] % count:
            return None
        parts = np.split(value, count, axis=-1)
        return np.concatenate([parts[1], parts[0], *parts[2:]], axis=-1)

    return change


def bfloat(value: Any) -> Any:
    return (value.astype(np.float32).view(np.uint32) & 0xFFFF0000).astype(np.uint32).view(np.float32)


ACTIVATIONS = {
    "relu": "relu6", "linear": "relu", "tanh": "softsign", "sigmoid": "hard_sigmoid", "softmax": "sigmoid",
    "hard_sigmoid": "sigmoid", "elu": "selu", "selu": "elu", "softplus": "relu", "swish": "gelu", "gelu": "relu",
}  # fmt: skip
PADDINGS = other({"same": "valid", "valid": "same", "causal": "same"})
STANDARD = other({"lower_and_strip_punctuation": "lower", None: "lower", "lower": "strip_punctuation"})


def _other_pool(name: str) -> str:
    return name.replace("Max", "Average") if "Max" in name else name.replace("Average", "Max")


KINDS = (
    Kind("activation of a Dense", "config", setting(("Dense", "EinsumDense"), "activation", other(ACTIVATIONS))),
    Kind("activation of a convolution", "config", setting(CONV + TRANSPOSED, "activation", other(ACTIVATIONS))),
    Kind("activation layer", "config", setting(("Activation",), "activation", other(ACTIVATIONS))),
    Kind("activation of a recurrence", "config", setting(RNNS, "activation", other(ACTIVATIONS))),
    Kind("recurrent activation", "config", setting(RNNS, "recurrent_activation", other(ACTIVATIONS))),
    Kind("recurrence backwards", "config", setting(RNNS + ("RNN",), "go_backwards", flipped)),
    Kind("state from batch to batch", "config", setting(RNNS + ("RNN", "ConvLSTM2D"), "stateful", flipped)),
    Kind("padding of a convolution", "config", setting(CONV, "padding", PADDINGS)),
    Kind("padding, transposed", "config", setting(TRANSPOSED, "padding", PADDINGS)),
    Kind("dilation", "config", setting(CONV, "dilation_rate", lambda v: [n + 1 for n in v] if v else None)),
    Kind("strides", "config", setting(CONV + POOL, "strides", lambda v: [n + 1 for n in v] if v else None)),
    Kind("padding of a pooling", "config", setting(POOL, "padding", PADDINGS)),
    Kind("pool size", "config", setting(POOL, "pool_size", lambda v: [n + 1 for n in v])),
    Kind("average for maximum", "config", class_name(POOL, _other_pool)),
    Kind(
        "global average for maximum",
        "config",
        class_name(tuple(f"Global{n}" for n in POOL), lambda n: "Global" + _other_pool(n[6:])),
    ),
    Kind("data format", "config", setting(CONV + POOL, "data_format", other({"channels_first": "channels_last"}))),
    Kind("mask of an Embedding", "config", setting(("Embedding",), "mask_zero", flipped)),
    Kind("mask value", "config", setting(("Masking",), "mask_value", scaled(1.0, 1.0))),
    Kind("Masking gone", "config", class_name(("Masking",), lambda n: "Activation", {"activation": "linear"})),
    Kind("NotEqual of a mask", "config", class_name(("NotEqual",), lambda n: "Greater")),
    Kind(
        "And for Or",
        "config",
        class_name(("LogicalAnd", "LogicalOr"), lambda n: "LogicalOr" if "And" in n else "LogicalAnd"),
    ),
    Kind("epsilon of a BatchNormalization", "config", setting(("BatchNormalization",), "epsilon", scaled(0.1))),
    Kind(
        "epsilon of a normalization",
        "config",
        setting(("LayerNormalization", "GroupNormalization", "UnitNormalization"), "epsilon", scaled(0.1)),
    ),
    Kind(
        "axis of a normalization",
        "config",
        setting(("BatchNormalization", "LayerNormalization"), "axis", lambda v: 1 if v in (-1, 2, 3) else None),
    ),
    Kind("slope of a LeakyReLU", "config", setting(("LeakyReLU", "ReLU"), "negative_slope", scaled(1.05, 1e-3))),
    Kind("ceiling of a ReLU", "config", setting(("ReLU",), "max_value", lambda v: 6.0 if v is None else v + 1)),
    Kind("threshold of a ReLU", "config", setting(("ReLU",), "threshold", scaled(1.0, 0.05))),
    Kind("alpha of an ELU", "config", setting(("ELU",), "alpha", scaled(1.02))),
    Kind("axis of a softmax", "config", setting(("Softmax",), "axis", lambda v: 1 if v != 1 else -1)),
    Kind(
        "interpolation",
        "config",
        setting(
            ("UpSampling2D", "Resizing", "Resize"),
            "interpolation",
            other({"nearest": "bilinear", "bilinear": "nearest", "bicubic": "bilinear"}),
        ),
    ),
    Kind(
        "size of an UpSampling",
        "config",
        setting(
            ("UpSampling1D", "UpSampling2D"), "size", lambda v: v + 1 if isinstance(v, int) else [n + 1 for n in v]
        ),
    ),
    Kind(
        "zero padding turned",
        "config",
        setting(
            ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"),
            "padding",
            each_reversed,
        ),
    ),
    Kind(
        "cropping turned",
        "config",
        setting(
            ("Cropping1D", "Cropping2D", "Cropping3D"),
            "cropping",
            each_reversed,
        ),
    ),
    Kind("permutation", "config", setting(("Permute",), "dims", reversed_list)),
    Kind("shape of a Reshape", "config", setting(("Reshape",), "target_shape", reversed_list)),
    Kind("axes of a transposition", "config", setting(("Transpose",), "axes", reversed_list)),
    Kind("axis of a concatenation", "config", setting(("Concatenate",), "axis", lambda v: 1 if v != 1 else -1)),
    Kind("maximum for a sum", "config", class_name(("Add",), lambda n: "Maximum")),
    Kind("sum for a product", "config", class_name(("Multiply",), lambda n: "Add")),
    Kind("sum for an average", "config", class_name(("Average",), lambda n: "Add")),
    Kind(
        "minimum for a maximum",
        "config",
        class_name(("Maximum", "Minimum"), lambda n: "Minimum" if n == "Maximum" else "Maximum"),
    ),
    Kind("sum for a difference", "config", class_name(("Subtract",), lambda n: "Add")),
    Kind(
        "axes of a Dot",
        "config",
        setting(("Dot",), "axes", lambda v: reversed_list(v) if isinstance(v, list) else (1 if v == 2 else 2)),
    ),
    Kind("normalized Dot", "config", setting(("Dot",), "normalize", flipped)),
    Kind("inputs exchanged", "config", inbound(True)),
    Kind("one input twice", "config", inbound(False)),
    Kind("outputs exchanged", "config", outputs_swapped),
    Kind(
        "merge of a Bidirectional",
        "config",
        setting(("Bidirectional",), "merge_mode", other({"concat": "sum", "sum": "ave", "ave": "sum", "mul": "sum"})),
    ),
    Kind("scale of a Rescaling", "config", setting(("Rescaling",), "scale", scaled(1.01))),
    Kind("offset of a Rescaling", "config", setting(("Rescaling",), "offset", scaled(1.0, 0.01))),
    Kind(
        "boundaries",
        "config",
        setting(("Discretization",), "bin_boundaries", lambda v: [x + 0.05 for x in v] if v else None),
    ),
    Kind(
        "vocabulary turned",
        "config",
        setting(("StringLookup", "IntegerLookup", "TextVectorization"), "vocabulary", reversed_list),
    ),
    Kind("standardization of texts", "config", setting(("TextVectorization",), "standardize", STANDARD)),
    Kind(
        "output of an encoding",
        "config",
        setting(
            ("CategoryEncoding", "StringLookup", "IntegerLookup", "TextVectorization"),
            "output_mode",
            other({"multi_hot": "count", "count": "multi_hot", "one_hot": "multi_hot"}),
        ),
    ),
    Kind(
        "number of unknown tokens",
        "config",
        setting(("StringLookup", "IntegerLookup"), "num_oov_indices", lambda v: v + 1),
    ),
    Kind("bins of a Hashing", "config", setting(("Hashing",), "num_bins", lambda v: v + 1)),
    Kind("salt of a Hashing", "config", setting(("Hashing",), "salt", lambda v: [1, 2])),
    Kind("half precision", "config", added(("Dense", *CONV, "LSTM", "GRU", "BatchNormalization"), "dtype", "float16")),
    Kind("bfloat16", "config", added(("Dense", *CONV, "LSTM", "GRU", "Embedding"), "dtype", "bfloat16")),
    Kind("score of an Attention", "config", setting(("Attention",), "score_mode", other({"dot": "concat"}))),
    Kind("zeros at masked steps", "config", setting(RNNS, "zero_output_for_mask", flipped)),
    Kind("keepdims of an op", "config", setting(("Sum", "Mean", "Max", "Min", "Any", "All"), "keepdims", flipped)),
    Kind(
        "axis of an op",
        "config",
        setting(
            ("Sum", "Mean", "Max", "Min", "Concatenate", "Stack", "Softmax", "Argmax"),
            "axis",
            lambda v: 1 if v in (-1, 2) else -1 if v == 1 else None,
        ),
    ),
    Kind("one weight off by a tenth", "weights", array(any_array, at(0, lambda x: x * 1.1 + 0.01))),
    Kind("last weight off", "weights", array(any_array, at(-1, lambda x: x * 1.1 + 0.01))),
    Kind("sign of a kernel", "weights", array(matrix, lambda k: -k)),
    Kind("square kernel transposed", "weights", array(square, lambda k: k.T)),
    Kind("kernel flipped in space", "weights", array(kernel, lambda k: np.flip(k, tuple(range(k.ndim - 2))))),
    Kind("channels turned", "weights", array(kernel, lambda k: k[..., ::-1])),
    Kind("first gates exchanged", "weights", array(gated, parts_swapped(3))),
    Kind("first gates of four exchanged", "weights", array(gated, parts_swapped(4))),
    Kind("bias lost", "weights", array(vector, lambda b: 0 * b)),
    Kind("bias turned", "weights", array(vector, lambda b: b[::-1])),
    Kind("kernel a hundredth off", "weights", array(any_array, lambda k: k * 1.01)),
    Kind("kernel a thousandth off", "weights", array(any_array, lambda k: k * 1.001)),
    Kind("rows turned", "weights", array(matrix, lambda k: k[::-1])),
    Kind("columns turned", "weights", array(matrix, lambda k: k[:, ::-1])),
    Kind(
        "two rows exchanged", "weights", array(matrix, lambda k: k[[1, 0, *range(2, len(k))]] if len(k) > 1 else None)
    ),
    Kind("row 0 of a table", "weights", array(table, lambda t: np.concatenate([t[:1] + 0.1, t[1:]]))),
    Kind("last row of a table", "weights", array(table, lambda t: np.concatenate([t[:-1], t[-1:] + 0.1]))),
    Kind("table moved by a row", "weights", array(table, lambda t: np.roll(t, 1, axis=0))),
    Kind("statistics turned", "weights", array(norm, lambda v: v[::-1])),
    Kind("statistics off", "weights", array(norm, lambda v: v + 1e-3)),
    Kind("two variables of a layer exchanged", "weights", exchanged(True)),
    Kind("variables of two layers exchanged", "weights", exchanged(False)),
    Kind("rounded to bfloat16", "weights", array(matrix, bfloat)),
    Kind("rounded to float16", "weights", array(matrix, lambda k: k.astype(np.float16).astype(k.dtype))),
    Kind("hard_sigmoid not folded", "weights", array(gated, lambda k: k / 1.2)),
)
