"""Layers that keep a state from batch to batch."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.keras2.model import OP_LAYERS, LayerRecord
from k2to3.keras2.parse import parts
from k2to3.keras3.graph import Structure, tensors


def refuse_open_state(record: LayerRecord, args: Structure) -> None:
    """Keras keeps a state for each sample of a batch, so both refuse one of unknown size."""
    given = next(tensors(args), None)
    if given is None or given.shape[:1] != (None,) or record.class_name in OP_LAYERS:
        return
    if any(config.get("stateful") for _, config in parts(record)):
        raise BadConfig(
            "needs to know the size of its batch",
            key="stateful",
            hint="in the old environment, build it with batch_input_shape=(N, …)",
        )
