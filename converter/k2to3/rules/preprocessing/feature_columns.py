"""DenseFeatures: feature columns as lookups, counts and Dense layers.

Sources: tf_keras/src/feature_column/dense_features.py and
tensorflow/python/feature_column/feature_column_v2.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.keras3.naming import scope_name
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, rule
from k2to3.sources.json_text import Json

Apply = Callable[[Graph, Tensor], Tensor]
SUFFIX = {"NumericColumn": "", "BucketizedColumn": "_bucketized", "IndicatorColumn": "_indicator"}


@dataclass(frozen=True)
class Column:
    """One dense column: its name in TensorFlow, which orders the output, and its settings."""

    name: str
    kind: str
    config: Json
    source: Json | None = None

    @property
    def key(self) -> str:
        return str((self.source or self.config)["key"])


def read_columns(value: Any, layer: str) -> list[Column]:
    """The columns in the order of the output: by name.

    Raises:
        UnsupportedOption: a class of column that is not one of the four.
    """
    found = [_column(item, layer) for item in (value if isinstance(value, list) else [value])]
    return sorted(found, key=lambda column: column.name)


def _column(item: Any, layer: str) -> Column:
    kind, config = item.get("class_name"), item.get("config")
    if not isinstance(config, dict) or kind not in (*SUFFIX, "EmbeddingColumn"):
        raise UnsupportedOption(f"feature column {kind!r}", layer=layer, key="feature_columns")
    if kind == "NumericColumn":
        return Column(str(config["key"]), kind, config)
    inner = config["source_column" if kind == "BucketizedColumn" else "categorical_column"]
    source = {**inner["config"], "kind": inner["class_name"]}
    if "key" not in source:
        raise UnsupportedOption(f"feature column {source['kind']!r}", layer=layer, key="feature_columns")
    return Column(f"{source['key']}{SUFFIX.get(kind, '_embedding')}", kind, config, source)


def features_slots(layer: Described) -> Slots:
    columns = read_columns(layer.config.peek("feature_columns"), layer.record.name)
    children = {c.name: Slots(("embedding_weights",)) for c in columns if c.kind == "EmbeddingColumn"}
    return Slots(children=children, trainable=layer.record.trainable)


@rule("DenseFeatures", slots=features_slots, masks="drop")
def dense_features(context: Context) -> Composite:
    """Gone in Keras 3: numeric, bucketized, indicator and embedding columns from built-in layers.

    Refused: normalizer functions, crossed, weighted and shared columns, vocabulary files,
    out-of-vocabulary buckets.
    """
    config, name = context.config, context.record.name
    columns = read_columns(config.take("feature_columns"), name)
    config.drop("partitioner", None)
    for column in columns:
        _feature(context, context.inputs, column.key)
    parts = [(column.key, _dense(context, column)) for column in columns]
    joined = context.layer("Concatenate", {"axis": -1})
    context.note("rebuilt", f"{len(parts)} feature columns from built-in layers, in the order of their names")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        outputs = [apply(graph, _two_axes(graph, _feature(context, inputs, key))) for key, apply in parts]
        return graph.call(joined, outputs) if len(outputs) > 1 else outputs[0]

    return Composite(body, inline=True)


def _feature(context: Context, inputs: Structure, key: str) -> Tensor:
    if not isinstance(inputs, Mapping) or key not in inputs:
        raise BadConfig("is not called on a dictionary with its features", layer=context.record.name)
    return one(inputs[key])


def _two_axes(graph: Graph, tensor: Tensor) -> Tensor:
    if len(tensor.shape) != 1:
        return tensor
    return ops.expand_dims(graph, tensor, axis=-1)


def _dense(context: Context, column: Column) -> Apply:
    name = scope_name(f"{context.name}_{column.name}")
    if column.kind == "NumericColumn":
        return _numeric(context, column, name)
    if column.kind == "BucketizedColumn":
        assert column.source is not None
        if column.source.get("normalizer_fn") is not None or list(column.source.get("shape") or [1]) != [1]:
            raise _refuse(context, f"column {column.name!r} of several numbers or with a function")
        settings = {"bin_boundaries": column.config["boundaries"], "output_mode": "multi_hot"}
        bins = Layer(name, "Discretization", settings)
        return lambda graph, tensor: graph.call(bins, tensor)
    counts = _counts(context, column, name)
    return counts if column.kind == "IndicatorColumn" else _embedding(context, column, counts, name)


def _numeric(context: Context, column: Column, name: str) -> Apply:
    if column.config.get("normalizer_fn") is not None:
        raise _refuse(context, f"column {column.name!r} with a function of its own")
    cast = context.layer("Rescaling", {"scale": 1.0, "offset": 0.0}, name=f"{name}_cast")
    flat = context.layer("Flatten", {"data_format": "channels_last"}, name=name)
    return lambda graph, tensor: graph.call(flat, graph.call(cast, tensor))


def _counts(context: Context, column: Column, name: str) -> Apply:
    """How often each category occurs; the bin of missing and unknown values is cut off."""
    layer = _encoder(context, column.source or {}, name)
    if layer.class_name == "CategoryEncoding":
        return lambda graph, tensor: graph.call(layer, tensor)

    def apply(graph: Graph, tensor: Tensor) -> Tensor:
        found = graph.call(layer, tensor)
        return ops.get_item(graph, found, [slice(None), slice(1, None)])

    return apply


def _encoder(context: Context, source: Json, name: str) -> Layer:
    kind = source.get("kind")
    if kind == "VocabularyListCategoricalColumn":
        if source.get("num_oov_buckets") or source.get("default_value", -1) != -1:
            raise _refuse(context, f"column {source['key']!r} with buckets or a default for unknown values")
        strings = source.get("dtype") == "string"
        settings: Json = {"vocabulary": source["vocabulary_list"], "num_oov_indices": 1, "output_mode": "count"}
        return Layer(f"{name}_lookup", "StringLookup" if strings else "IntegerLookup", settings)
    if kind == "HashedCategoricalColumn":
        if source.get("dtype") != "string":
            raise _refuse(context, f"column {source['key']!r} hashes numbers")
        settings = {"num_bins": int(source["hash_bucket_size"]) + 1, "mask_value": "", "output_mode": "count"}
        return Layer(f"{name}_hash", "Hashing", settings)
    if kind == "IdentityCategoricalColumn" and source.get("default_value") is None:
        settings = {"num_tokens": source.get("number_buckets", source.get("num_buckets")), "output_mode": "count"}
        return Layer(f"{name}_encoding", "CategoryEncoding", settings)
    raise _refuse(context, f"feature column {kind!r}")


def _embedding(context: Context, column: Column, counts: Apply, name: str) -> Apply:
    """Counts times the table: the sum of the rows of all categories, divided as `combiner` says."""
    config = column.config
    if config.get("max_norm") is not None or config.get("ckpt_to_load_from") is not None:
        raise _refuse(context, f"column {column.name!r} with max_norm or a checkpoint")
    outer, context.weights = context.weights, context.weights.child(column.name)
    table = context.weight("embedding_weights", None, int(config["dimension"]))
    context.weights = outer
    layer = context.layer("Dense", {"units": table.shape[1], "use_bias": False}, [table], name=name)
    combiner = config.get("combiner", "mean")
    if combiner not in ("sum", "mean", "sqrtn"):
        raise _refuse(context, f"combiner {combiner!r}")

    def apply(graph: Graph, tensor: Tensor) -> Tensor:
        count = counts(graph, tensor)
        found = graph.call(layer, count)
        if combiner == "sum":
            return found
        total = ops.sum(graph, count, axis=[-1], keepdims=True)
        some = ops.maximum(graph, total, 1.0)
        return ops.divide(graph, found, some if combiner == "mean" else ops.sqrt(graph, some))

    return apply


def _refuse(context: Context, text: str) -> UnsupportedOption:
    return UnsupportedOption(text, layer=context.record.name, key="feature_columns")
