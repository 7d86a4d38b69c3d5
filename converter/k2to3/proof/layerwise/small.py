"""Inside the worker: normalisations by statistics of their own input, where these are as small as an epsilon.

Behind other layers no input of the model makes a variance small, and an epsilon that is a thousand times too large goes
into what rounding is allowed. So the model is run call by call once more, and every call gets a small multiple of what
the specification computed before it: what normalises is compared with what the specification's layer gives on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from k2to3.proof.differences import difference
from k2to3.proof.feeds import Feed, is_number
from k2to3.proof.judges import Judged, Specified
from k2to3.proof.layerwise.difference import worst_element
from k2to3.proof.layerwise.examination import NOISE_FACTOR, NOISE_LIMIT
from k2to3.proof.layerwise.places import Known, Places
from k2to3.proof.layerwise.walk import Made, Stopped, as_array, functional_of, replaced, walk
from k2to3.proof.running import structured

Json = dict[str, Any]
FACTORS = (1e-2, 1e-5)
"""For epsilons of a thousandth and for those of 1e-12."""
# By stored statistics, which are compared as they are.
STORED = frozenset({"BatchNormalization", "SyncBatchNormalization", "Normalization", "SpectralNormalization"})


def normalises(class_name: str) -> bool:
    """Whether a class normalises by statistics of its own input."""
    return class_name.endswith("Normalization") and class_name not in STORED


def any_normalises(node: Any) -> bool:
    """Whether a stored architecture holds such a layer."""
    if isinstance(node, dict):
        return normalises(str(node.get("class_name", ""))) or any(map(any_normalises, node.values()))
    return isinstance(node, list) and any(map(any_normalises, node))


def small_inputs(model: Any, judge: Specified, places: Places, job: Json, feed: Feed) -> Json | None:
    """The first call that differs on small inputs, as `examination` tells it; None where none does."""
    judged, _ = judge.calls(feed.values)
    for factor in FACTORS:
        pass_ = _Pass(judge, places, {call.path: call for call in judged}, job, feed, factor)
        try:
            walk(functional_of(model), structured(model, pass_.inputs()), pass_.visit)
        except Stopped:
            return None
        if pass_.found:
            return pass_.found[0]
    return None


@dataclass
class _Pass:
    judge: Specified
    places: Places
    calls: dict[tuple[tuple[str, int], ...], Judged]
    job: Json
    feed: Feed
    factor: float
    found: list[Json] = field(default_factory=list)

    def inputs(self) -> list[Any]:
        pairs = zip(self.job["inputs"], self.feed.values, strict=True)
        return [self._small(value) if is_number(spec) else value for spec, value in pairs]

    def _small(self, value: Any) -> Any:
        return (value * self.factor).astype(value.dtype) if value.dtype.kind == "f" else value

    def visit(self, made: Made) -> list[Any]:
        return [self._output(made, index, tensor) for index, tensor in enumerate(made.outputs)]

    def _output(self, made: Made, index: int, tensor: Any) -> Any:
        for known, which in self.places.of(made.chain, index):
            call = self.calls.get(known.path)
            if call is None or which >= len(call.outputs):
                continue
            have, plain = as_array(tensor), call.outputs[which].value
            if normalises(call.class_name) and self._fits(call):
                self._compare(known, call, which, have)
            if plain.shape == have.shape and plain.dtype.kind == have.dtype.kind == "f":
                tensor = replaced(tensor, self._small(plain))
        return tensor

    def _fits(self, call: Judged) -> bool:
        """Not on token IDs, which are names; not by a mask, which small numbers change; not in half precision."""
        tokens = [v for s, v in zip(self.job["inputs"], self.feed.values, strict=True) if not is_number(s)]
        given = [tensor.value for tensor in self.judge.given(call)]
        of_tokens = any(np.array_equal(value, token) for value in given for token in tokens)
        return len(given) == 1 and not of_tokens and "16" not in str(call.dtype)

    def _compare(self, known: Known, call: Judged, which: int, have: Any) -> None:
        want = self.judge.small_call(call, self.factor)[which]
        gap, scale, problem = difference(want, have)
        allowed = min(self.job["tolerance"], self.job["strict"]) * scale
        if not problem and gap > allowed:
            moved, _, _ = difference(want, self.judge.small_call(call, self.factor, "float32")[which])
            allowed = max(allowed, min(NOISE_FACTOR * moved, NOISE_LIMIT * scale))
        if problem or gap > allowed:
            result: Json = {"path": known.path, "layer": known.label, "class_name": known.class_name}
            result |= {"rule": known.rule, "output": which, "feed": self.label, "judge": self.judge.name, "how": "call"}
            result |= {"equal": False, "problem": problem, "max_error": gap, "scale": scale, "allowed": allowed}
            result |= worst_element(want, have) | {"keras2": self.judge.config(call), "keras3": [], "mask_since": None}
            self.found.append(result)

    @property
    def label(self) -> str:
        return f"{self.feed.label}, what each layer gets × {self.factor:g}"


def one_row(every: Iterator[Feed], fixed: bool) -> Feed:
    """The first feed, of one sample where the model leaves the batch open."""
    feed = next(every)
    return feed if fixed else Feed(feed.label, [value[:1] for value in feed.values])
