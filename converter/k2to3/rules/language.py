"""What a rule is, what it gets, and what it returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Protocol

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.findings import Code, Finding
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.graph import Graph, Structure, Submodel, Tensor, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import Mask
from k2to3.keras3.masks import given as given_mask
from k2to3.keras3.naming import scope_name
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Slots, Weights, stored_names
from k2to3.options.records import ModelOptions
from k2to3.rules.channels_hint import channels_hint
from k2to3.rules.outcome import Body, Composite, Instead, Masks, Native, Outcome
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json
from k2to3.weights import Expression

KERAS = "keras"
__all__ = [
    "Body",
    "CallSite",
    "Composite",
    "Context",
    "Conversion",
    "Described",
    "Instead",
    "Masks",
    "Native",
    "Outcome",
    "Rule",
    "Rules",
    "UserClasses",
    "as_stored",
    "no_weights",
    "rule",
]


class UserClasses(Protocol):
    """The classes and functions that the user gave (`--custom-objects`)."""

    @property
    def module(self) -> str: ...
    def knows(self, name: str) -> bool: ...
    def function(self, name: str, layer: str) -> Json | None: ...
    def object(self, name: str, kind: str, config: Any, layer: str) -> Json | None: ...
    def cell(self, context: Context, width: int | None) -> Layer: ...


class Rules(Protocol):
    """Which rule reads which class, in this conversion."""

    @property
    def custom(self) -> UserClasses | None: ...
    @property
    def treat_as(self) -> Mapping[str, str]: ...
    @property
    def homonyms(self) -> frozenset[str]: ...
    def find(self, record: LayerRecord) -> Rule: ...
    def resolved(self, record: LayerRecord) -> LayerRecord: ...
    def knows(self, class_name: str) -> bool: ...
    def read_as(self, class_name: str) -> str | None: ...
    def is_builtin(self, record: LayerRecord) -> bool: ...
    def slots(self, record: LayerRecord, writer: Writer) -> Slots: ...


class Engine(Protocol):
    """What converts the layers and models that a layer holds."""

    def model(self, record: LayerRecord, weights: Weights, given: list[Tensor], conversion: Conversion) -> Submodel: ...
    def layer(
        self, record: LayerRecord, weights: Weights, inputs: Structure, parent: Context, name: str
    ) -> Outcome: ...
    def read(
        self, record: LayerRecord, weights: Weights, inputs: Structure, name: str, conversion: Conversion
    ) -> Context: ...
    def as_layer(self, outcome: Outcome, layer: str, shape: Shape, name: str, dtype: str) -> Layer: ...


@dataclass(frozen=True)
class Conversion:
    """What holds for one conversion, and what it has found so far."""

    writer: Writer
    rules: Rules
    engine: Engine
    options: ModelOptions = field(default_factory=ModelOptions)
    findings: list[Finding] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    """Options that turned out to mean something: (`lambdas` or `drop`, name)."""

    def lambda_of(self, name: str) -> Any:
        """The function that the user gave for a layer or activation, if any."""
        found = self.options.lambdas.get(name)
        if found is not None:
            self.used.add(("lambdas", name))
        return found

    def drops(self, name: str) -> bool:
        """Whether the archive may go without a regularizer or constraint."""
        if name not in self.options.drop:
            return False
        self.used.add(("drop", name))
        return True


@dataclass(frozen=True)
class Described:
    """One Keras 2 layer as its architecture describes it, before its weights are known."""

    config: Config
    record: LayerRecord
    writer: Writer
    rules: Rules

    def slots(self, inner: LayerRecord) -> Slots:
        """The weights of a layer that this one holds."""
        return self.rules.slots(inner, self.writer)


@dataclass(frozen=True)
class CallSite:
    """One call of a layer; `weights` are those of the model around it."""

    record: LayerRecord
    args: Structure
    kwargs: Mapping[str, Structure]
    weights: Weights
    conversion: Conversion

    @property
    def mask(self) -> Mask | None:
        """The mask of a call on one tensor: the one given, else the tensor's own."""
        explicit = self.kwargs.get("mask")
        if isinstance(explicit, Tensor):
            return given_mask(explicit)
        return self.args.mask if isinstance(self.args, Tensor) else None

    def names_cells(self) -> bool:
        """TF 2.2, which calls itself 2.3.0-tf as TF 2.1 does, began to name the cell in the names of weights."""
        return any("_cell" in name for name in stored_names(self.weights))


@dataclass
class Context:
    """One Keras 2 layer, seen by its rule.

    `inputs` are the tensors of its first call; `shapes` their shapes with the batch.
    """

    record: LayerRecord
    config: Config
    weights: Weights
    inputs: Structure
    name: str
    conversion: Conversion
    args: Structure = None
    kwargs: Mapping[str, Structure] = field(default_factory=dict)
    policy: str | None = None
    trainable: bool = True
    made: dict[object, Layer] | None = None
    """Layers with variables that calls on other shapes made, where there may be such."""

    @property
    def writer(self) -> Writer:
        return self.conversion.writer

    @property
    def described(self) -> Described:
        return Described(self.config, self.record, self.writer, self.conversion.rules)

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
                hint=channels_hint(self.shapes, found.shape),
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
        self.conversion.findings.append(Finding(kind, self.record.name, self.record.class_name, text, code))

    def layer(
        self,
        class_name: str,
        config: Json | None = None,
        variables: list[Expression] | None = None,
        name: str | None = None,
        **children: Layer | list[Layer],
    ) -> Layer:
        """A Keras 3 layer that carries this layer's name, trainability and dtype policy."""
        made = Layer(
            name or self.name,
            class_name,
            dict(config or {}),
            variables=list(variables or []),
            children=dict(children),
            trainable=self.trainable,
            dtype=self.policy,
        )
        if self.made is None or not any(True for e in made.variables for _ in e.sources()):
            return made
        key = _Made(made.name, class_name, dict(made.config), tuple(made.variables))
        return self.made.setdefault(key, made)

    def once(self, key: object, make: Callable[[], Submodel]) -> Submodel:
        """A model with weights that calls on other shapes use too."""
        if self.made is None:
            return make()
        if key not in self.made:
            self.made[key] = make()
        found = self.made[key]
        assert isinstance(found, Submodel)
        return found

    def convert(self, record: LayerRecord, weights: Weights, inputs: Structure, name: str) -> Outcome:
        """Convert a layer that stands inside this one, as if called on `inputs`."""
        return self.conversion.engine.layer(record, weights, inputs, self, name)

    def read(self, record: LayerRecord, weights: Weights) -> Context:
        """A cell that this layer holds, with what all layers have in common read."""
        name = scope_name(record.name)
        return self.conversion.engine.read(record, weights, self.inputs, name, self.conversion)

    def as_layer(self, outcome: Outcome, shape: Shape, name: str, dtype: str = "float32") -> Layer:
        """One layer for use inside a wrapper; a composite becomes a nested Functional model."""
        return self.conversion.engine.as_layer(outcome, self.record.name, shape, name, dtype)

    def child(self, config: Json, shape: Shape, name: str | None = None, dtype: str | None = None) -> Outcome:
        """Convert a layer that this one wraps, as if called on one input of `shape`."""
        record = parse_layer(config)
        label = name or record.name
        tensor = Graph().input("input", shape, dtype or next(tensors(self.inputs)).dtype)
        return self.convert(record, self.weights.child(record.name), tensor, scope_name(label))


@dataclass(frozen=True)
class _Made:
    """What a layer was when a rule made it: rules and graphs go on to change it."""

    name: str
    class_name: str
    config: Json = field(hash=False)
    variables: tuple[Expression, ...] = field(hash=False)


Convert = Callable[[Context], Outcome]
SlotsOf = Callable[[Described], Slots]
MasksOf = Callable[[Context, Masks], Masks]


@dataclass(frozen=True)
class Rule:
    """How the layers of some Keras 2 classes are converted."""

    classes: tuple[str, ...]
    convert: Convert
    slots: SlotsOf
    masks: MasksOf | str
    doc: str
    module: str
    origin: str = KERAS
    """The package whose class it converts."""
    check: Callable[[CallSite], None] | None = None
    """Refuses a call that Keras 2 computed in a way that the file does not tell."""
    instead: Callable[[CallSite], Instead | None] | None = None
    """What is called in the layer's place, where this call needs that."""

    @property
    def label(self) -> str:
        """Its place below `rules/`, and its name there."""
        return f"{self.module.removeprefix('k2to3.rules.')}.{self.convert.__name__}"

    @property
    def third_party(self) -> bool:
        return self.origin != KERAS

    def __call__(self, context: Context) -> Outcome:
        return self.convert(context)


def no_weights(layer: Described) -> Slots:
    return Slots(trainable=layer.record.trainable)


def as_stored(layer: Described) -> Slots:
    """Whatever the file holds, by the names it has there (see `Slots.open`)."""
    return Slots(open=True, trainable=layer.record.trainable)


def rule(
    *classes: str,
    slots: SlotsOf = no_weights,
    masks: MasksOf | str = "pass",
    origin: str = KERAS,
    check: Callable[[CallSite], None] | None = None,
    instead: Callable[[CallSite], Instead | None] | None = None,
) -> Callable[[Convert], Rule]:
    """Make the function below the rule of these Keras 2 classes.

    Args:
        classes: class names as they stand in checkpoints.
        slots: the weights the layer has in Keras 2, from its config alone; `as_stored`
            where only the file knows.
        masks: what Keras 2's `compute_mask` returned: `"pass"` (the first input's
            mask), `"drop"`, or a function of the context and the input masks.
        origin: the package that the classes come from, where it is not Keras.
        check: raises for a call that cannot be converted, before any other thing is done with it.
        instead: another model for a call that needs one.
    """

    def make(convert: Convert) -> Rule:
        doc = (convert.__doc__ or "").strip()
        return Rule(classes, convert, slots, masks, doc, convert.__module__, origin, check, instead)

    return make
