"""Bidirectional: keras/layers/wrappers.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.recurrent.rnn import RNN
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, flatten
from k2to3.sources.json_text import Json


class Bidirectional(Layer):
    """A layer and its like that goes backwards, whose outputs are turned around and merged.

    The mask passes on with sequences, once for each output without a merge mode.
    """

    since = "1.1"
    source = "keras/layers/wrappers.py"
    history = (
        "2.1: initial states, half for each",
        "tf.keras: zeros at masked steps, see RNN",
        "tf.keras 2.0: backward_layer",
    )
    masking = "passes"
    names = ("Bidirectional",)

    def outgoing(self, tensor: Tensor) -> Tensor:
        return self.forward.outgoing(tensor)

    def read(self, options: Options, make: Make) -> None:
        config = options.take("layer")
        other = options.take("backward_layer", None)
        self.forward = self.one(make, config, options)
        self.backward = self.one(make, turned(config) if other is None else other, options)
        self.merge_mode = options.take("merge_mode", "concat")
        if self.merge_mode not in (*MERGE, None):
            raise options.unspecified(f"merge_mode={self.merge_mode!r}")
        options.only("num_constants", None, 0)
        options.ignore("input_dim", "input_length")
        for layer in (self.forward, self.backward):
            layer.force_zeroes()

    def one(self, make: Make, config: Json, options: Options) -> RNN:
        found = make.config(config)
        if not isinstance(found, RNN):
            raise options.unspecified(f"{found.class_name} in a Bidirectional")
        return found

    def children(self) -> Sequence[tuple[str, Layer]]:
        return (("forward_layer", self.forward), ("backward_layer", self.backward))

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        given = list(flatten(kwargs.pop("initial_state", None) or []))
        if kwargs.pop("constants", None) is not None:
            raise self.unspecified("constants")
        self.refuse_arguments(kwargs)
        tensors = list(flatten(inputs))
        given = tensors[1:] or given
        half = len(given) // 2
        ahead = list(flatten(self.forward([tensors[0], *given[:half]], context)))
        back = list(flatten(self.backward([tensors[0], *given[half:]], context)))
        first, second = ahead[0].value, back[0].value
        sequences = self.forward.return_sequences
        if sequences:
            second = np.flip(second, 0 if self.forward.time_major else 1)
        mask = tensors[0].mask if sequences else None
        if self.merge_mode is None:
            merged = [Tensor(first, mask), Tensor(second, mask)]
        else:
            merged = [Tensor(MERGE[self.merge_mode](first, second), mask)]
        found = [*merged, *ahead[1:], *back[1:]]
        return found[0] if len(found) == 1 else found


def turned(config: Json) -> Json:
    """The same layer, the other way."""
    inner = config["config"]
    return {**config, "config": {**inner, "go_backwards": not inner.get("go_backwards", False)}}


def _concat(a: Array, b: Array) -> Array:
    return np.concatenate([a, b], axis=-1)


MERGE: dict[str, Callable[[Array, Array], Array]] = {
    "concat": _concat,
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
}
