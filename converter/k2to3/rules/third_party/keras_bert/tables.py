"""Embeddings that give their table as well, what compares with it, and the embedding of tasks.

Sources: keras_embed_sim/embeddings.py, keras_bert/layers/embedding.py, keras_bert/layers/task_embed.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import BadConfig
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import nonzero
from k2to3.matching.slots import Slots
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Described, Masks, as_stored, rule
from k2to3.rules.rebuilding import one_tensor
from k2to3.sources.json_text import Json

UNIFORM = {"embeddings": "uniform"}


def table_slots(layer: Described) -> Slots:
    return Slots(("embeddings",), trainable=layer.record.trainable)


def table_of(context: Context, rows: int, width: int, settings: Json) -> Layer:
    """An Embedding over the stored table."""
    if settings.get("embeddings_initializer") == "random_uniform":
        del settings["embeddings_initializer"]
    sizes = {"input_dim": rows, "output_dim": width, "mask_zero": False}
    return context.layer("Embedding", {**sizes, **settings}, [context.weight("embeddings", rows, width)])


def token_masks(context: Context, masks: Masks) -> Masks:
    return [nonzero(one(context.inputs)) if context.config.peek("mask_zero", False) else None, None]


@rule("keras_bert>EmbeddingRet", "keras_bert>TokenEmbedding", slots=table_slots, masks=token_masks, origin="keras-bert")
def embedding_and_table(context: Context) -> Composite:
    """keras-embed-sim's EmbeddingRet, keras-bert's TokenEmbedding: what Embedding gives, and its table."""
    one_tensor(context)
    config = context.config
    rows, width = config.integer("input_dim"), config.integer("output_dim")
    config.ignore("input_length")
    settings = {"mask_zero": config.flag("mask_zero", False)}
    settings |= trained(context, "embeddings", defaults=UNIFORM) | activity(context)
    table = table_of(context, rows, width, settings)
    context.note("rebuilt", "from Embedding, called on all its rows for the table")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        ids = one(inputs)
        every = graph.call(table, _all_rows(graph, ids, rows, context.name))
        return [graph.call(table, ids), graph.unmasked(every)]

    return Composite(body, inline=True)


def _all_rows(graph: Graph, ids: Tensor, rows: int, name: str) -> Tensor:
    """0, 1, …, rows - 1, which only a tensor of the model can give a place in the graph."""
    zeros = ops.cast(graph, ops.zeros_like(graph, ids), "int32")
    nothing = graph.op("numpy.Sum", zeros, config={"axis": None, "keepdims": False})
    zero = graph.op("numpy.BroadcastTo", nothing, config={"shape": [rows]})
    counted = ops.cumsum(graph, ops.add(graph, zero, 1), axis=0)
    return ops.subtract(graph, counted, 1, name=f"{name}_rows")


def first_mask(context: Context, masks: Masks) -> Masks:
    return masks[:1]


@rule(
    "keras_bert>EmbeddingSim", "keras_bert>EmbeddingSimilarity", slots=as_stored, masks=first_mask, origin="keras-bert"
)
def embedding_similarity(context: Context) -> Composite:
    """keras-embed-sim's EmbeddingSim, keras-bert's EmbeddingSimilarity: softmax of x · table + bias."""
    config = context.config
    config.ignore("initializer")
    for key in ("regularizer", "constraint"):
        if config.take(key, None) is not None:
            context.note("warning", f"goes without its {key}, which matters in training alone")
    if config.take("stop_gradient", False):
        context.note("warning", "the table learns from it now (stop_gradient)")
    if len(context.shapes) != 2 or len(context.shapes[0]) != 3 or context.shapes[1][0] is None:
        raise BadConfig("needs features of every step and a table", layer=context.record.name)
    steps, tokens = context.shapes[0][1], context.shapes[1][0]
    bias = None
    if config.flag("use_bias", True):
        settings = {"equation": "btv,v->btv", "output_shape": [steps, tokens], "bias_axes": None}
        weight = context.find_weight("(.*_)?bias", tokens)
        bias = context.layer("EinsumDense", settings, [weight], name=f"{context.name}_bias")
    context.note("rebuilt", "from ops and EinsumDense")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        name, (x, table) = context.name, tensors(inputs)
        scores = ops.einsum(graph, "btd,vd->btv", x, table, name=f"{name}_products")
        if bias is not None:
            ones = ops.ones_like(graph, scores, name=f"{name}_ones")
            scores = ops.add(graph, scores, graph.call(bias, ones), name=f"{name}_scores")
        return graph.op("nn.Softmax", scores, config={"axis": -1}, name=f"{name}_output")

    return Composite(body, inline=True)


@rule("keras_bert>TaskEmbedding", slots=table_slots, masks=first_mask, origin="keras-bert")
def task_embedding(context: Context) -> Composite:
    """keras-bert's TaskEmbedding: an Embedding of the task, added to every step."""
    config = context.config
    rows, width, zeroed = config.integer("input_dim"), config.integer("output_dim"), config.flag("mask_zero", False)
    table = table_of(context, rows, width, trained(context, "embeddings", defaults=UNIFORM))
    if len(context.shapes) != 2:
        raise BadConfig("needs features and tasks", layer=context.record.name)
    context.note("rebuilt", "from Embedding and Add")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x, tasks = tensors(inputs)
        whole = ops.cast(graph, tasks, "int32")
        found = graph.call(table, whole)
        if zeroed:
            kept = ops.cast(graph, ops.not_equal(graph, whole, 0), found.dtype)
            found = ops.multiply(graph, found, ops.expand_dims(graph, kept, axis=-1))
        return ops.add(graph, x, found, name=f"{context.name}_sum")

    return Composite(body, inline=True)
