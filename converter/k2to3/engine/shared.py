"""One layer called on several shapes: each call gets what its own shape needs, weights stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from k2to3.dataclass import dataclass
from k2to3.engine.layers import apply_rule, read_layer
from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras3.graph import Structure, tensors
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Weights
from k2to3.rules.language import Context, Conversion, Native, Outcome

Converted = tuple[Context, Outcome]
Shapes = tuple[object, ...]


@dataclass
class Shared:
    """What a layer became, for each shape that it was called on.

    `made` are its layers with variables, which all of them have in common.
    """

    record: LayerRecord
    weights: Weights
    name: str
    conversion: Conversion
    made: dict[object, Layer] = field(default_factory=dict)
    known: dict[Shapes, Converted] = field(default_factory=dict)

    def on(self, args: Structure, kwargs: Mapping[str, Structure]) -> Converted:
        """The conversion for a call on these tensors.

        Raises:
            UnsupportedOption: its weights would have to be in another layer for every shape.
        """
        shapes = shapes_of(args)
        if shapes not in self.known:
            self.known[shapes] = self._converted(args, kwargs)
        return self.known[shapes]

    @property
    def several(self) -> bool:
        """Whether it became something of its own for each of several shapes."""
        return len({id(outcome) for _, outcome in self.known.values()}) > 1

    def _converted(self, args: Structure, kwargs: Mapping[str, Structure]) -> Converted:
        findings = self.conversion.findings
        before = len(findings)
        context = read_layer(self.record, self.weights, args, self.name, self.conversion)
        context.args, context.kwargs, context.made = args, kwargs, self.made
        layers = len(self.made)
        outcome = apply_rule(context)
        if not self.known:
            return context, outcome
        # The same was said of the calls before.
        findings[before:] = [finding for finding in findings[before:] if finding not in findings[:before]]
        if len(self.made) > layers:
            raise UnsupportedOption(
                "is called on different shapes, and each would need a layer with these weights of its own",
                layer=self.record.name,
                hint="write the model with one shape, or convert it once for each",
            )
        first = next(iter(self.known.values()))
        return first if _same(first[1], outcome) else (context, outcome)


def shapes_of(args: Structure) -> Shapes:
    """The shapes and types of the tensors of a call."""
    return tuple((tensor.shape[1:], tensor.dtype) for tensor in tensors(args))


def _same(first: Outcome, second: Outcome) -> bool:
    """Whether one layer serves both calls."""
    if not isinstance(first, Native) or not isinstance(second, Native):
        return False
    one, other = first.layer, second.layer
    return one is other or (
        (one.class_name, one.config, one.variables) == (other.class_name, other.config, other.variables)
        and not one.children
        and first.kwargs == second.kwargs
    )
