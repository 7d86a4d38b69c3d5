"""Operations of a Lambda go into the Keras 3 graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from k2to3.bytecode.noise import NoiseOff
from k2to3.bytecode.values import NotRecovered, Value
from k2to3.errors import K2to3Error
from k2to3.functions import dispatch
from k2to3.functions.emitter import Emitter
from k2to3.functions.registry import registry
from k2to3.functions.spelling import canonical
from k2to3.functions.values import Complex, RuntimeInteger, Unknowable, holds_runtime
from k2to3.keras3.graph import Tensor

MAX_OPERATIONS = 1_000
# TensorFlow 1 meant something else by these than TensorFlow 2.
TF1 = frozenset({"image.resize", "image.resize_images"})


class GraphBackend:
    """See `values.Backend`; every operation goes through `k2to3.functions.dispatch`."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self.trace: list[str] = []
        self._seen: dict[int, int] = {}

    def symbolic(self, value: Value) -> bool:
        return isinstance(value, (Tensor, RuntimeInteger, Complex, Unknowable)) or (
            isinstance(value, np.ndarray) and value.dtype == object and holds_runtime(value)
        )

    def call(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        name = self._release(canonical(symbol))
        self._log(name, args, kwargs)
        return self._guarded(dispatch.call, name, list(args), dict(kwargs))

    def attribute(self, value: Value, name: str) -> Value:
        self._log(f".{name}", [value], {})
        return self._guarded(dispatch.attribute, value, name)

    def method(self, value: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        self._log(f".{name}()", [value, *args], kwargs)
        return self._guarded(dispatch.method, value, name, list(args), dict(kwargs))

    def constant(self, symbol: str) -> Value:
        return dispatch.constant(symbol)

    def noise(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
        self._log(symbol, (), {})
        return NoiseOff(self, self.emitter.noise_off, self._train).value(symbol, args, kwargs)

    def _train(self, text: str) -> None:
        self.emitter.note("accepted", text)

    def unroll(self, value: Value) -> Sequence[Value]:
        if isinstance(value, Tensor) and value.shape and value.shape[0] is not None and value.shape[0] <= 64:
            return [self.call("operator.getitem", [value, index], {}) for index in range(value.shape[0])]
        if isinstance(value, np.ndarray) and value.ndim == 1:
            return list(value)
        raise NotRecovered("it goes through the items of a tensor")

    def _guarded(self, function: object, *args: Value) -> Value:
        assert callable(function)
        try:
            return function(self.emitter, *args)
        except K2to3Error:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            # The families trust TensorFlow's own checks; a Lambda may call them with anything.
            raise NotRecovered(f"{args[0]} is called with arguments that do not fit ({error})") from error

    def _release(self, name: str) -> str:
        """TensorFlow 1's own variant where the file was written by it."""
        writer, tail = self.emitter.writer, name.removeprefix("tensorflow.")
        if name == tail or f"tensorflow.compat.v1.{tail}" not in registry():
            return name
        first = writer.standalone and writer.before(2, 3, 0)
        if not first and tail in TF1 and (writer.standalone or writer.before(2, 3)):
            raise NotRecovered(f"{name} of TensorFlow 1 or 2, which compute otherwise; the file does not say which")
        return f"tensorflow.compat.v1.{tail}" if first else name

    def _log(self, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> None:
        if len(self.trace) >= MAX_OPERATIONS:
            raise NotRecovered(f"it takes more than {MAX_OPERATIONS} operations")
        parts = [self._text(arg) for arg in args] + [f"{key}={self._text(kwargs[key])}" for key in sorted(kwargs)]
        self.trace.append(f"{name}({', '.join(parts)})")

    def _text(self, value: Value) -> str:
        if isinstance(value, Tensor):
            return f"t{self._seen.setdefault(id(value), len(self._seen))}"
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(self._text(item) for item in value)}]"
        if isinstance(value, RuntimeInteger):
            return type(value).__name__
        return repr(value)
