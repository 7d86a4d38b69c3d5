"""One step of SimpleRNN, GRU and LSTM.

The gates stand side by side in the kernels: z, r, h of a GRU; i, f, c, o of an LSTM. `implementation` (Keras 1's
`consume_less`) only orders the arithmetic. Keras 1 kept an array for each gate unless `consume_less='gpu'`, the
LSTM's in the order i, c, f, o. CuDNN layers, and files that came from them, keep each kernel transposed and two
biases (keras/engine/saving.py 2.2.4 `_convert_rnn_weights`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.recurrent.loop import States
from k2to3.proof.keras2.tensor import Array

CELL_ONLY_TRAINING = ("dropout", "recurrent_dropout", "implementation", "unit_forget_bias", "input_dim", "input_length")


class Cell(Layer):
    """A step: `project` is what can be done for all steps at once."""

    source = "keras/layers/recurrent.py"

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        """Shapes of the states, without the batch; `inputs` is one step."""
        raise NotImplementedError

    def project(self, inputs: Array, context: Context) -> Array:
        return inputs

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        raise NotImplementedError


class GatedCell(Cell):
    """A kernel, a recurrent kernel and a bias with some gates side by side."""

    gates: Sequence[str] = ("",)
    gates_of_keras1: Sequence[str] = ("",)

    def read(self, options: Options, make: Make) -> None:
        self.units = int(options.take("units"))
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make, default="tanh")
        self.consume_less = str(options.take("consume_less", "cpu"))
        options.ignore(*CELL_ONLY_TRAINING)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        if self.author.keras1 and len(self.gates) > 1 and self.consume_less != "gpu":
            return [f"{part}_{gate}" for gate in self.gates_of_keras1 for part in ("kernel", "recurrent", "bias")], ()
        return (("kernel", "recurrent", "bias") if self.use_bias else ("kernel", "recurrent")), ()

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        if "kernel" not in weights:
            parts = ("kernel", "recurrent", "bias")
            return {part: np.concatenate([weights[f"{part}_{g}"] for g in self.gates], axis=-1) for part in parts}
        count = len(self.gates)
        if self.use_bias and count > 1 and weights["bias"].shape == (2 * count * self.units,):
            return from_cudnn(weights, count)
        return weights

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        return [(self.units,)]

    def project(self, inputs: Array, context: Context) -> Array:
        found = inputs.astype(context.dtype, copy=False) @ self.weight("kernel", context)
        return found + self.input_bias(context) if self.use_bias else found

    def input_bias(self, context: Context) -> Array:
        return self.weight("bias", context)


def from_cudnn(weights: dict[str, Array], gates: int) -> dict[str, Array]:
    """CuDNN's layout as a plain layer's; a GRU keeps both biases, an LSTM their sum."""
    bias = weights["bias"].reshape(2, -1)
    return {
        "kernel": _by_gate(weights["kernel"], gates, lambda k: k.T.reshape(k.shape, order="F")),
        "recurrent": _by_gate(weights["recurrent"], gates, lambda k: k.T),
        "bias": bias if gates == 3 else bias.sum(axis=0),
    }


def _by_gate(kernel: Array, gates: int, function: Callable[[Array], Array]) -> Array:
    return np.hstack([function(k) for k in np.hsplit(kernel, gates)])


class SimpleRNNCell(GatedCell):
    """activation(x · W + h · U + b)."""

    since = "2.0.7"
    names = ("SimpleRNNCell",)

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        found = self.activation(inputs + states[0] @ self.weight("recurrent", context), context)
        return found, [found]


class GRUCell(GatedCell):
    """h = z * h' + (1 - z) * candidate.

    `reset_after` (since 2.1.5, False where a file does not say) multiplies r with the recurrent product instead of
    with the state, and has a second row of biases.
    """

    since = "2.0.7"
    history = ("2.1.5: reset_after", "tf.keras 2.0: reset_after is True by default, and always written")
    names = ("GRUCell", "GRUCellV1", "GRUCellV2")
    gates = ("z", "r", "h")
    gates_of_keras1 = ("z", "r", "h")

    def read(self, options: Options, make: Make) -> None:
        super().read(options, make)
        self.gate = activation(options, make, "recurrent_activation", default=None)
        self.reset_after = bool(options.take("reset_after", False))
        if "recurrent_activation" not in options.values:
            raise options.unspecified("the config has no 'recurrent_activation'")

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        found = super().prepared(weights)
        if self.use_bias and (found["bias"].ndim == 2) != self.reset_after:
            raise self.unspecified("its biases do not go with reset_after")
        return found

    def input_bias(self, context: Context) -> Array:
        bias = self.weight("bias", context)
        return bias[0] if self.reset_after else bias

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        before, u = states[0], self.units
        recurrent = self.weight("recurrent", context)
        if self.reset_after:
            inner = before @ recurrent
            inner = inner + self.weight("bias", context)[1] if self.use_bias else inner
            reset = self.gate(inputs[:, u : 2 * u] + inner[:, u : 2 * u], context)
            update = self.gate(inputs[:, :u] + inner[:, :u], context)
            candidate = reset * inner[:, 2 * u :]
        else:
            inner = before @ recurrent[:, : 2 * u]
            update = self.gate(inputs[:, :u] + inner[:, :u], context)
            reset = self.gate(inputs[:, u : 2 * u] + inner[:, u:], context)
            candidate = (reset * before) @ recurrent[:, 2 * u :]
        found = update * before + (1 - update) * self.activation(inputs[:, 2 * u :] + candidate, context)
        return found, [found]


class LSTMCell(GatedCell):
    """c = f * c' + i * activation(…); h = o * activation(c)."""

    since = "2.0.7"
    names: ClassVar[tuple[str, ...]] = ("LSTMCell", "LSTMCellV1", "LSTMCellV2")
    gates = ("i", "f", "c", "o")
    gates_of_keras1 = ("i", "c", "f", "o")

    def read(self, options: Options, make: Make) -> None:
        super().read(options, make)
        self.gate = activation(options, make, "recurrent_activation", default=None)
        if "recurrent_activation" not in options.values:
            raise options.unspecified("the config has no 'recurrent_activation'")

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        return [(self.units,), (self.units,)]

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        z = inputs + states[0] @ self.weight("recurrent", context)
        i, f, c, o = np.split(z, 4, axis=-1)
        carry = self.gate(f, context) * states[1] + self.gate(i, context) * self.activation(c, context)
        found = self.gate(o, context) * self.activation(carry, context)
        return found, [found, carry]


class PeepholeLSTMCell(LSTMCell):
    """Gates also see the carry, each through a weight of its own."""

    since = "tf.keras 1.14, gone in 2.10"
    source = "tensorflow/python/keras/layers/recurrent.py"
    names = ("PeepholeLSTMCell",)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (*super().own_weights()[0], "peep_i", "peep_f", "peep_o"), ()

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        before = states[1]
        i, f, c, o = np.split(inputs + states[0] @ self.weight("recurrent", context), 4, axis=-1)
        enter = self.gate(i + self.weight("peep_i", context) * before, context)
        keep = self.gate(f + self.weight("peep_f", context) * before, context)
        carry = keep * before + enter * self.activation(c, context)
        found = self.gate(o + self.weight("peep_o", context) * carry, context) * self.activation(carry, context)
        return found, [found, carry]
