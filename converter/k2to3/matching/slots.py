"""Which weights a Keras 2 layer has, and in which order a file holds them.

A group lists all trainable weights of a layer tree, then all others
(`layer.weights`; `_legacy_weights` in tf-keras), while Keras 3 keeps them per layer in
creation order. The `trainable` flags are those of the moment of saving.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.sources.author import Writer
from k2to3.sources.tensors import StoredTensor
from k2to3.weights import Expression, Stored

Path = tuple[str, ...]
"""Child names from the outer layer down, then the slot name."""
NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Slots:
    """The weights of a layer tree.

    `trained` and `other` are the layer's own trainable and non-trainable weights in
    creation order; `children` its sublayers, by the name they have in the model.
    `open`: the architecture does not tell; the layer takes what the file holds under its
    name, by the name it has there (`block_0/conv/kernel` of `tcn/block_0/conv/kernel:0`).
    """

    trained: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    children: Mapping[str, Slots] = field(default_factory=dict)
    trainable: bool = True
    open: bool = False

    def count(self) -> int:
        own = len(self.trained) + len(self.other)
        return own + sum(child.count() for child in self.children.values())

    def opened(self) -> Iterator[Path]:
        """Where open layers stand in the tree."""
        if self.open:
            yield ()
        for name, child in self.children.items():
            yield from ((name, *path) for path in child.opened())


@dataclass(frozen=True)
class Weights:
    """The stored tensors of a layer tree, by slot and by child."""

    slots: Mapping[str, Expression] = field(default_factory=dict)
    children: Mapping[str, Weights] = field(default_factory=dict)

    def child(self, name: str) -> Weights:
        return self.children.get(name, Weights())


def trainable_first(slots: Slots, writer: Writer) -> list[Path]:
    """The order of a file."""
    return [*_trainable(slots), *_other(slots, writer)]


def _trainable(slots: Slots) -> Iterator[Path]:
    if slots.trainable:
        yield from ((name,) for name in slots.trained)
        for name, child in slots.children.items():
            yield from _under(name, _trainable(child))


def _other(slots: Slots, writer: Writer) -> Iterator[Path]:
    if slots.trainable:
        yield from ((name,) for name in slots.other)
        for name, child in slots.children.items():
            yield from _under(name, _other(child, writer))
        return
    yield from ((name,) for name in (*slots.trained, *slots.other))
    if writer.standalone:
        # Multi-backend Keras: freezing a model does not freeze its layers.
        for part in (_trainable, lambda child: _other(child, writer)):
            for name, child in slots.children.items():
                yield from _under(name, part(child))
        return
    for name, child in slots.children.items():
        yield from _under(name, trainable_first(child, writer))


def _under(name: str, paths: Iterator[Path] | list[Path]) -> Iterator[Path]:
    return ((name, *path) for path in paths)


def assign_closed(slots: Slots, tensors: Sequence[StoredTensor], writer: Writer, layer: str) -> Weights:
    """Match the tensors of one group to slots: by order, checked against the names.

    Raises:
        WeightMismatch: too many, too few, or names that contradict the order.
    """
    paths = trainable_first(slots, writer)
    if len(paths) != len(tensors):
        wanted = ", ".join("/".join(path) for path in paths) or "none"
        found = ", ".join(tensor.name for tensor in tensors) or "none"
        raise WeightMismatch(
            f"expects {len(paths)} weights ({wanted}), the file holds {len(tensors)} ({found})",
            layer=layer,
        )
    matched = dict(zip(paths, tensors, strict=True))
    if not _names_agree(matched):
        matched = _by_name(paths, tensors, layer)
    return _tree({path: Stored(tensor) for path, tensor in matched.items()})


def check_names(weights: Weights, layer: str) -> None:
    """Refuse weights that are not named as Keras's own class names them.

    A class of the author's may be called `Dense` and have two weights of the same shapes.
    Not for Keras 1, which named weights otherwise; open slots take any name.

    Raises:
        WeightMismatch: the names are others.
    """
    # ConvNeXt's LayerScale before TF 2.13 gave its gamma no name.
    pairs = [(slot if (name, slot) == ("Variable", "gamma") else name, slot) for name, slot in _named_pairs(weights)]
    if all(name == slot for name, slot in pairs):
        return
    found, wanted = Counter(name for name, _ in pairs), Counter(slot for _, slot in pairs)
    if found != wanted:
        raise WeightMismatch(
            f"its weights are named {', '.join(found - wanted)}, Keras's own class names them "
            f"{', '.join(wanted - found)}: is it the author's own class?",
            layer=layer,
            hint="if it is Keras's: --treat-as CLASS=CLASS",
        )


def _named_pairs(weights: Weights) -> Iterator[tuple[str, str]]:
    """(name in the file, slot) of every weight of a layer tree."""
    for slot, expression in weights.slots.items():
        yield from ((base_name(tensor.name), base_name(slot)) for tensor in expression.sources())
    for child in weights.children.values():
        yield from _named_pairs(child)


def stored_names(weights: Weights) -> Iterator[str]:
    """The names in the file of all weights of a tree."""
    for expression in weights.slots.values():
        yield from (tensor.name for tensor in expression.sources())
    for child in weights.children.values():
        yield from stored_names(child)


def _tree(flat: Mapping[Path, Expression]) -> Weights:
    own = {path[0]: value for path, value in flat.items() if len(path) == 1}
    names = dict.fromkeys(path[0] for path in flat if len(path) > 1)
    children = {name: _tree({p[1:]: v for p, v in flat.items() if len(p) > 1 and p[0] == name}) for name in names}
    return Weights(own, children)


def base_name(name: str) -> str:
    """`lstm_1/lstm_cell/kernel:0` → `kernel`."""
    last = name.rpartition("/")[2].partition(":")[0]
    return NUMBERED.sub("", last) if last[-1:].isdigit() else last


def _names_agree(matched: Mapping[Path, StoredTensor]) -> bool:
    pairs = [(base_name(tensor.name), path[-1]) for path, tensor in matched.items()]
    if any(base != wanted for base, wanted in pairs) and Counter(b for b, _ in pairs) == Counter(w for _, w in pairs):
        return False
    if all(len(path) == 1 for path in matched):
        return True
    mentioned = {part for tensor in matched.values() for part in tensor.name.split("/")}
    # Of layers of one name in several models, TensorFlow 2.0 numbered the weights of the second: order decides.
    counted = Counter(path[-2:] for path in matched if len(path) > 1)
    single = {path: tensor for path, tensor in matched.items() if counted[path[-2:]] == 1}
    if not {path[-2] for path in single} <= mentioned:
        return True
    return all(path[-2] in tensor.name.split("/") for path, tensor in single.items())


def _by_name(paths: Sequence[Path], tensors: Sequence[StoredTensor], layer: str) -> dict[Path, StoredTensor]:
    """The names contradict the order: take them instead, if they leave no doubt."""
    found: dict[Path, StoredTensor] = {}
    for path in paths:
        fitting = [t for t in tensors if _fits(path, t.name)]
        if len(fitting) != 1:
            raise WeightMismatch(
                f"the order and the names of its weights contradict each other at {'/'.join(path)}",
                layer=layer,
            )
        found[path] = fitting[0]
    if len(set(map(id, found.values()))) != len(tensors):
        raise WeightMismatch("two weights have the same name", layer=layer)
    return found


def _fits(path: Path, name: str) -> bool:
    return base_name(name) == path[-1] and (len(path) == 1 or path[-2] in name.split("/"))
