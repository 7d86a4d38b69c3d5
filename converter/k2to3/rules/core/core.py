"""Dense, Embedding, Masking and the layers that only reshape."""

from __future__ import annotations

import numpy as np

from k2to3.errors import BadConfig
from k2to3.keras2.input_shape import extents_given
from k2to3.keras3.graph import Tensor, tensors
from k2to3.keras3.layers.table import makes_categories
from k2to3.keras3.masks import masking, nonzero
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import FOLD, activated, read_activation
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Described, Masks, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Expression, Multiply


def kernel_and_bias(layer: Described) -> Slots:
    names = ("kernel", "bias") if layer.config.peek("use_bias", True) else ("kernel",)
    return Slots(names, trainable=layer.record.trainable)


def fold(expression: Expression) -> Expression:
    """Times 1.2: Keras 2's hard_sigmoid(x) is Keras 3's hard_sigmoid(1.2 x)."""
    return Multiply(expression, np.float64(FOLD), "1.2")  # type: ignore[arg-type]


def _check_width(context: Context, width: int | None) -> None:
    """Without all extents of the input there is no width, and Keras 3 cannot build the kernel."""
    source = next(tensors(context.inputs), None)
    if width is None and source is not None and _comes_of_open_input(source):
        raise BadConfig(
            "has an input whose width the file does not tell",
            layer=context.record.name,
            hint=extents_given("28,28,1"),
        )


def _comes_of_open_input(tensor: Tensor | None) -> bool:
    """Whether unknown extents lead back to an InputLayer, not to a layer whose output is better known to Keras."""
    while tensor is not None and None in tensor.shape[1:]:
        if tensor.node.operation.class_name == "InputLayer":
            return True
        if makes_categories(tensor.node.operation):
            return False
        tensor = next(tensor.node.tensors(), None)
    return False


@rule("Dense", slots=kernel_and_bias)
def dense(context: Context) -> Native | Composite:
    """Unchanged, except that `hard_sigmoid` has another slope: folded into the weights."""
    config = context.config
    units = config.integer("units")
    use_bias = config.flag("use_bias", True)
    config.drop("input_dim", None, context.shape[-1])
    config.drop("implementation", 0, 1, 2)
    width = context.shape[-1]
    _check_width(context, width)
    variables = [context.weight("kernel", width, units)]
    if use_bias:
        variables.append(context.weight("bias", units))
    activation = read_activation(context)
    if activation.folds:
        context.note("drift", "hard_sigmoid has another slope in Keras 3; 1.2 is folded into the weights")
        variables = [fold(variable) for variable in variables]
    settings = {
        "units": units,
        "use_bias": use_bias,
        **trained(context, "kernel", "bias"),
        **activity(context),
    }
    return activated(context, context.layer("Dense", settings, variables), activation)


def embedding_slots(layer: Described) -> Slots:
    return Slots(("embeddings",), trainable=layer.record.trainable)


def embedding_masks(context: Context, masks: Masks) -> Masks:
    ids = context.inputs
    if context.config.peek("mask_zero", False) and isinstance(ids, Tensor):
        return [nonzero(ids)]
    return [None]


@rule("Embedding", slots=embedding_slots, masks=embedding_masks)
def embedding(context: Context) -> Native:
    """`input_length` is gone: the InputLayer carries the shape."""
    config = context.config
    rows, width = config.integer("input_dim"), config.integer("output_dim")
    mask_zero = config.flag("mask_zero", False)
    config.ignore("input_length")
    config.drop("sparse", False)
    # Keras 1 could drop whole rows of the table, while training only.
    if config.take("dropout", None):
        context.note("warning", "goes without dropout of whole rows while training, which Keras 1 had")
    settings: Json = {"input_dim": rows, "output_dim": width, "mask_zero": mask_zero}
    settings |= trained(context, "embeddings", defaults={"embeddings": "uniform"}) | activity(context)
    if settings.get("embeddings_initializer") == "random_uniform":
        del settings["embeddings_initializer"]
    table = context.weight("embeddings", rows, width)
    return Native(context.layer("Embedding", settings, [table]))


def masking_masks(context: Context, masks: Masks) -> Masks:
    assert isinstance(context.inputs, Tensor)
    return [masking(context.inputs, _number(context.config.peek("mask_value", 0.0)))]


def _number(value: object) -> float:
    if isinstance(value, dict):
        value = value.get("value")
    if not isinstance(value, (int, float)):
        raise BadConfig("is not a number", key="mask_value")
    return value


@rule("Masking", masks=masking_masks)
def masking_rule(context: Context) -> Native:
    """Unchanged."""
    return Native(context.layer("Masking", {"mask_value": context.config.number("mask_value", 0.0)}))


@rule("Flatten", masks="drop")
def flatten(context: Context) -> Native:
    """A missing `data_format` means channels_last; before Keras 2.1.6 there was none, and no axis was moved."""
    data_format = context.config.take("data_format", "channels_last")
    if data_format == "channels_first" and context.writer.standalone and context.writer.before(2, 1, 6):
        context.note("drift", f"data_format={data_format!r}: {context.writer} did not move the channels last")
        data_format = "channels_last"
    return Native(context.layer("Flatten", {"data_format": data_format or "channels_last"}))


@rule("Reshape", masks="drop")
def reshape(context: Context) -> Native:
    """Unchanged."""
    target = [int(n) if n is not None else -1 for n in context.config.take("target_shape")]
    return Native(context.layer("Reshape", {"target_shape": target}))


@rule("Permute", masks="drop")
def permute(context: Context) -> Native:
    """Unchanged."""
    return Native(context.layer("Permute", {"dims": list(context.config.take("dims"))}))


@rule("RepeatVector", masks="drop")
def repeat_vector(context: Context) -> Native:
    """Unchanged."""
    return Native(context.layer("RepeatVector", {"n": context.config.integer("n")}))


@rule("ActivityRegularization")
def activity_regularization(context: Context) -> Native:
    """Unchanged: identity in value, a penalty while training."""
    config = context.config
    settings = {"l1": config.number("l1", 0.0), "l2": config.number("l2", 0.0)}
    config.ignore("activity_regularizer")
    return Native(context.layer("ActivityRegularization", settings))


@rule("Identity", "Layer", masks="drop")
def identity(context: Context) -> Native:
    """Keras 3's Identity passes masks on; Keras 2's did not."""
    return Native(context.layer("Identity"))


GONE_AFTER_TRAINING = "it adds a loss or metric while training and returns its input unchanged"


@rule("AddLoss", "AddMetric", masks="pass")
def training_only(context: Context) -> Composite:
    """Gone in Keras 3; both return their input and only matter while training."""
    context.config.ignore("unconditional", "aggregation", "metric_name")
    context.note("dropped", GONE_AFTER_TRAINING)
    return Composite(lambda graph, inputs, kwargs: inputs, inline=True)


def einsum_slots(layer: Described) -> Slots:
    names = ("kernel", "bias") if layer.config.peek("bias_axes") else ("kernel",)
    return Slots(names, trainable=layer.record.trainable)


@rule("EinsumDense", slots=einsum_slots, masks="drop")
def einsum_dense(context: Context) -> Native | Composite:
    """Unchanged."""
    config = context.config
    settings = {key: config.take(key) for key in ("equation", "output_shape")}
    bias_axes = config.take("bias_axes", None)
    activation = read_activation(context)
    kernel = context.weights.slots.get("kernel")
    variables = [context.weight("kernel", *(None,) * len(kernel.shape if kernel else ()))]
    if bias_axes:
        bias = context.weights.slots.get("bias")
        variables.append(context.weight("bias", *(None,) * len(bias.shape if bias else ())))
    if activation.folds:
        variables = [fold(variable) for variable in variables]
    settings |= {"bias_axes": bias_axes, **trained(context, "kernel", "bias"), **activity(context)}
    return activated(context, context.layer("EinsumDense", settings, variables), activation)
