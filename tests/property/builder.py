"""Random Keras 2 models: chains, graphs, shared layers, nested models, masks, several outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from choices import Choices
from menu import MENUS, attention

MAX_ELEMENTS = 4000
INPUTS = (
    ("vector", (4,)),
    ("tokens", (6,)),
    ("sequence", (5, 3)),
    ("image", (6, 5, 2)),
    ("tokens", (None,)),
    ("sentences", (4, 5)),
)
REFUSALS = (ValueError, TypeError, IndexError, AttributeError, NotImplementedError, AssertionError, KeyError)
MERGES = ("Add", "Concatenate", "Multiply", "Average", "Maximum", "Subtract", "Minimum")


@dataclass
class Builder:
    """Grows one model with `k` (any Keras 2 on Python 3.7 and later); nested models come from builders of their own."""

    k: Any
    c: Choices
    depth: int = 0
    tensors: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    shared: list[tuple[Any, tuple[int | None, ...]]] = field(default_factory=list)

    def model(self) -> Any:
        """A whole model."""
        if self.c.number(3) == 1:
            return self.sequential(self._first_input())
        for _ in range(1 + (self.c.number(3) if self.c.rarely(2) else 0)):
            self._start(self._first_input())
        self._grow(2 + self.c.number(9))
        return self._closed()

    def nested(self, shape: tuple[int | None, ...], dtype: str) -> Any:
        """A model that is called like a layer on one tensor."""
        inner = Builder(self.k, self.c, self.depth + 1)
        if self.c.number(2):
            return inner.sequential(self.k.Input(shape[1:], dtype=dtype))
        inner._start(self.k.Input(shape[1:], dtype=dtype))
        inner._grow(1 + self.c.number(4))
        return inner._closed(1 if self.c.number(3) else 2)

    def sequential(self, given: Any) -> Any:
        tensor, layers = given, []
        self._start(given)
        if self.tensors[-1] is not given:
            layers.append(self.tensors[-1]._keras_history[0])
            tensor = self.tensors[-1]
        for _ in range(1 + self.c.number(6)):
            layer = self._made(self._layer, tensor)
            found = self._try(layer, tensor)
            if found is not None and not isinstance(found, list):
                layers.append(layer)
                tensor = found
        source = self.k.layers.InputLayer(batch_input_shape=self._shape(given), dtype=self._dtype(given))
        return self.k.models.Sequential([source, *[_renewed(self.k, layer) for layer in layers]])

    def _first_input(self) -> Any:
        kind, shape = self.c.pick(INPUTS)
        whole = kind == "sentences" or (kind == "tokens" and self.c.number(2))
        return self.k.Input(shape, dtype="int32" if whole else "float32")

    def _start(self, tensor: Any) -> None:
        self.inputs.append(tensor)
        self.tensors.append(tensor)
        shape = self._shape(tensor)
        whole = self._dtype(tensor) == "int32"
        if (len(shape) == 3 and whole) or (len(shape) == 2 and (whole or shape[1] in (6, None))):
            layer = self.k.layers.Embedding(7, 3, mask_zero=self.c.number(2) == 1)
            self.used.add(0 if len(self.tensors) == 1 else len(self.tensors) - 1)
            self.tensors.append(layer(tensor))
            self.shared.append((layer, shape))

    def _grow(self, steps: int) -> None:
        for _ in range(steps):
            action = self.c.number(8)
            if action == 7:
                self._merge()
            elif action == 6 and self.depth < 2:
                self._apply(self._nested_of)
            elif action == 5:
                self._again()
            elif action == 4:
                self._special()
            else:
                self._apply(self._layer)

    def _nested_of(self, shape: tuple[int | None, ...], dtype: str) -> Any:
        if len(shape) > 2 and self.c.rarely(3):
            return self.k.layers.TimeDistributed(self.nested((None, *shape[2:]), dtype))
        return self.nested(shape, dtype)

    def _layer(self, shape: tuple[int | None, ...], dtype: str) -> Any:
        return self.c.pick(MENUS[min(max(len(shape), 2), 4)])(self.k, self.c)

    def _pick(self) -> int:
        """Mostly the newest tensor."""
        back = self.c.number(4)
        index = len(self.tensors) - 1 - (back - 1 if back > 1 else 0)
        return max(0, index)

    def _apply(self, make: Any) -> None:
        index = self._pick()
        tensor = self.tensors[index]
        layer = self._made(make, tensor)
        if self._call(layer, tensor, [index]):
            self.shared.append((layer, self._shape(tensor)))

    def _again(self) -> None:
        """Call a layer or model once more, on another tensor of the same shape."""
        options = [
            (layer, index)
            for layer, shape in self.shared
            for index, tensor in enumerate(self.tensors)
            if self._shape(tensor) == shape
        ]
        if options:
            layer, index = self.c.pick(options)
            self._call(layer, self.tensors[index], [index])

    def _merge(self) -> None:
        index = self._pick()
        kind = self._kind(self.tensors[index])
        others = [i for i, t in enumerate(self.tensors) if self._kind(t) == kind]
        chosen = [index] + [self.c.pick(others) for _ in range(1 + self.c.number(2))]
        name = self.c.pick(MERGES)
        if name == "Subtract":
            chosen = chosen[:2]
        self._call(getattr(self.k.layers, name)(), [self.tensors[i] for i in chosen], chosen)

    def _special(self) -> None:
        """Layers with more than one argument."""
        index = self._pick()
        tensor = self.tensors[index]
        if len(self._shape(tensor)) != 3:
            return
        kind = self.c.number(4)
        if kind == 0:
            self._call(self._made(lambda *_: attention(self.k, self.c), tensor), tensor, [index], value=tensor)
        elif kind == 1:
            scaled = self.c.number(2) == 1
            layer = self._made(lambda *_: self.k.layers.Attention(use_scale=scaled), tensor)
            self._call(layer, [tensor, tensor], [index])
        elif kind == 2:
            self._call(self.k.layers.LSTM(3, return_state=True, return_sequences=True), tensor, [index])
        else:
            state = [t for t in self.tensors if self._shape(t) == (None, 3)]
            if state:
                layer = self.k.layers.GRU(3, return_sequences=self.c.number(2) == 1)
                self._call(layer, tensor, [index], initial_state=self.c.pick(state))

    def _call(self, layer: Any, given: Any, indices: list[int], **kwargs: Any) -> bool:
        found = self._try(layer, given, **kwargs)
        if found is None:
            return False
        self.used.update(indices)
        self.tensors += found if isinstance(found, list) else [found]
        return True

    def _closed(self, limit: int = 3) -> Any:
        open_ends = [t for i, t in enumerate(self.tensors) if i not in self.used and t is not self.inputs[0]]
        outputs = [t for t in open_ends if not any(t is i for i in self.inputs)][-limit:]
        outputs = outputs or [self.tensors[-1]]
        return self.k.models.Model(
            self.inputs if len(self.inputs) > 1 else self.inputs[0], outputs if len(outputs) > 1 else outputs[0]
        )

    def _shape(self, tensor: Any) -> tuple[int | None, ...]:
        return tuple(self.k.backend.int_shape(tensor))

    def _dtype(self, tensor: Any) -> str:
        return str(self.k.backend.dtype(tensor))

    def _kind(self, tensor: Any) -> tuple[Any, str]:
        return self._shape(tensor), self._dtype(tensor)

    def _made(self, make: Any, tensor: Any) -> Any:
        """A layer for the tensor; None if this Keras has no such layer or argument."""
        try:
            return make(*self._kind(tensor))
        except REFUSALS:
            return None

    def _try(self, layer: Any, given: Any, **kwargs: Any) -> Any:
        """What the layer makes of it; None if Keras 2 itself says no, or it grows too large."""
        if layer is None:
            return None
        try:
            found = layer(given, **kwargs)
        except REFUSALS:
            return None
        flat = found if isinstance(found, list) else [found]
        for tensor in flat:
            shape = self._shape(tensor) if hasattr(tensor, "shape") else ()
            if len(shape) not in (2, 3, 4):
                return None
            if np.prod([n or 8 for n in shape[1:]]) > MAX_ELEMENTS or 0 in shape[1:]:
                return None
        return found


def _renewed(k: Any, layer: Any) -> Any:
    """The same layer without the calls that tried it out."""
    return layer if isinstance(layer, k.models.Model) else type(layer).from_config(layer.get_config())
