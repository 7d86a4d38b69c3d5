"""Which layer owns which path in a file that goes by path (Keras 2.12 and later).

A path names attributes and classes, never layers: `layers/dense_1/vars/0` is the kernel of
the second Dense of `model.layers`. Each object lists its variables in creation order,
whatever the `trainable` flags. Source: `_save_state` in keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedLayer, WeightMismatch
from k2to3.keras2.cells import parse_cell
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras2.parse import parse_layer
from k2to3.matching.slots import Slots, Weights, base_name
from k2to3.sources.assets import FOLDERS
from k2to3.sources.object_names import numbered, snake_case
from k2to3.sources.tensors import StoredTensor
from k2to3.sources.variables import CONTAINERS
from k2to3.weights import Stored

# These keep their weights in `cell`, though the architecture shows one layer.
IN_CELL = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
PROJECTIONS = {
    "query": "_query_dense",
    "key": "_key_dense",
    "value": "_value_dense",
    "attention_output": "_output_dense",
}
SlotsOf = Callable[[LayerRecord], Slots]
Groups = dict[str, tuple[StoredTensor, ...]]


@dataclass
class PathReader:
    """Walks a model as Keras's writer did."""

    groups: Groups
    slots_of: SlotsOf
    container: str
    used: set[str] = field(default_factory=set)

    def model(self, model: Model, path: str) -> Weights:
        """The weights of a model and of everything in it.

        Raises:
            WeightMismatch: missing, left over, or another number than the layer has.
        """
        self._take(path, (), model.name)
        layers = listed(model)
        slots = [self.slots_of(record) for record in layers]
        names = layer_names(layers, slots, self.container)
        children = {
            record.name: self._layer(record, each, f"{path}/{self.container}/{name}".lstrip("/"))
            for record, each, name in zip(layers, slots, names, strict=True)
        }
        return Weights(children=children)

    def finish(self) -> None:
        """Refuse variables that no layer took."""
        for path, tensors in self.groups.items():
            if tensors and path not in self.used:
                raise WeightMismatch(f"the file holds weights under {path!r}, which no layer takes")

    def _layer(self, record: LayerRecord, slots: Slots, path: str) -> Weights:
        if record.model is not None:
            return self.model(record.model, path)
        if slots.open:
            raise UnsupportedLayer(
                f"which weights {record.class_name} keeps in such a file is not known",
                layer=record.name,
                hint="save the model as .h5",
            )
        own = (*slots.trained, *slots.other)
        if not own and record.class_name in FOLDERS:
            # Keras 2.12 and 2.13 counted an adapted table as a weight; there is nothing to find.
            return Weights()
        if own and record.class_name in IN_CELL:
            self._take(path, (), record.name)
            return self._take(f"{path}/cell", own, record.name)
        found = self._take(path, own, record.name)
        children = {
            key: self._layer(child, slots.children[key], f"{path}/{attribute}")
            for key, attribute, child in _parts(record, slots)
        }
        return Weights(found.slots, children)

    def _take(self, path: str, names: tuple[str, ...], layer: str) -> Weights:
        tensors = self.groups.get(path)
        if tensors is None:
            raise WeightMismatch(f"the file holds nothing under {path!r}", layer=layer)
        if len(tensors) != len(names):
            wanted = ", ".join(names) or "none"
            raise WeightMismatch(
                f"expects {len(names)} weights ({wanted}), the file holds {len(tensors)} under {path!r}", layer=layer
            )
        if path in self.used:
            raise WeightMismatch(f"two layers would take the weights under {path!r}", layer=layer)
        self.used.add(path)
        tensors = _by_name(tensors, names)
        return Weights({name: Stored(tensor) for name, tensor in zip(names, tensors, strict=True)})


def listed(model: Model) -> list[LayerRecord]:
    """The layers of a model as its writer counts them: a Sequential model does not list its input."""
    return [r for r in model.layers if not (model.sequential and r.class_name == "InputLayer")]


def layer_names(layers: Sequence[LayerRecord], slots: Sequence[Slots], container: str) -> list[str]:
    """Numbered by class; Keras 2.12 and 2.13 counted a layer with weights twice."""
    used: dict[str, int] = {}
    names = []
    for record, each in zip(layers, slots, strict=True):
        base = snake_case(_class(record))
        count = used.get(base, 0)
        names.append(f"{base}_{count}" if count else base)
        used[base] = count + (2 if container == CONTAINERS[1] and each.count() else 1)
    return names


def _by_name(tensors: tuple[StoredTensor, ...], names: tuple[str, ...]) -> tuple[StoredTensor, ...]:
    """In the order of `names`, where the file says them (TensorFlow checkpoints do)."""
    named = {base_name(tensor.name): tensor for tensor in tensors}
    wanted = [base_name(name) for name in names]
    return tuple(named[name] for name in wanted) if set(named) == set(wanted) and len(named) == len(names) else tensors


def _class(record: LayerRecord) -> str:
    if record.model is None:
        return record.class_name
    return "Sequential" if record.model.sequential else "Functional"


def _parts(record: LayerRecord, slots: Slots) -> Iterator[tuple[str, str, LayerRecord]]:
    """(key in the slots, attribute, record) of each sublayer."""
    config = record.config
    for key in slots.children:
        if key == "layer":
            yield key, "layer", parse_layer(config["layer"])
        elif key in ("forward", "backward"):
            wrapped = config.get("backward_layer") if key == "backward" else None
            yield key, f"{key}_layer", parse_layer(wrapped or config["layer"])
        elif key == "cell":
            yield key, "cell", parse_cell(config.get("cell"), record.name)
        elif record.class_name == "StackedRNNCells":
            cells = [parse_layer(value) for value in config["cells"]]
            yield key, f"cells/{_numbered(cells)[int(key)]}", cells[int(key)]
        elif record.class_name == "MultiHeadAttention":
            yield key, PROJECTIONS[key], LayerRecord("EinsumDense", key, {})
        else:
            raise UnsupportedLayer(
                f"where {record.class_name} keeps {key!r} in such a file is not known",
                layer=record.name,
                hint="save the model as .h5",
            )


def _numbered(cells: list[LayerRecord]) -> list[str]:
    return numbered([cell.class_name for cell in cells])
