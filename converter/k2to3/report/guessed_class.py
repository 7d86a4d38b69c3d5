"""What layer a group of weights may belong to, for files that do not say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from k2to3.matching.slots import base_name
from k2to3.sources.tensors import StoredTensor

BY_GATES = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}
BY_RANK = {2: "Dense", 3: "Conv1D", 4: "Conv2D", 5: "Conv3D"}
SLOTS = {
    "embeddings": "Embedding",
    "moving_mean": "BatchNormalization",
    "running_mean": "BatchNormalization",
    "pointwise_kernel": "SeparableConv",
    "depthwise_kernel": "DepthwiseConv",
    "alpha": "PReLU",
    "alphas": "PReLU",
    "gamma": "LayerNormalization",
}
CONTAINERS = ("layers", "_layer_checkpoint_dependencies", "cells")


def likely_class(name: str, tensors: Sequence[StoredTensor], kind: str) -> str:
    """A guess such as `LSTM(128)?`; files by path name the class themselves."""
    if kind == "variables":
        return _from_path(name)
    if not tensors:
        return "no weights"
    found: dict[str, StoredTensor] = {}
    for tensor in tensors:
        found.setdefault(_slot(tensor.name), tensor)
    if "recurrent_kernel" in found:
        return _recurrent(found, tensors)
    known = next((label for slot, label in SLOTS.items() if slot in found), None)
    if known == "Embedding":
        rows, width = found["embeddings"].shape
        return f"Embedding({rows}, {width})?"
    if known:
        return f"{known}?"
    kernel = found.get("kernel") or tensors[0]
    label = BY_RANK.get(len(kernel.shape))
    # Kernels of Theano have their filters first, biases of neither.
    width = found["bias"].shape[-1] if "bias" in found and found["bias"].shape else kernel.shape[-1]
    return f"{label}({width})?" if label else "?"


def _slot(name: str) -> str:
    """`lstm_1_U_i` of Keras 1 counts as its last words do."""
    base = base_name(name)
    if base.endswith(("_W", "_b")):
        return "kernel" if base.endswith("_W") else "bias"
    return next((slot for slot in SLOTS if base.endswith(slot)), base)


def _recurrent(found: dict[str, StoredTensor], tensors: Sequence[StoredTensor]) -> str:
    recurrent = found["recurrent_kernel"].shape
    units = recurrent[-2] if len(recurrent) == 2 else recurrent[-1] // 4
    gates = recurrent[-1] // units if units else 0
    label = BY_GATES.get(gates, "RNN") if len(recurrent) == 2 else "ConvLSTM"
    text = f"{label}({units})"
    both = sum(base_name(t.name) == "recurrent_kernel" for t in tensors) == 2
    return f"Bidirectional({text})?" if both else f"{text}?"


def _from_path(path: str) -> str:
    parts = path.split("/")
    named = [part for before, part in pairwise(parts) if before in CONTAINERS]
    return named[-1].rstrip("0123456789").rstrip("_") if named else "?"
