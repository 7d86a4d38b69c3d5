"""Activations: most names mean the same; `hard_sigmoid` has another slope.

Keras 2: clip(0.2 x + 0.5, 0, 1). Keras 3: relu6(x + 3) / 6. Scaling what goes in by 1.2
makes them equal, so it is folded into the weights in front where there are some.
Source: https://github.com/keras-team/keras/pull/19477
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras2.parse import parse_layer
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.activations.given_activation import given_activation
from k2to3.rules.common import activity
from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.sources.json_text import Json

# Equal in both for every input; `swish` and `silu` are one function.
SAME = {
    name: name
    for name in (
        "linear",
        "relu",
        "tanh",
        "sigmoid",
        "softmax",
        "elu",
        "selu",
        "softplus",
        "softsign",
        "exponential",
        "gelu",
        "silu",
        "mish",
        "relu6",
        "leaky_relu",
        "log_softmax",
    )
} | {"swish": "silu", "softmax_v2": "softmax", "log_softmax_v2": "log_softmax"}
LAYERS = frozenset({"LeakyReLU", "PReLU", "ELU", "ReLU", "Softmax", "ThresholdedReLU"})
# TensorFlow functions given as an activation are stored by their bare name.
OPS = {
    "sin": "numpy.Sin",
    "cos": "numpy.Cos",
    "abs": "numpy.Absolute",
    "square": "numpy.Square",
    "exp": "numpy.Exp",
    "sign": "numpy.Sign",
    "log1p": "numpy.Log1p",
    "expm1": "numpy.Expm1",
    "sinh": "numpy.Sinh",
    "cosh": "numpy.Cosh",
    "atan": "numpy.Arctan",
    "erf": "math.Erf",
}
FOLD = 1.2
# x · relu6(x + 3) / 6, under the names that MobileNetV3 ports give it.
HARD_SWISH = frozenset({"hard_swish", "h_swish", "hswish", "hard_silu"})
WAY_OUT = "give it with --lambda NAME=EXPR or --custom-objects"
TWO_GELUS = (
    "--lambda gelu='lambda x: 0.5 * x * (1 + tf.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))' for "
    "keras-transformer's since 2020, --lambda gelu='lambda x: 0.5 * x * (1 + tf.math.erf(x / 1.4142135623730951))' for "
    "Keras's own"
)


@dataclass(frozen=True)
class Activation:
    """What a config asks for: a Keras 3 name, or a function that adds it to a graph."""

    name: str | None
    apply: Callable[[Graph, Tensor], Structure] | None = None

    @property
    def folds(self) -> bool:
        return self.name == "hard_sigmoid"


def read_activation(context: Context, key: str = "activation", default: Any = "linear") -> Activation:
    """The activation under `key`.

    Raises:
        UnsupportedOption: a custom function.
    """
    value = context.config.take(key, default)
    return activation_of(context, value, key)


def activation_of(context: Context, value: Any, key: str) -> Activation:
    if value is None:
        return Activation("linear")
    if isinstance(value, dict):
        value = _unwrapped(value)
    if isinstance(value, dict):
        return _layer(context, value, key)
    if _is_later(context, value):
        return _custom(context, value, key)
    if value == "hard_sigmoid" or value in SAME:
        return Activation(SAME.get(value, value))
    if value in OPS:
        return Activation(None, _op(context, OPS[value]))
    if value in LAYERS:
        return _layer(context, {"class_name": value, "config": {}}, key)
    if value in HARD_SWISH:
        return Activation(None, lambda graph, tensor: hard_swish(graph, tensor, f"{context.name}_activation"))
    return _custom(context, value, key)


def built_in(value: Any) -> bool:
    """Whether an activation is read without code of the author's."""
    if isinstance(value, dict):
        value = _unwrapped(value)
    if isinstance(value, dict):
        return value.get("class_name") in LAYERS
    return value == "hard_sigmoid" or value in SAME or value in OPS or value in LAYERS or value in HARD_SWISH


def _is_later(context: Context, value: str) -> bool:
    """Before Keras had `gelu`, the name meant a function of the author's: exact or approximate.

    Beside layers of packages that have one of their own it may mean that still.
    """
    if value in context.conversion.rules.homonyms:
        return True
    return value == "gelu" and (not context.writer.tensorflow or context.writer.before(2, 4))


def _custom(context: Context, value: str, key: str) -> Activation:
    given = given_activation(context, value)
    if given is not None:
        return Activation(None, given)
    classes = context.conversion.rules.custom
    function = None if classes is None else classes.function(value, context.record.name)
    if function is None:
        raise _unknown(context, value, key)
    context.note("custom", f"not native: loading the archive needs the activation {value!r}")
    layer = context.layer("Activation", {"activation": function}, name=f"{context.name}_{key}")
    return Activation(None, lambda graph, tensor: graph.call(layer, tensor))


def _unknown(context: Context, value: str, key: str) -> UnsupportedOption:
    if value in context.conversion.rules.homonyms:
        text = f"activation {value!r} may be keras-transformer's or Keras's own, which differ"
        return UnsupportedOption(text, layer=context.record.name, key=key, hint=TWO_GELUS)
    whose = f"{context.writer} has no activation {value!r}" if _is_later(context, value) else "not one of Keras's own"
    return UnsupportedOption(
        f"activation {value!r} is a function of the author's: {whose}",
        layer=context.record.name,
        key=key,
        hint=f"its code is not in the file; {WAY_OUT}",
    )


def _unwrapped(value: Json) -> Any:
    """`{"class_name": "function", "config": "relu"}` and kin → the name."""
    if value.get("class_name") == "function" or isinstance(value.get("config"), str):
        return value.get("config")
    # tf-keras writes activation functions with arguments under their own name.
    if value.get("class_name") in SAME and not value.get("config"):
        return value["class_name"]
    if value.get("class_name") == "Activation":
        return value.get("config", {}).get("activation")
    return value


def _op(context: Context, symbol: str) -> Callable[[Graph, Tensor], Tensor]:
    return lambda graph, tensor: graph.op(symbol, tensor, name=f"{context.name}_activation")


def _layer(context: Context, config: Json, key: str) -> Activation:
    record = parse_layer(config)
    if record.class_name not in LAYERS | {"Activation"}:
        raise UnsupportedOption(
            f"activation object {record.class_name!r} is not one of Keras's own", layer=context.record.name
        )
    converted: list[Native | Composite] = []

    def apply(graph: Graph, tensor: Tensor) -> Structure:
        if not converted:
            weights = context.weights.child("activation")
            name = f"{context.name}_{key}"
            converted.append(context.convert(record, weights, tensor, name))
        outcome = converted[0]
        if isinstance(outcome, Native):
            return graph.call(outcome.layer, tensor)
        return outcome.body(graph, tensor, {})

    return Activation(None, apply)


def hard_sigmoid(graph: Graph, tensor: Tensor, name: str, policy: str | None) -> Tensor:
    """Keras 2's hard_sigmoid from built-in layers; bit-exact."""
    scale = Layer(f"{name}_scale", "Rescaling", {"scale": 0.2, "offset": 0.5}, dtype=policy)
    clip = Layer(f"{name}_clip", "ReLU", {"max_value": 1.0}, dtype=policy)
    return graph.call(clip, graph.call(scale, tensor))


def hard_swish(graph: Graph, tensor: Tensor, name: str) -> Tensor:
    """x · relu6(x + 3) / 6 from ops.

    Source of the definition: https://arxiv.org/abs/1905.02244, as in the ports to Keras 2.
    """
    shifted = ops.add(graph, tensor, 3.0, name=f"{name}_shift")
    clipped = ops.relu6(graph, shifted, name=f"{name}_clip")
    product = ops.multiply(graph, tensor, clipped, name=f"{name}_product")
    return ops.divide(graph, product, 6.0, name=f"{name}_sixth")


def activated(context: Context, layer: Layer, activation: Activation) -> Native | Composite:
    """`layer` followed by an activation that Keras 3's own `activation` argument lacks."""
    if activation.name is not None:
        layer.config["activation"] = activation.name
        return Native(layer)
    layer.config["activation"] = "linear"
    context.note("rebuilt", "its activation stands behind it as an operation of its own")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        assert activation.apply is not None
        return activation.apply(graph, graph.call(layer, inputs))

    return Composite(body)


def activate(graph: Graph, tensor: Tensor, activation: Activation, name: str, policy: str | None) -> Structure:
    """Any activation as a layer or operation of its own."""
    if activation.folds:
        return hard_sigmoid(graph, tensor, name, policy)
    if activation.apply is not None:
        return activation.apply(graph, tensor)
    if activation.name == "linear":
        return tensor
    layer = Layer(f"{name}_activation", "Activation", {"activation": activation.name}, dtype=policy)
    return graph.call(layer, tensor)


@rule("Activation")
def activation(context: Context) -> Native | Composite:
    """Same functions by name, except `hard_sigmoid`, which is rebuilt exactly."""
    found = read_activation(context)
    settings = activity(context)
    if found.name is not None and not found.folds:
        return Native(context.layer("Activation", {"activation": found.name, **settings}))
    if found.folds:
        context.note("drift", "hard_sigmoid has another slope in Keras 3; rebuilt as clip(0.2 x + 0.5)")
        return Composite(lambda graph, x, _: hard_sigmoid(graph, one(x), context.name, context.policy))
    apply = found.apply
    assert apply is not None
    return Composite(lambda graph, x, _: apply(graph, one(x)))
