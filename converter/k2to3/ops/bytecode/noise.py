"""Random functions inside a Lambda.

Under `predict()` no built-in Keras 3 layer is random: `training=False` overrides what a
graph stores. So a sample becomes its mean at inference, and only when the user said so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from k2to3.ops.bytecode.values import NotRecovered, Value

if TYPE_CHECKING:
    from k2to3.ops.bytecode.graph_backend import GraphBackend

HINT = "--accept-noise-off converts it: sampling returns its mean and dropout passes its input on at inference"


def noise_off(symbol: str) -> NotRecovered:
    """The refusal of noise that the user did not accept to lose."""
    return NotRecovered(f"it is random at inference or in training ({symbol}), which Keras 3 cannot keep", hint=HINT)


class NoiseOff:
    """The value of a random function with its noise at rest."""

    def __init__(self, backend: GraphBackend | Any, accepted: bool, note: Callable[[str], None]) -> None:
        self.backend = backend
        self.accepted = accepted
        self.note = note

    def value(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if not self.accepted:
            raise noise_off(symbol)
        name = symbol.rpartition(".")[2]
        if name == "dropout":
            self.note(f"{symbol} is left out: no dropout at inference")
            return args[0] if args else kwargs["x"]
        if name == "learning_phase":
            self.note("takes the path of inference")
            return 0
        if name in ("in_train_phase", "in_test_phase"):
            return self._phase(name, args, kwargs)
        if "normal" in name and "variable" not in name:
            return self._normal(symbol, args, kwargs)
        if "uniform" in name:
            return self._uniform(symbol, args, kwargs)
        raise noise_off(symbol)

    def _phase(self, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        values = dict(zip(("x", "alt", "training"), args, strict=False)) | dict(kwargs)
        self.note("takes the path of inference")
        return values.get("alt" if name == "in_train_phase" else "x")

    def _normal(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        values = dict(zip(("shape", "mean", "stddev"), args, strict=False)) | dict(kwargs)
        mean, stddev = values.get("mean", 0.0), values.get("stddev", 1.0)
        if not _number(mean) or not _number(stddev):
            raise noise_off(symbol)
        zeros = self.backend.call("tensorflow.zeros", [values.get("shape")], {})
        native = "truncated" not in symbol and 0 <= stddev <= 1
        found = self.backend.gaussian(zeros, float(stddev)) if native else zeros
        training = "the noise stays in training" if native else "the noise is gone, in training too"
        self.note(f"{symbol} returns its mean {mean} at inference; {training}")
        return found if mean == 0 else self.backend.call("operator.add", [found, mean], {})

    def _uniform(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        values = dict(zip(("shape", "minval", "maxval"), args, strict=False)) | dict(kwargs)
        low, high = values.get("minval", 0.0), values.get("maxval", 1.0)
        if not _number(low) or not _number(high):
            raise noise_off(symbol)
        mean = (low + high) / 2
        zeros = self.backend.call("tensorflow.zeros", [values.get("shape")], {})
        self.note(f"{symbol} returns its mean {mean}; the noise is gone, in training too")
        return self.backend.call("operator.add", [zeros, mean], {})


def _number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
