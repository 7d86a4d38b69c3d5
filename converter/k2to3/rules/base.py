"""What a rule is, what it gets, and what it returns."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from k2to3.errors import UnsupportedLayer, WeightMismatch
from k2to3.findings import Code, Finding
from k2to3.keras2.config import Config
from k2to3.keras2.input_spec import check_inputs
from k2to3.keras2.keras1 import CLASSES as KERAS1_CLASSES
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras2.since import check_age
from k2to3.keras3.graph import Graph, Structure, Tensor, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import Mask
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Slots, Weights
from k2to3.rules import extras
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json
from k2to3.weights import Expression

Masks = list[Mask | None]
Body = Callable[[Graph, Structure, Mapping[str, Structure]], Structure]


@dataclass
class Context:
    """One Keras 2 layer, seen by its rule.

    `inputs` are the tensors of its first call; `shapes` their shapes with the batch.
    """

    record: LayerRecord
    config: Config
    weights: Weights
    inputs: Structure
    writer: Writer
    name: str
    findings: list[Finding]
    convert_model: Callable[[LayerRecord, Weights, list[Tensor], Writer, list[Finding]], Any]
    args: Structure = None
    kwargs: Mapping[str, Structure] = field(default_factory=dict)
    policy: str | None = None
    trainable: bool = True

    @property
    def shapes(self) -> list[Shape]:
        return [tensor.shape for tensor in tensors(self.inputs)]

    @property
    def shape(self) -> Shape:
        return self.shapes[0]

    @property
    def masked(self) -> bool:
        """Whether any input carries a mask, in Keras 2 or by Keras 3's own doing."""
        return any(t.mask is not None or t.auto is not None for t in tensors(self.inputs))

    def weight(self, slot: str, *shape: int | None) -> Expression:
        """The stored weight of a slot; None in `shape` matches any extent.

        Raises:
            WeightMismatch: missing, or of another shape than the architecture says.
        """
        if slot not in self.weights.slots:
            raise WeightMismatch(f"weight {slot!r} is missing", layer=self.record.name)
        found = self.weights.slots[slot]
        if len(found.shape) != len(shape) or any(
            want is not None and want != have for want, have in zip(shape, found.shape, strict=True)
        ):
            wanted = "×".join("?" if n is None else str(n) for n in shape) or "scalar"
            raise WeightMismatch(
                f"weight {slot!r} has shape {list(found.shape)}, the architecture says {wanted}",
                layer=self.record.name,
            )
        return found

    def find_weight(self, pattern: str, *shape: int | None) -> Expression:
        """The one stored weight whose name matches a regular expression as a whole.

        Raises:
            WeightMismatch: none or several match, or the shape is another.
        """
        found = [name for name in self.weights.slots if re.fullmatch(pattern, name)]
        if len(found) != 1:
            text = ", ".join(self.weights.slots) or "nothing"
            raise WeightMismatch(
                f"one weight should be named like {pattern!r}; the file holds {text}", layer=self.record.name
            )
        return self.weight(found[0], *shape)

    def note(self, kind: str, text: str, code: Code | None = None) -> None:
        """Record what a user should know about this layer; `code` where the proof has to know it too."""
        self.findings.append(Finding(kind, self.record.name, self.record.class_name, text, code))

    def layer(
        self,
        class_name: str,
        config: Json | None = None,
        variables: list[Expression] | None = None,
        name: str | None = None,
        **children: Layer | list[Layer],
    ) -> Layer:
        """A Keras 3 layer that carries this layer's name, trainability and dtype policy."""
        return Layer(
            name or self.name,
            class_name,
            dict(config or {}),
            variables=list(variables or []),
            children=dict(children),
            trainable=self.trainable,
            dtype=self.policy,
        )

    def child(
        self, config: Json, shape: Shape, name: str | None = None, dtype: str | None = None
    ) -> Native | Composite:
        """Convert a layer that this one wraps, as if called on one input of `shape`."""
        record = parse_layer(config)
        label = name or record.name
        graph = Graph()
        tensor = graph.input("input", shape, dtype or next(tensors(self.inputs)).dtype)
        weights = self.weights.child(record.name)
        return convert_layer(record, weights, tensor, self, label.replace("/", "_"))


@dataclass(frozen=True)
class Native:
    """One built-in layer takes the place of the Keras 2 layer.

    `masks`, where given, computes the masks the call gets from its inputs.
    """

    layer: Layer
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    masks: Callable[[Structure], Mapping[str, Any]] | None = None
    arrange: Callable[[Structure, Mapping[str, Structure]], tuple[Structure, Mapping[str, Structure]]] | None = None
    """Turns Keras 2's call arguments into Keras 3's."""
    deaf: bool = False
    """Gets no mask, not even one given as an argument."""


@dataclass(frozen=True)
class Composite:
    """A small graph of built-in layers and ops takes the place of the Keras 2 layer."""

    body: Body
    inline: bool = False
    """Always part of the surrounding graph, never a nested model of the same name."""
    values: bool = False
    """Takes and gives constants and extents as well; a list stands for several outputs."""


KERAS = "keras"


@dataclass(frozen=True)
class Rule:
    """A registered rule."""

    classes: tuple[str, ...]
    convert: Callable[[Context], Native | Composite]
    slots: Callable[[Config, LayerRecord, Writer], Slots]
    masks: Callable[[Context, Masks], Masks] | str
    doc: str
    module: str
    origin: str = KERAS
    """The package whose class it converts."""

    @property
    def third_party(self) -> bool:
        return self.origin != KERAS


_RULES: dict[str, Rule] = {}


def no_weights(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    return Slots(trainable=record.trainable)


def rule(
    *classes: str,
    slots: Callable[[Config, LayerRecord, Writer], Slots] = no_weights,
    masks: Callable[[Context, Masks], Masks] | str = "pass",
    origin: str = KERAS,
) -> Callable[[Callable[[Context], Native | Composite]], Callable[[Context], Native | Composite]]:
    """Register the function below as the rule of these Keras 2 classes.

    Args:
        classes: class names as they stand in checkpoints.
        slots: the weights the layer has in Keras 2, from its config alone; `as_stored`
            where only the file knows.
        masks: what Keras 2's `compute_mask` returned: `"pass"` (the first input's
            mask), `"drop"`, or a function of the context and the input masks.
        origin: the package that the classes come from, where it is not Keras.
    """

    def register(convert: Callable[[Context], Native | Composite]) -> Callable[[Context], Native | Composite]:
        doc = (convert.__doc__ or "").strip()
        found = Rule(classes, convert, slots, masks, doc, convert.__module__, origin)
        loading = extras.collecting()
        target = _RULES if loading is None else loading
        for name in classes:
            if name in target:
                raise ValueError(f"two rules for {name}")
            target[name] = found
        return convert

    return register


def as_stored(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    """Whatever the file holds, by the names it has there (see `Slots.open`)."""
    return Slots(open=True, trainable=record.trainable)


@cache
def registry() -> Mapping[str, Rule]:
    """All rules by Keras 2 class name; imports the rule modules on first use."""
    package = importlib.import_module("k2to3.rules")
    for module in pkgutil.walk_packages(package.__path__, "k2to3.rules."):
        importlib.import_module(module.name)
    return _RULES


def find_rule(record: LayerRecord) -> Rule:
    """The rule of a layer.

    What the user said comes first: rules of their own, then `treat_as`.

    Raises:
        UnsupportedLayer: with the way out, where one is known.
    """
    given, name = extras.current(), record.class_name
    if name in given.rules:
        return given.rules[name]
    found = registry().get(given.treat_as.get(name, name))
    if given.custom is not None and name not in given.treat_as and given.custom.knows(name):
        if found is not None and not found.third_party:
            raise UnsupportedLayer(
                f"both Keras and {given.custom.module} have a class {name!r}, and the file does not say which it means",
                layer=record.name,
                hint=f"--treat-as {name}={name} for Keras's own; else rename the class or write a rule",
            )
        from k2to3.custom.rule import CUSTOM

        return CUSTOM
    if found is None:
        from k2to3.rules.unknown import unsupported

        raise unsupported(record)
    return found


def rule_class(class_name: str) -> str | None:
    """The class as whose rule a layer is read; None where no rule of ours reads it."""
    given = extras.current()
    if class_name in given.rules or (given.custom is not None and given.custom.knows(class_name)):
        return given.treat_as.get(class_name)
    name = given.treat_as.get(class_name, class_name)
    return name if name in registry() or name in KERAS1_CLASSES else None


def is_builtin(record: LayerRecord) -> bool:
    """Whether a layer is one of Keras's own, not of a package's or of the user's."""
    found = find_rule(record)
    return not found.third_party and registry().get(extras.resolved(record).class_name) is found


def slots_of(record: LayerRecord, writer: Writer) -> Slots:
    """The weights of a layer or nested model, from the architecture alone.

    Raises:
        UnsupportedLayer: no rule, or a class of the user's that is named like a built-in one.
    """
    if record.model is None:
        check_age(record, writer)
    if record.model is not None:
        children = {layer.name: slots_of(layer, writer) for layer in record.model.layers}
        return Slots(children=children, trainable=record.model.trainable)
    found = find_rule(record)
    return found.slots(Config(record.config, record.name), extras.resolved(record), writer)


def convert_layer(
    record: LayerRecord, weights: Weights, inputs: Structure, parent: Context, name: str
) -> Native | Composite:
    """Convert a layer that stands inside a wrapper."""
    given = list(tensors(inputs))
    if record.model is not None:
        model = parent.convert_model(record, weights, given, parent.writer, parent.findings)
        model.name = name
        return Native(model)
    if is_builtin(record):
        check_inputs(extras.resolved(record), inputs, {})
    context = make_context(record, weights, inputs, parent.writer, name, parent.findings, parent.convert_model)
    # A frozen or half-precision wrapper speaks for what it wraps.
    context.trainable = context.trainable and parent.trainable
    return apply_rule(context)


def make_context(
    record: LayerRecord,
    weights: Weights,
    inputs: Structure,
    writer: Writer,
    name: str,
    findings: list[Finding],
    convert_model: Callable[..., Any],
) -> Context:
    """Read what all layers have in common and leave the rest to the rule."""
    from k2to3.rules.common import read_common

    config, record = Config(record.config, record.name), extras.resolved(record)
    context = Context(record, config, weights, inputs, writer, name, findings, convert_model)
    return read_common(context)


def apply_rule(context: Context) -> Native | Composite:
    """Run the rule of a layer and make sure that it looked at every key."""
    outcome = find_rule(context.record).convert(context)
    context.config.finish()
    return outcome


def as_layer(outcome: Native | Composite, context: Context, shape: Shape, name: str, dtype: str = "float32") -> Layer:
    """One layer for use inside a wrapper; a composite becomes a nested Functional model."""
    if isinstance(outcome, Native) and not outcome.kwargs and outcome.arrange is None:
        return outcome.layer
    from k2to3.engine.calls import nested_composite

    body = outcome.body if isinstance(outcome, Composite) else None
    if body is None:
        raise UnsupportedLayer("cannot stand inside a wrapper with call arguments", layer=context.record.name)
    return nested_composite(Composite(body), name, [(shape, dtype)])
