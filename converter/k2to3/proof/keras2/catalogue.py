"""Which entry a class name of Keras has: a closed table."""

from __future__ import annotations

from types import ModuleType

from k2to3.errors import NotSpecified
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.proof.keras2 import (
    activation,
    addons,
    attention,
    convolutional,
    core,
    einsum_dense,
    input_layer,
    locally_connected,
    merging,
    multi_head_attention,
    network,
    normalization,
    pooling,
    regularization,
    reshaping,
)
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.keras1 import layers as keras1_layers
from k2to3.proof.keras2.lambdas import layer as lambda_layer
from k2to3.proof.keras2.layer import Layer
from k2to3.proof.keras2.ops import layers as op_layers
from k2to3.proof.keras2.ops import node
from k2to3.proof.keras2.preprocessing import encoding, images, lookup, numbers
from k2to3.proof.keras2.recurrent import bidirectional, cells, conv_lstm, rnn, stacked_cells, time_distributed
from k2to3.sources.json_text import Json

FAMILIES: tuple[ModuleType, ...] = (
    activation,
    addons,
    attention,
    convolutional,
    core,
    einsum_dense,
    input_layer,
    keras1_layers,
    locally_connected,
    merging,
    multi_head_attention,
    network,
    normalization,
    pooling,
    regularization,
    reshaping,
    bidirectional,
    cells,
    conv_lstm,
    rnn,
    op_layers,
    node,
    lambda_layer,
    encoding,
    images,
    lookup,
    numbers,
    stacked_cells,
    time_distributed,
)


def _entries() -> dict[str, type[Layer]]:
    found: dict[str, type[Layer]] = {}
    for module in FAMILIES:
        for entry in vars(module).values():
            if isinstance(entry, type) and issubclass(entry, Layer) and entry.__module__ == module.__name__:
                for name in vars(entry).get("names", ()):
                    assert name not in found, name
                    found[name] = entry
    return found


ENTRIES = _entries()


class Builder:
    """Builds layers for one author."""

    def __init__(self, author: Author) -> None:
        self.author = author

    def record(self, record: LayerRecord) -> Layer:
        entry = ENTRIES.get(record.class_name)
        if entry is None:
            raise NotSpecified(f"no entry for class {record.class_name!r}", layer=record.name)
        return entry(record, self)

    def config(self, config: Json) -> Layer:
        return self.record(parse_layer(config))
