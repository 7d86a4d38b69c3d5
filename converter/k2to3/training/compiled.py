"""`compile_config`: losses, weights and metrics arranged for Keras 3's outputs.

Names of outputs may change, so everything goes by position: one entry for each output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from k2to3.findings import Finding
from k2to3.keras2.model import Model, leaves
from k2to3.keras2.values.kinds import NUMBER, optional
from k2to3.sources.json_text import Json
from k2to3.training.losses import Custom, loss, metric
from k2to3.training.record import Optimizer
from k2to3.training.schedules import Unsupported


def output_names(model: Model) -> list[str]:
    """Keras 2's `model.output_names`: the layers' names, numbered when repeated."""
    found: list[str] = []
    counts: dict[str, int] = {}
    for ref in leaves(model.outputs):
        seen = counts.get(ref.layer, 0)
        found.append(f"{ref.layer}_{seen}" if seen else ref.layer)
        counts[ref.layer] = seen + 1
    return found


def compile_config(optimizer: Optimizer, given: Json, model: Model, findings: list[Finding]) -> tuple[Json, list[Any]]:
    """The config and the loss of each output.

    Raises:
        Unsupported: outputs that Keras 3's `compile` cannot be told about by position.
    """
    if isinstance(model.outputs, Mapping):
        raise Unsupported("a model whose outputs are a dict")
    names = output_names(model)
    losses = _losses(given.get("loss"), names, findings)
    weights = _weights(given.get("loss_weights"), names)
    metrics = {key: _metrics(given.get(key), names, key, findings) for key in ("metrics", "weighted_metrics")}
    _sample_weights(given.get("sample_weight_mode"), names, findings)
    one = len(names) == 1
    config = {
        "optimizer": optimizer.to_json(),
        "loss": (losses[0] if one else losses) if any(losses) else None,
        "loss_weights": _used(weights, losses, one),
        **{key: _arranged(value, one) for key, value in metrics.items()},
        "run_eagerly": False,
        "steps_per_execution": 1,
        # Keras 2's choice was for TensorFlow alone; on JAX `False` would be slow.
        "jit_compile": "auto",
    }
    return config, losses


def _used(weights: list[float] | None, losses: list[Any], one: bool) -> Any:
    """Weights of the outputs that have a loss; Keras 3 counts them against the losses."""
    if weights is None or not any(losses):
        return None
    return [weights[0]] if one else [w for w, item in zip(weights, losses, strict=True) if item is not None]


def _arranged(per_output: list[list[Any]], one: bool) -> Any:
    if not any(per_output):
        return None
    return per_output[0] if one else per_output


def _spread(value: Any, names: Sequence[str], broadcast: Callable[[Any], bool]) -> list[Any]:
    """One entry per output from a single value, a list or a dict by output name."""
    if isinstance(value, Mapping) and "class_name" not in value:
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise Unsupported(f"a loss or metric for output {unknown[0]!r}, which is not there")
        return [value.get(name) for name in names]
    if broadcast(value):
        return [value] * len(names)
    if len(value) != len(names):
        raise Unsupported(f"{len(value)} losses or metrics for {len(names)} outputs")
    return list(value)


def _losses(value: Any, names: Sequence[str], findings: list[Finding]) -> list[Any]:
    found: list[Any] = []
    for name, item in zip(names, _spread(value, names, lambda v: not isinstance(v, list)), strict=True):
        try:
            found.append(None if item is None else loss(item))
        except Custom as custom:
            text = f"loss of output {name!r}: {custom}, not one of Keras's own; compile again with it"
            findings.append(Finding("dropped", "", "loss", text))
            found.append(None)
    return found


def _weights(value: Any, names: Sequence[str]) -> list[float] | None:
    if value is None:
        return None
    spread = _spread(value, names, lambda v: not isinstance(v, list))
    if any(optional(NUMBER)(item) or isinstance(item, dict) for item in spread):
        raise Unsupported("loss weights that are not numbers")
    return [1.0 if item is None else float(item) for item in spread]


def _metrics(value: Any, names: Sequence[str], key: str, findings: list[Finding]) -> list[list[Any]]:
    if not value:
        return [[] for _ in names]
    # A flat list goes to every output; as soon as one entry is a list, each has its own.
    spread = _spread(value, names, lambda v: not isinstance(v, list) or not any(isinstance(i, list) for i in v))
    return [_list(item if isinstance(item, list) else [item], key, findings) for item in spread]


def _list(items: Sequence[Any], key: str, findings: list[Finding]) -> list[Any]:
    found = []
    for item in items:
        if item is None:
            continue
        try:
            found.append(metric(item))
        except Custom as custom:
            text = f"{key}: {custom}, not one of Keras's own"
            finding = Finding("dropped", "", "metric", text)
            if finding not in findings:
                findings.append(finding)
    return found


def _sample_weights(value: Any, names: Sequence[str], findings: list[Finding]) -> None:
    modes = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    strangers = isinstance(value, dict) and not set(value) <= set(names)
    if strangers or any(mode is not None for mode in modes):
        text = "sample_weight_mode: Keras 3 goes by the shape of the weights that are given"
        findings.append(Finding("dropped", "", "compile", text))
