"""Inside the worker: one and ten training steps of both Kerases from the same state."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.archive.reading import WEIGHTS
from k2to3.proof.comparable import Arrays, NotComparable
from k2to3.proof.targets import steps

Job = dict[str, Any]
STEPS = 10
CHECKED = (1, STEPS)
NOISE_FACTOR, NOISE_LIMIT = 4, 1e-3
ROUNDING = 1e-4
"""What a weight's error is relative to at least: a bias before a BatchNormalization has no gradient but rounding."""
# The most that losses of ten steps may be apart for a reason that the report states; those measured make 7e-3.
EXCUSED = 2e-2
STEPS_AND_RATE = 2
FIXED_SCALE = "a fixed loss scale: should a gradient overflow, Keras 3 skips the step, where Keras 2 applied it"
BESSEL = 0.5
"""Of a variance of two values and more: what N/(N-1) makes of it is at most that part off."""


def compare_training(job: Job, evidence: dict[str, Any]) -> str | None:
    """Compare losses and weights; returns what differs, or None."""
    try:
        return _compare(job, evidence)
    except NotComparable as reason:
        evidence["not_proved"].append(f"training: {reason}")
        return None


def _compare(job: Job, evidence: dict[str, Any]) -> str | None:
    settings = job["training"]
    if settings is None:
        raise NotComparable("the checkpoint is not compiled")
    if any(item is None for item in settings["losses"]):
        raise NotComparable("an output has no loss of Keras's own")
    if missing := lacks(job["archive_config"].get("compile_config"), len(settings["losses"])):
        raise NotComparable(missing)
    if other := other_rate(job):
        return other
    model, off = _archive(job["archive"])
    shapes = [tuple(output.shape) for output in model.outputs]
    data = list(steps(job, shapes, STEPS))
    if reasons := [*settings["differs"], *seen(job)]:
        problem = None if any(not reason["first"] for reason in reasons) else first_loss(job, model, data[:1])
        if problem is None:
            raise NotComparable("; ".join(reason["text"] for reason in reasons))
        return problem
    want = _reference(job, data)
    have = train(model, data, lambda path: _saved(model, path))
    evidence["training"] = list(_differences(job, want, have, data, fused_variances(model, settings["owners"])))
    wrong = [item for item in evidence["training"] if not item["equal"]]
    if off:
        evidence["not_proved"].append(f"training with random layers on (compared with them off: {', '.join(off)})")
    if wrong and all(item["equal"] for item in evidence["training"] if item["what"] == "losses"):
        # A bias before a BatchNormalization has no gradient but rounding, which Adam makes large.
        raise NotComparable(f"the losses of {STEPS} steps are equal, but {_message(wrong[0])}")
    close = [*settings["close"], *([FIXED_SCALE] if fixed_scale(settings["config"]["optimizer_config"]) else [])]
    if wrong and close and excused(wrong, settings["config"]):
        raise NotComparable("; ".join(close))
    return _message(wrong[0]) if wrong else None


def lacks(compiled: Any, outputs: int) -> str:
    """What the archive itself, for all to see, was not given of what training needs; empty where it has all."""
    if not compiled:
        return "the archive is not compiled"
    loss = compiled.get("loss")
    given = loss if isinstance(loss, list) else [loss]
    return "" if len(given) == outputs and all(given) else "the archive goes without the loss of an output"


def seen(job: Job) -> list[dict[str, Any]]:
    """Why steps must differ, as the archive and tf-keras show: no arrays of the optimizer, a mask on an output."""
    found = []
    count = stored_state(job["archive"])
    if len(job["optimizer"]) > STEPS_AND_RATE >= count and not job["training"]["stateless"]:
        text = f"the optimizer starts afresh: the file holds {len(job['optimizer'])} of its arrays, the archive none"
        found.append({"text": text, "first": True})
    from k2to3.proof.oracle import load_oracle

    outputs = getattr(load_oracle(job, {})[0], "outputs", None) or ()
    if any(getattr(output, "_keras_mask", None) is not None for output in outputs):
        text = "an output carries a mask, which weighs the loss otherwise in some Keras 2 releases"
        found.append({"text": text, "first": False})
    return found


def stored_state(archive: str) -> int:
    """Variables of the optimizer in an archive."""
    import h5py

    with zipfile.ZipFile(archive) as opened, opened.open(WEIGHTS) as member, h5py.File(member, "r") as root:
        group = root.get("optimizer/vars")
        return 0 if group is None else len(group)


def first_loss(job: Job, model: Any, data: list[tuple[Any, Any]]) -> str | None:
    """What is wrong before any step, where only steps may differ."""
    want = _reference(job, data, save=lambda folder: {})
    have = train(model, data, lambda path: {})
    (gap,) = _losses(job, want, have, 1)
    allowed = job["tolerance"] * gap[2]
    if gap[1] > allowed:
        moved = _losses(job, want, _reference(job, data, nudge=True, save=lambda folder: {}), 1)[0][1]
        allowed = max(allowed, min(NOISE_FACTOR * moved, NOISE_LIMIT * gap[2]))
    return None if gap[1] <= allowed else f"training, losses after step 1: differs by {gap[1]:.3g}"


def excused(wrong: list[dict[str, Any]], config: dict[str, Any]) -> bool:
    """Whether a reason that makes steps close may account for this; the first loss is of before any step."""
    losses = {item["step"]: item["max_error"] / item["scale"] for item in wrong if item["what"] == "losses"}
    if CHECKED[0] in losses:
        return False
    return fixed_scale(config["optimizer_config"]) or max(losses.values(), default=0.0) <= EXCUSED


def fixed_scale(optimizer: dict[str, Any]) -> bool:
    """A loss scale that Keras 2 kept when a gradient overflowed: steps that Keras 3 does not take."""
    scale = optimizer["config"].get("loss_scale")
    dynamic = scale["class_name"] != "FixedLossScale" if isinstance(scale, dict) else optimizer["config"].get("dynamic")
    return optimizer["class_name"].startswith("LossScaleOptimizer") and not (dynamic is None or dynamic)


def other_rate(job: Job) -> str | None:
    """Steps go by the variable: the rate in the archive's config counts once somebody compiles with it."""
    stored = _rate(job["training"]["config"]["optimizer_config"])
    written = _rate(job["archive_config"]["compile_config"]["optimizer"])
    if stored is None or written is None or np.isclose(stored, written, rtol=1e-6, atol=0):
        return None
    return f"training: the archive's config says a learning rate of {written:.7g}, that of the file {stored:.7g}"


def _rate(optimizer: dict[str, Any]) -> float | None:
    """A learning rate that is a number and stays as it is."""
    config = optimizer["config"]
    inner = config.get("inner_optimizer") or config.get("optimizer")
    if isinstance(inner, dict):
        return _rate(inner)
    rate = config.get("learning_rate", config.get("lr"))
    return float(rate) if isinstance(rate, int | float) else None


def _message(item: dict[str, Any]) -> str:
    if not item.get("variable"):
        return f"training, {item['what']} after step {item['step']}: differs by {item['max_error']:.3g}"
    first = "" if item["step"] == CHECKED[0] else f", after step {CHECKED[0]} by no more than is allowed"
    return (
        f"training, weight {item['variable']} after step {item['step']}: differs by {item['max_error']:.3g} where "
        f"{item['allowed']:.2g} is allowed (its largest value is {item['scale']:.3g}){first}; {item['unequal']} of "
        f"{item['variables']} weights differ"
    )


def _archive(path: str) -> tuple[Any, list[str]]:
    import keras

    model = keras.saving.load_model(path, compile=True)
    off = still(model)
    return model, off


def still(model: Any) -> list[str]:
    """SequenceCall random layers off; their names.

    Raises:
        NotComparable: a layer is random in a way that has no switch.
    """
    found = []
    for layer in model._flatten_layers():
        kind = type(layer).__name__
        if kind.startswith("Random") or kind == "AlphaDropout":
            raise NotComparable(f"layer {layer.name!r} ({kind}) is random")
        for attribute in ("rate", "stddev", "dropout", "recurrent_dropout", "_dropout"):
            value = getattr(layer, attribute, None)
            if isinstance(value, float) and value > 0:
                if attribute in ("dropout", "_dropout") and "Attention" in kind:
                    raise NotComparable(f"layer {layer.name!r} ({kind}) is random")
                _set_zero(layer, attribute)
                found.append(layer.name)
    return list(dict.fromkeys(found))


def _set_zero(layer: Any, attribute: str) -> None:
    try:
        setattr(layer, attribute, 0.0)
    except AttributeError:
        # A read-only view of the cell's, which is among the layers too.
        return


def train(model: Any, data: list[tuple[Any, Any]], save: Callable[[Path], Arrays]) -> dict[str, Any]:
    """The loss of every step, and all weights after the checked ones."""
    losses, weights = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for index, (x, y) in enumerate(data, start=1):
            model.reset_metrics()
            losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
            if index in CHECKED:
                weights[index] = save(Path(folder))
    return {"losses": losses, "weights": weights}


def _saved(model: Any, folder: Path) -> Arrays:
    model.save(folder / "trained.keras")
    return read_variables(folder / "trained.keras")


def read_variables(path: Path) -> Arrays:
    """The variables of an archive that this process wrote itself."""
    import h5py

    found: Arrays = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer/"):
            found[name] = item[()]

    with zipfile.ZipFile(path) as archive, archive.open(WEIGHTS) as member, h5py.File(member, "r") as root:
        root.visititems(visit)
    return found


def _reference(
    job: Job, data: list[tuple[Any, Any]], nudge: bool = False, save: Callable[[Path], Arrays] | None = None
) -> dict[str, Any]:
    from k2to3.proof.continuation import compiled_oracle, converted_weights

    try:
        oracle = compiled_oracle(job, nudge)
    except NotComparable:
        raise
    except Exception as error:
        raise NotComparable(f"tf-keras cannot go on from this file: {type(error).__name__}: {error}"[:300]) from error
    still(oracle)
    try:
        return train(oracle, data, save or (lambda folder: converted_weights(oracle, folder)))
    except Exception as error:
        raise NotComparable(f"tf-keras cannot train it: {type(error).__name__}: {error}"[:300]) from error


Gap = tuple[str, float, float]
"""The variable's name, the largest difference, and the largest value of the reference."""


def fused_variances(model: Any, owners: dict[str, str]) -> set[str]:
    """Moving variances that the fused kernel of tf-keras updates with N/(N-1) of a batch's variance.

    `owners` says whose variables a group of the archive holds.
    """
    found = {}
    for layer in model._flatten_layers():
        if type(layer).__name__ == "BatchNormalization" and layer.built and layer.input_spec.ndim in (4, 5):
            found[layer.name] = len(layer.weights) - 1
    return {f"{path}/vars/{found[name]}" for path, name in owners.items() if name in found}


def _differences(
    job: Job, want: Any, have: Any, data: list[tuple[Any, Any]], fused: set[str]
) -> Iterator[dict[str, Any]]:
    """One entry for the losses and one for the weights, after one and after ten steps: the worst each."""
    noise: dict[str, Any] | None = None
    for step in CHECKED:
        for what, compared in (("losses", _losses), ("weights", _weights)):
            gaps = [gap for gap in compared(job, want, have, step) if gap[0] not in fused or gap[1] > BESSEL * gap[2]]
            allowed = [job["tolerance"] * scale for _, _, scale in gaps]
            if any(gap > limit for (_, gap, _), limit in zip(gaps, allowed, strict=True)):
                # How far Keras 2 itself goes astray when its weights move in the last bit.
                noise = noise or _reference(job, data, nudge=True)
                moved = {path: gap for path, gap, _ in compared(job, want, noise, step)}
                allowed = [
                    max(limit, min(NOISE_FACTOR * moved[path], NOISE_LIMIT * scale))
                    for (path, _, scale), limit in zip(gaps, allowed, strict=True)
                ]
            yield _entry(step, what, gaps, allowed)


def _entry(step: int, what: str, gaps: list[Gap], allowed: list[float]) -> dict[str, Any]:
    (name, gap, scale), limit = max(zip(gaps, allowed, strict=True), key=lambda item: item[0][1] / (item[1] or 1e-30))
    entry = {
        "step": step,
        "what": what,
        "max_error": gap,
        "scale": scale,
        "allowed": limit,
        "equal": bool(gap <= limit),
    }
    if what == "losses":
        return entry
    unequal = sum(other > most for (_, other, _), most in zip(gaps, allowed, strict=True))
    return {**entry, "variable": name, "unequal": unequal, "variables": len(gaps)}


def _losses(job: Job, want: Any, have: Any, step: int) -> list[Gap]:
    a, b = np.array(want["losses"][:step]), np.array(have["losses"][:step])
    gap = float(np.abs(a - b).max()) if np.isfinite(b).all() else float("inf")
    return [("", gap, float(np.abs(a).max()) or 1.0)]


def _weights(job: Job, want: Any, have: Any, step: int) -> list[Gap]:
    a, b = want["weights"][step], have["weights"][step]
    if set(a) != set(b):
        raise NotComparable("the trained Keras 2 model converts to another layout")
    return [_gap(path, a[path], b[path]) for path in sorted(a)]


def _gap(path: str, want: Any, have: Any) -> Gap:
    first, second = want.astype("float64"), have.astype("float64")
    gap = float(np.abs(first - second).max(initial=0.0)) if np.isfinite(second).all() else float("inf")
    largest = float(np.abs(first).max(initial=0.0))
    return path, gap, max(largest, ROUNDING) if largest else 1.0
