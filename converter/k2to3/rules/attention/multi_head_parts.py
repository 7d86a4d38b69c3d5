"""Multi-head attention from EinsumDense layers and ops, masked as Keras 2 did.

Source: tf_keras/layers/attention/multi_head_attention.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from string import ascii_lowercase

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import Mask
from k2to3.keras3.types import Shape
from k2to3.rules.attention.additive_mask import mask_scores
from k2to3.rules.attention.attention import call_flags
from k2to3.rules.language import Composite, Context
from k2to3.sources.json_text import Json
from k2to3.weights import Expression


@dataclass(frozen=True)
class Equations:
    """Einsum strings for inputs of `rank` axes that attend over `axes`."""

    rank: int
    axes: tuple[int, ...]

    def project(self, outputs: int) -> str:
        """(…, features) → (…, outputs axes)."""
        letters = ascii_lowercase[: self.rank + outputs]
        free, bound, new = letters[: self.rank - 1], letters[self.rank - 1], letters[self.rank :]
        return f"{free}{bound},{bound}{new}->{free}{new}"

    def merge_heads(self, outputs: int) -> str:
        """(…, heads, width) → (…, outputs axes)."""
        letters = ascii_lowercase[: self.rank + 1 + outputs]
        free, bound, new = letters[: self.rank - 1], letters[self.rank - 1 : self.rank + 1], letters[self.rank + 1 :]
        return f"{free}{bound},{bound}{new}->{free}{new}"

    def _notations(self) -> tuple[str, str, str]:
        target = ascii_lowercase[: self.rank + 1]
        spare = iter(ascii_lowercase[self.rank + 1 :])
        source = "".join(next(spare) if axis in self.axes else letter for axis, letter in enumerate(target))
        batch = "".join(x for axis, x in enumerate(target) if axis not in self.axes and axis != self.rank)
        scores = batch + "".join(target[a] for a in self.axes) + "".join(source[a] for a in self.axes)
        return target, source, scores

    @property
    def compare(self) -> str:
        """(key, query) → scores."""
        target, source, scores = self._notations()
        return f"{source},{target}->{scores}"

    @property
    def combine(self) -> str:
        """(scores, value) → (…, heads, width)."""
        target, source, scores = self._notations()
        return f"{scores},{source}->{target}"

    def scores_shape(self, query: Shape, key: Shape, heads: int) -> Shape:
        batch = [n for axis, n in enumerate(query[:-1]) if axis not in self.axes]
        return (*batch, heads, *(query[a] for a in self.axes), *(key[a] for a in self.axes))


def _with_extents(graph: Graph, output: Tensor, extents: Shape) -> Tensor:
    """The extents of the query, which EinsumDense forgets: a Flatten and Dense behind it need them."""
    shape = (*extents, *output.shape[len(extents) :])
    if shape == output.shape or None in shape[1:]:
        return output
    return ops.reshape(graph, output, [-1, *shape[1:]])


def call_inputs(context: Context) -> tuple[Tensor, Tensor, Tensor]:
    """Query, key and value of the call at hand; the key defaults to the value."""
    given = list(tensors(context.args if context.args is not None else context.inputs))
    value = context.kwargs.get("value", given[1] if len(given) > 1 else None)
    if not isinstance(value, Tensor):
        raise BadConfig("is called without a value tensor", layer=context.record.name)
    key = context.kwargs.get("key")
    return given[0], key if isinstance(key, Tensor) else value, value


@dataclass(frozen=True)
class MaskedAttention:
    """The parts of one MultiHeadAttention."""

    context: Context
    settings: Json
    initial: Json
    variables: dict[str, list[Expression]]
    robust: bool
    automatic: bool

    def build(self) -> Composite:
        rank = len(call_inputs(self.context)[0].shape)
        axes = tuple(axis % rank for axis in self.settings.get("attention_axes") or range(1, rank - 1))
        equations = Equations(rank, axes)
        layers = {name: self._dense(name, equations) for name in self.variables}
        extents = range(-len(axes), 0)
        softmax = self._layer("softmax", "Softmax", {"axis": -1 if len(axes) == 1 else list(extents)})
        dropout = self._layer("dropout", "Dropout", {"rate": self.settings["dropout"]})
        scale = self._layer("scale", "Rescaling", {"scale": 1.0 / sqrt(float(self.settings["key_dim"])), "offset": 0.0})

        def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
            query, key, value = call_inputs(self.context)
            rest = {k: v for k, v in kwargs.items() if k not in ("value", "key", "attention_mask")}
            flags = call_flags(rest, ("use_causal_mask", "return_attention_scores"))
            q = graph.call(scale, graph.call(layers["query"], graph.unmasked(query)))
            k, v = graph.call(layers["key"], graph.unmasked(key)), graph.call(layers["value"], graph.unmasked(value))
            shape = equations.scores_shape(query.shape, key.shape, self.settings["num_heads"])
            scores = ops.einsum(graph, equations.compare, k, q)
            mask = self._mask(graph, (query, key, value), kwargs, bool(flags.get("use_causal_mask")))
            if mask is not None:
                spread = _spread(graph, mask, len(shape), len(axes))
                self._check_fits(spread, shape)
                scores = mask_scores(graph, scores, spread, self.robust)
            scores = graph.call(softmax, scores, masks={})
            weighted = graph.call(dropout, scores) if self.settings["dropout"] else scores
            joined = ops.einsum(graph, equations.combine, weighted, v)
            output = _with_extents(graph, graph.call(layers["attention_output"], joined), query.shape[:-1])
            return [output, scores] if flags.get("return_attention_scores") else output

        return Composite(body, inline=True)

    def _check_fits(self, mask: Tensor, scores: Shape) -> None:
        """Keras 2 broadcast the mask; where it could not, the model never ran."""
        pairs = zip(mask.shape, scores, strict=False)
        if len(mask.shape) > len(scores) or any(None not in (a, b) and a not in (1, b) for a, b in pairs):
            raise UnsupportedOption(
                f"a mask of shape {list(mask.shape)} on scores of shape {list(scores)}",
                layer=self.context.record.name,
                key="attention_axes",
            )

    def _layer(self, label: str, class_name: str, config: Json, variables: list[Expression] | None = None) -> Layer:
        return self.context.layer(class_name, config, variables, name=f"{self.context.name}_{label}")

    def _dense(self, name: str, equations: Equations) -> Layer:
        variables = self.variables[name]
        width = list(variables[0].shape[2:] if name == "attention_output" else variables[0].shape[1:])
        equation = equations.merge_heads(len(width)) if name == "attention_output" else equations.project(len(width))
        letters = equation.split("->")[1][-len(width) :]
        fixed = [None] * (equations.rank - 2)
        settings: Json = {"equation": equation, "output_shape": [*fixed, *width]}
        settings["bias_axes"] = letters if self.settings["use_bias"] else None
        return self._layer(name, "EinsumDense", settings | self.initial, variables)

    def _mask(
        self, graph: Graph, inputs: tuple[Tensor, Tensor, Tensor], kwargs: Mapping[str, Structure], causal: bool
    ) -> Tensor | None:
        query, key, value = inputs
        found: list[Tensor] = []
        if self.automatic:
            found += _steps(graph, query.mask, -1)
            found += _steps(graph, value.mask, -2)
            if key is not value:
                found += _steps(graph, key.mask, -2)
        if causal:
            found.append(_causal(graph, query, value))
        explicit = kwargs.get("attention_mask")
        if isinstance(explicit, Tensor):
            if not found:
                return explicit
            found.append(ops.cast(graph, explicit, "bool"))
        return _all(graph, found)


def _steps(graph: Graph, mask: Mask | None, axis: int) -> list[Tensor]:
    if mask is None:
        return []
    steps = graph.mask_tensor(mask)
    if len(steps.shape) != 2:
        raise UnsupportedOption(f"a mask of shape {list(steps.shape)}, not one for each step")
    return [ops.expand_dims(graph, steps, axis=axis)]


def _all(graph: Graph, masks: list[Tensor]) -> Tensor | None:
    if not masks:
        return None
    total = masks[0]
    for mask in masks[1:]:
        total = ops.logical_and(graph, total, mask)
    return total


def _causal(graph: Graph, query: Tensor, value: Tensor) -> Tensor:
    """(1, T, S), true where the value is not later than the query."""
    row, column = (_positions(graph, tensor) for tensor in (query, value))
    rows = ops.expand_dims(graph, row, axis=-1)
    columns = ops.expand_dims(graph, column, axis=-2)
    return ops.greater_equal(graph, rows, columns)


def _positions(graph: Graph, tensor: Tensor) -> Tensor:
    """1, 2, … along axis 1, of shape (1, length), whatever the length."""
    first = ops.get_item(graph, tensor, [slice(0, 1), slice(None), 0])
    whole = ops.cast(graph, first, "int32")
    ones = ops.add(graph, ops.multiply(graph, whole, 0), 1)
    return ops.cumsum(graph, ones, axis=1)


def _spread(graph: Graph, mask: Tensor, rank: int, axes: int) -> Tensor:
    """New axes for the heads, in front of the attended ones."""
    while len(mask.shape) < rank:
        mask = ops.expand_dims(graph, mask, axis=-2 * axes - 1)
    return mask
