"""A checkpoint without the layers that the wanted outputs do not need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from k2to3.errors import UsageError
from k2to3.findings import Finding
from k2to3.keras2.cut import cut
from k2to3.keras2.parse import parse_model
from k2to3.sources.checkpoint import Checkpoint


def cut_checkpoint(checkpoint: Checkpoint, outputs: Sequence[str]) -> Checkpoint:
    """What is left for `outputs`: the architecture and weights of the layers that they need.

    Only weights that stand under the name of a layer that is gone are gone with it; what belongs to nobody stays, and
    is refused as ever. Without loss and optimizer, which were of the whole.

    Raises:
        UsageError: no such layers, or weights that do not say by name whose they are.
    """
    if not outputs:
        return checkpoint
    if checkpoint.by_path:
        hint = "load it in the Keras that wrote it, and save the model as .h5"
        raise UsageError(
            "--outputs wants weights under the names of layers; this file numbers them by class", hint=hint
        )
    names = {record.name for record in parse_model(checkpoint.model_config).layers}
    found = cut(checkpoint.model_config, outputs)
    strangers = sorted(name for name, tensors in checkpoint.weights.items() if tensors and name not in names)
    if strangers and checkpoint.kind == "weights":
        hint = "name the layers of the architecture as the file does"
        raise UsageError(f"--outputs: the file holds weights of {strangers}, which the architecture lacks", hint=hint)
    gone = frozenset(found.gone)
    return replace(
        checkpoint,
        model_config=found.config,
        training_config=None,
        optimizer=(),
        weights={name: tensors for name, tensors in checkpoint.weights.items() if name not in gone},
        findings=(*checkpoint.findings, _finding(outputs, found.gone)),
        cut=True,
    )


def _finding(outputs: Sequence[str], gone: Sequence[str]) -> Finding:
    what = f"layers that they do not need are gone: {', '.join(gone)}" if gone else "they need every layer"
    return Finding(
        "accepted", "", "", f"cut to the outputs of {', '.join(outputs)}; {what}; without loss and optimizer"
    )
