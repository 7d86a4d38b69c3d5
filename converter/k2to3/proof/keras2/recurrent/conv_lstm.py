"""ConvLSTM: keras/layers/convolutional_recurrent.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.convolutional import flipped, numbers
from k2to3.proof.keras2.keras1 import layouts
from k2to3.proof.keras2.layer import Context, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.recurrent.cells import CELL_ONLY_TRAINING, Cell
from k2to3.proof.keras2.recurrent.loop import Loop, States
from k2to3.proof.keras2.recurrent.rnn import Fused
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, map_tensors
from k2to3.proof.keras2.windows import correlate, window


class ConvLSTMCell(Cell):
    """An LSTM whose products are convolutions; the recurrent one is always 'same' with stride 1.

    Theano's kernels, both of them, are applied flipped.
    """

    since = "1.2"
    source = "keras/layers/convolutional_recurrent.py"
    history = ("Keras 1: an array for each gate, in the order i, c, f, o", "tf.keras 2.6: ConvLSTM1D and 3D")
    names = ("ConvLSTM1DCell", "ConvLSTM2DCell", "ConvLSTM3DCell", "ConvLSTMCell")

    def read(self, options: Options, make: Make) -> None:
        self.filters = int(options.take("filters"))
        size = options.take("kernel_size")
        self.rank = int(options.take("rank", len(size) if isinstance(size, list) else 2))
        self.size = numbers(size, self.rank)
        self.strides = numbers(options.take("strides", 1), self.rank)
        self.dilation = numbers(options.take("dilation_rate", 1), self.rank)
        self.padding = str(options.take("padding", "valid"))
        self.first = options.take("data_format", "channels_last") == "channels_first"
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make, default="tanh")
        self.gate = activation(options, make, "recurrent_activation", default="hard_sigmoid")
        options.ignore(*CELL_ONLY_TRAINING, "groups", "consume_less")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        if self.author.keras1:
            return [f"{part}_{gate}" for gate in "icfo" for part in ("kernel", "recurrent", "bias")], ()
        return (("kernel", "recurrent", "bias") if self.use_bias else ("kernel", "recurrent")), ()

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        if "kernel" not in weights:
            parts = ("kernel", "recurrent", "bias")
            weights = {
                part: np.concatenate([self.of_keras1(weights[f"{part}_{g}"]) for g in "ifco"], axis=-1)
                for part in parts
            }
        if self.author.theano:
            turned = {part: flipped(weights[part], self.rank) for part in ("kernel", "recurrent")}
            return weights | turned
        return weights

    def of_keras1(self, weight: Array) -> Array:
        return layouts.convolution(weight, self.rank, self.first, 0) if weight.ndim > 1 else weight

    def project(self, inputs: Array, context: Context) -> Array:
        """All steps at once: (batch, time, …) joined; channels last from here on."""
        x = np.moveaxis(inputs, 2, -1) if self.first else inputs
        flat = x.reshape(-1, *x.shape[2:]).astype(context.dtype, copy=False)
        geometry = zip(flat.shape[1:-1], self.size, self.strides, self.dilation, strict=True)
        windows = [window(n, k, s, d, self.padding, self.author.theano) for n, k, s, d in geometry]
        found = correlate(flat, self.weight("kernel", context), windows)
        found = found + self.weight("bias", context) if self.use_bias else found
        return found.reshape(*x.shape[:2], *found.shape[1:])

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        x = np.moveaxis(inputs, 1, -1) if self.first else inputs
        geometry = zip(x.shape[1:-1], self.size, self.strides, self.dilation, strict=True)
        counts = [window(n, k, s, d, self.padding, self.author.theano).count for n, k, s, d in geometry]
        return [(*counts, self.filters)] * 2

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        before = states[0]
        windows = [
            window(n, k, 1, 1, "same", self.author.theano) for n, k in zip(before.shape[1:-1], self.size, strict=True)
        ]
        z = inputs + correlate(before, self.weight("recurrent", context), windows)
        i, f, c, o = np.split(z, 4, axis=-1)
        carry = self.gate(f, context) * states[1] + self.gate(i, context) * self.activation(c, context)
        found = self.gate(o, context) * self.activation(carry, context)
        return found, [found, carry]


class ConvLSTM(Fused):
    """Of ConvLSTMCell."""

    since = "1.2"
    source = "keras/layers/convolutional_recurrent.py"
    history = ("to 2.2.4 a mask must have one value for every value of a step, which nothing makes",)
    names = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
    cell_class = "ConvLSTMCell"

    def read(self, options: Options, make: Make) -> None:
        options.values = options.values | {"rank": int(self.class_name[-2])}
        super().read(options, make)

    def read_cell(self, options: Options, make: Make) -> Cell:
        found = super().read_cell(options, make)
        self.first = options.values.get("data_format") == "channels_first"
        return found

    def could_use_cudnn(self) -> bool:
        return False

    def loop(self, masked: bool) -> Loop:
        if masked and self.author.keras is not None and self.author.keras < (2, 2, 5):
            raise self.unspecified("its author's Keras refuses a mask here")
        return super().loop(masked)

    def outputs(self, tensor: Tensor, given: list[Tensor], context: Context) -> Structure:
        if not self.first:
            return super().outputs(tensor, given, context)
        states = [Tensor(np.moveaxis(state.value, 1, -1)) for state in given]
        found = super().outputs(tensor, states, context)
        rank = tensor.value.ndim

        def forward(t: Tensor) -> Tensor:
            return Tensor(np.moveaxis(t.value, -1, 2 if t.value.ndim == rank else 1), t.mask)

        return map_tensors(forward, found)
