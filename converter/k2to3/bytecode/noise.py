"""Random functions and the phase of training inside a Lambda."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from k2to3.bytecode.values import NotRecovered, Value
from k2to3.functions.noise import HINT


def random_refused(symbol: str) -> NotRecovered:
    """The refusal of noise that the user did not accept to lose."""
    return NotRecovered(f"it is random at inference or in training ({symbol}), which Keras 3 cannot keep", hint=HINT)


class NoiseOff:
    """The value of a random function with its noise at rest."""

    def __init__(self, backend: Any, accepted: bool, note: Callable[[str], None]) -> None:
        self.backend = backend
        self.accepted = accepted
        self.note = note

    def value(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        if not self.accepted:
            raise random_refused(symbol)
        name = symbol.rpartition(".")[2]
        if name == "learning_phase":
            self.note("takes the path of inference")
            return 0
        if name in ("in_train_phase", "in_test_phase"):
            values = dict(zip(("x", "alt", "training"), args, strict=False)) | dict(kwargs)
            self.note("takes the path of inference")
            return values.get("alt" if name == "in_train_phase" else "x")
        if name == "random_normal_variable":
            raise random_refused(symbol)
        return self.backend.call(symbol, args, kwargs)
