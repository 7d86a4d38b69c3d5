"""From the tensors of a checkpoint to the weights of layers."""

from __future__ import annotations

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.layer import Layer, Slot, ordered
from k2to3.proof.keras2.network import Network
from k2to3.proof.keras2.tensor import Array
from k2to3.sources.checkpoint import WeightGroups
from k2to3.sources.tensors import StoredTensor


def bind(network: Network, groups: WeightGroups) -> None:
    """Give every layer its arrays, group by group.

    Raises:
        NotSpecified: a group has more or fewer than its layer.
    """
    groups = _in_order(network, groups)
    for name, layer in network.layers.items():
        tensors = groups.get(name, ())
        trainable, fixed = ordered(layer)
        slots = _once(trainable + fixed)
        if len(slots) != len(tensors):
            raise NotSpecified(f"{len(tensors)} weights are stored, and its entry knows {len(slots)}", layer=name)
        for (owner, key), tensor in zip(slots, tensors, strict=True):
            owner.weights[key] = array(tensor)
    prepare(network)


def _in_order(network: Network, groups: WeightGroups) -> WeightGroups:
    """Groups under the names of the layers.

    Keras 2 itself went by their order (`load_weights_from_hdf5_group`): a Sequential inside of another had no name in
    architectures of Keras before 2.2.3, and is called otherwise in each process.
    """
    stored = {name: tensors for name, tensors in groups.items() if tensors}
    holding = [name for name, layer in network.layers.items() if any(ordered(layer))]
    if not network.model.sequential or stored.keys() <= set(holding) or len(stored) != len(holding):
        return groups
    return dict(zip(holding, stored.values(), strict=True))


def prepare(layer: Layer) -> None:
    """From the layout of the file to that of TensorFlow's Keras 2."""
    for inner in layer.inner():
        prepare(inner)
    if layer.weights:
        layer.weights = layer.prepared(layer.weights)


def _once(slots: list[Slot]) -> list[Slot]:
    """Shared layers save their weights where they come first."""
    return list(dict.fromkeys(slots))


def array(tensor: StoredTensor) -> Array:
    """The values; bfloat16 as float32."""
    value = tensor.read()
    if tensor.dtype != "bfloat16":
        return value
    bits = np.ascontiguousarray(value).view(np.uint16).astype(np.uint32) << 16
    return bits.view(np.float32).reshape(tensor.shape)
