"""The few fields of TensorFlow's messages that say where weights are.

Sources: tensorflow/core/protobuf/{saved_object_graph,trackable_object_graph,tensor_bundle}.proto and
tensorflow/core/framework/tensor_shape.proto; the numbers of fields never change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import Damaged
from k2to3.limits import Limits, too_much
from k2to3.sources.saved_model.wire import entry, fields, message, number, numbers, text


@dataclass(frozen=True)
class Slot:
    """A variable that an optimizer keeps for another one."""

    original: int
    name: str
    variable: int


@dataclass(frozen=True)
class Node:
    """An object of the program that was saved.

    `children` maps the names of attributes to numbers of nodes; `kind` is what TensorFlow calls an object of Keras or
    its own (`_tf_keras_layer`), `variable` for one; `keys` (in checkpoints) maps what is stored of it to its name in
    the table of tensors.
    """

    children: dict[str, int]
    slots: tuple[Slot, ...] = ()
    kind: str = ""
    metadata: str = ""
    name: str = ""
    keys: dict[str, str] | None = None
    full_name: str = ""
    asset: int | None = None
    functions: tuple[str, ...] = ()
    constant: str = ""


@dataclass(frozen=True)
class Entry:
    """Where a tensor of a bundle lies."""

    dtype: int = 0
    shape: tuple[int, ...] = ()
    shard: int = 0
    offset: int = 0
    size: int = 0
    crc: int = 0
    sliced: bool = False


def saved_nodes(data: bytes, limits: Limits) -> list[Node]:
    """SavedObjectGraph: what a SavedModel says of its objects."""
    return _nodes(data, _saved, limits)


def trackable_nodes(data: bytes, limits: Limits) -> list[Node]:
    """TrackableObjectGraph: what a checkpoint says of its objects."""
    return _nodes(data, _trackable, limits)


def _nodes(data: bytes, read: Callable[[bytes], Node], limits: Limits) -> list[Node]:
    """Field 1 of an object graph.

    Raises:
        Damaged: none, or one names an object that is not there. UnsafeFile: too many, or too much between them.
    """
    listed = [value for key, value in fields(data) if key == 1]
    if len(listed) > limits.objects:
        raise too_much("objects", f"more than {limits.objects} objects")
    nodes: list[Node] = []
    references = 0
    for value in listed:
        node = read(message(value))
        references += len(node.children) + len(node.slots) + len(node.keys or ())
        nodes.append(node)
        if references > limits.containers:
            raise too_much("containers", f"objects with more than {limits.containers} attributes")
    if not nodes:
        raise Damaged("no objects are in it")
    for node in nodes:
        numbered = [*node.children.values(), *(n for slot in node.slots for n in (slot.original, slot.variable))]
        if any(not 0 <= each < len(nodes) for each in numbered):
            raise Damaged("a damaged object graph: it names an object that is not there")
    return nodes


def _saved(data: bytes) -> Node:
    children: dict[str, int] = {}
    slots: list[Slot] = []
    found: dict[str, Any] = {}
    for key, value in fields(data):
        if key == 1:
            name, child = _reference(message(value))
            children[name] = child
        elif key == 3:
            slots.append(_slot(message(value)))
        elif key == 4:
            found = _user_object(message(value))
        elif key == 5:
            found = {"kind": "asset", "asset": _asset(message(value))}
        elif key == 7:
            found = {"kind": "variable", "name": _first_text(message(value), 6)}
        elif key == 6:
            names = tuple(text(item) for inner, item in fields(message(value)) if inner == 1)
            found = {"kind": "function", "functions": names}
        elif key == 9:
            found = {"kind": "constant", "constant": _first_text(message(value), 1)}
        elif key == 10:
            found = {"kind": "resource"}
    return Node(children, tuple(slots), **found)


def _user_object(data: bytes) -> dict[str, str]:
    names = {1: "kind", 3: "metadata"}
    return {names[key]: text(value) for key, value in fields(data) if key in names}


def _asset(data: bytes) -> int:
    return next((number(value) for key, value in fields(data) if key == 1), 0)


def _first_text(data: bytes, wanted: int) -> str:
    return next((text(value) for key, value in fields(data) if key == wanted), "")


def bound_inputs(data: bytes, limits: Limits) -> dict[str, tuple[int, ...]]:
    """SavedObjectGraph: name of a function → the nodes that it is called with.

    Raises:
        UnsafeFile: too many.
    """
    found: dict[str, tuple[int, ...]] = {}
    count = 0
    for key, value in fields(data):
        if key == 2:
            name, function = entry(message(value))
            inputs = [item for inner, item in fields(function) if inner == 2]
            count += 1 + sum(1 if isinstance(item, int) else len(item) for item in inputs)
            if count > limits.containers:
                raise too_much("containers", f"functions with more than {limits.containers} inputs")
            found[text(name)] = tuple(each for item in inputs for each in numbers(item))
    return found


def _trackable(data: bytes) -> Node:
    children, slots, keys, full_name = {}, [], {}, ""
    for key, value in fields(data):
        if key == 1:
            name, child = _reference(message(value))
            children[name] = child
        elif key == 2:
            what, where, full = _serialized(message(value))
            keys[what], full_name = where, full_name or full
        elif key == 3:
            slots.append(_slot(message(value)))
    return Node(children, tuple(slots), keys=keys, full_name=full_name)


def _reference(data: bytes) -> tuple[str, int]:
    name, child = "", 0
    for key, value in fields(data):
        if key == 1:
            child = number(value)
        elif key == 2:
            name = text(value)
    return name, child


def _slot(data: bytes) -> Slot:
    original, name, variable = 0, "", 0
    for key, value in fields(data):
        if key == 1:
            original = number(value)
        elif key == 2:
            name = text(value)
        elif key == 3:
            variable = number(value)
    return Slot(original, name, variable)


def _serialized(data: bytes) -> tuple[str, str, str]:
    found = {key: text(value) for key, value in fields(data) if key in (1, 2, 3)}
    return found.get(1, ""), found.get(3, ""), found.get(2, "")


def described_nodes(data: bytes, limits: Limits) -> dict[int, tuple[str, str]]:
    """`keras_metadata.pb`: number of a node → (kind, what Keras says of it)."""
    found: dict[int, tuple[str, str]] = {}
    for key, value in fields(data):
        if key != 1:
            continue
        node, kind, described = 0, "", ""
        for inner, item in fields(message(value)):
            if inner == 2:
                node = number(item)
            elif inner == 4:
                kind = text(item)
            elif inner == 5:
                described = text(item)
        found[node] = kind, described
        if len(found) > limits.objects:
            raise too_much("objects", f"more than {limits.objects} objects")
    return found


def asset_name(data: bytes) -> str:
    """AssetFileDef: the name of a file below `assets/`."""
    return _first_text(data, 2)


def bundle_shards(data: bytes) -> int:
    """BundleHeaderProto: the number of data files.

    Raises:
        Damaged: written on a machine of another byte order, or no number.
    """
    found = {key: number(value) for key, value in fields(data) if key in (1, 2)}
    if found.get(2, 0):
        raise Damaged("its numbers are stored with the highest byte first, as few machines ever did")
    return found.get(1, 0)


def bundle_entry(data: bytes) -> Entry:
    """BundleEntryProto."""
    names = {1: "dtype", 3: "shard", 4: "offset", 5: "size", 6: "crc"}
    found: dict[str, int] = {}
    shape: tuple[int, ...] = ()
    sliced = False
    for key, value in fields(data):
        if key == 2:
            shape = tuple(extents(message(value)))
        elif key == 7:
            sliced = True
        elif key in names:
            found[names[key]] = number(value)
    return Entry(shape=shape, sliced=sliced, **found)


def extents(data: bytes) -> Iterator[int]:
    """TensorShapeProto."""
    for key, value in fields(data):
        if key == 2:
            yield next((number(item) for inner, item in fields(message(value)) if inner == 1), 0)
        elif key == 3 and value:
            raise Damaged("a tensor has no shape")
