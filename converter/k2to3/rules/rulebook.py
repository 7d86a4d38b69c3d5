"""Which rule reads a layer: the user's own first, then what they want it treated as, then the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedLayer
from k2to3.keras2.config import Config
from k2to3.keras2.keras1 import CLASSES as KERAS1_CLASSES
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.since import check_age
from k2to3.matching.slots import Slots
from k2to3.rules.language import Described, Rule, UserClasses
from k2to3.rules.registry import built_in
from k2to3.rules.unknown import others_named, unsupported
from k2to3.sources.author import Writer


@dataclass(frozen=True)
class Rulebook:
    """`own` are the user's rules by class; `treat_as` maps class names of the file to class names
    that have a rule; `custom` are the user's classes, which `custom_rule` reads.
    """

    own: Mapping[str, Rule] = field(default_factory=dict)
    treat_as: Mapping[str, str] = field(default_factory=dict)
    custom: UserClasses | None = None
    custom_rule: Rule | None = None
    homonyms: frozenset[str] = frozenset()
    """Activations that may be functions of a package which are named as Keras's own."""

    def find(self, record: LayerRecord) -> Rule:
        """The rule of a layer.

        Raises:
            UnsupportedLayer: with the way out, where one is known.
        """
        name = record.class_name
        if name in self.own:
            return self.own[name]
        found = built_in().get(self.treat_as.get(name, name))
        if self.custom is not None and name not in self.treat_as and self.custom.knows(name):
            if found is not None and not found.third_party:
                raise UnsupportedLayer(
                    f"both Keras and {self.custom.module} have a class {name!r}, and the file does not say which it "
                    "means",
                    layer=record.name,
                    hint=f"--treat-as {name}={name} for Keras's own; else rename the class or write a rule",
                )
            assert self.custom_rule is not None
            return self.custom_rule
        if found is None:
            raise unsupported(record)
        return found

    def knows(self, class_name: str) -> bool:
        """Whether a class is Keras's own by name."""
        return class_name in built_in()

    def read_as(self, class_name: str) -> str | None:
        """The class as whose rule a layer is read; None where no rule of ours reads it."""
        if class_name in self.own or (self.custom is not None and self.custom.knows(class_name)):
            return self.treat_as.get(class_name)
        name = self.treat_as.get(class_name, class_name)
        return name if name in built_in() or name in KERAS1_CLASSES else None

    def is_builtin(self, record: LayerRecord) -> bool:
        """Whether a layer is one of Keras's own, not of a package's or of the user's."""
        found = self.find(record)
        return not found.third_party and built_in().get(self.resolved(record).class_name) is found

    def resolved(self, record: LayerRecord) -> LayerRecord:
        """The record under the class name the user wants it treated as."""
        name = self.treat_as.get(record.class_name)
        return record if name is None else replace(record, class_name=name)

    def slots(self, record: LayerRecord, writer: Writer) -> Slots:
        """The weights of a layer or nested model, from the architecture alone.

        Raises:
            UnsupportedLayer: no rule, or a class of the user's that is named like a built-in one.
        """
        if record.model is not None:
            children = {layer.name: self.slots(layer, writer) for layer in record.model.layers}
            return Slots(children=children, trainable=record.model.trainable)
        if not self._spoken_of(record.class_name):
            check_age(record, writer, others_named)
        described = Described(Config(record.config, record.name), self.resolved(record), writer, self)
        return self.find(record).slots(described)

    def _spoken_of(self, name: str) -> bool:
        """Whether the user said what the class is."""
        return name in self.own or name in self.treat_as or (self.custom is not None and self.custom.knows(name))
