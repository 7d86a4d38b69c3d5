"""RNN, SimpleRNN, GRU, LSTM and the CuDNN layers: a cell over time, with masks and states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make, Step
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.recurrent.cells import Cell
from k2to3.proof.keras2.recurrent.loop import Loop, States, rnn
from k2to3.proof.keras2.recurrent.stacked_cells import cell_of
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, flatten

OF_THE_LAYER = frozenset(
    {
        "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major",
        "zero_output_for_mask", "batch_input_shape", "trainable", "name",
    }
)  # fmt: skip


class RNN(Layer):
    """A cell over time. The mask passes on with `return_sequences`, never with the states.

    In a Bidirectional, tf.keras forces zeros at masked steps (`zero_output_for_mask`, kept by the file of 1.13).
    """

    since = "2.0.7"
    source = "keras/layers/recurrent.py"
    history: ClassVar[tuple[str, ...]] = (
        "masked steps: see recurrent/loop.py",
        "tf.keras 2.0 and 2.1: a layer that could use CuDNN never zeroes (recurrent_v2.py `standard_lstm`)",
    )
    masking = "passes"
    names: ClassVar[tuple[str, ...]] = ("RNN",)

    def read(self, options: Options, make: Make) -> None:
        self.return_sequences = bool(options.take("return_sequences", False))
        self.return_state = bool(options.take("return_state", False))
        self.backwards = bool(options.take("go_backwards", False))
        self.stateful = bool(options.take("stateful", False))
        self.unroll = bool(options.take("unroll", False))
        self.time_major = bool(options.take("time_major", False))
        self.zeroes = bool(options.take("zero_output_for_mask", False))
        options.ignore("input_dim", "input_length")
        options.only("num_constants", None, 0)
        self.cell = self.read_cell(options, make)

    def read_cell(self, options: Options, make: Make) -> Cell:
        config = options.take("cell")
        if isinstance(config, list):
            config = {"class_name": "StackedRNNCells", "config": {"name": "stacked_rnn_cells", "cells": config}}
        return cell_of(options, make, config)

    def children(self) -> Sequence[tuple[str, Layer]]:
        return (("cell", self.cell),)

    def could_use_cudnn(self) -> bool:
        return False

    def force_zeroes(self) -> None:
        """What a Bidirectional does to its layers in tf.keras; 1.13 did it without sequences too, and wrote it down."""
        if not self.author.standalone:
            self.zeroes = self.zeroes or self.return_sequences

    def differs_in_training(self) -> bool:
        return True

    def zeroes_now(self) -> bool:
        if not self.zeroes or self.author.standalone:
            return False
        if not self.could_use_cudnn() or not self.author.tensorflow_since(2, 0):
            return True
        return self.author.tensorflow_since(2, 2)

    def loop(self, masked: bool) -> Loop:
        """How it walks; the questions of history are only put where a mask is there."""
        version = self.author.keras
        if masked and self.author.backend == "cntk":
            raise self.unspecified("masks on CNTK")
        keeps = version is not None and version < (2, 2, 5) and not self.author.theano
        return Loop(self.backwards, self.unroll, keeps, masked and self.zeroes_now())

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        given = kwargs.pop("initial_state", None)
        if kwargs.pop("constants", None) is not None:
            raise self.unspecified("constants")
        self.refuse_arguments(kwargs)
        tensors = list(flatten(inputs))
        return self.outputs(tensors[0], tensors[1:] or list(flatten(given or [])), context)

    def outputs(self, tensor: Tensor, given: list[Tensor], context: Context) -> Structure:
        value, mask = tensor.value, tensor.mask
        if self.time_major:
            value = np.swapaxes(value, 0, 1)
            mask = None if mask is None else np.swapaxes(mask, 0, 1)
        states = self.first_states(value, given, context)
        loop = self.loop(mask is not None)
        step = self.stepper(value, loop, context)
        last, outputs, states = rnn(step, self.cell.project(value, context), states, mask, loop)
        if self.stateful:
            context.states[id(self)] = states
        if self.return_sequences:
            found = Tensor(np.swapaxes(outputs, 0, 1) if self.time_major else outputs, tensor.mask)
        else:
            found = Tensor(last)
        return [found, *(Tensor(state) for state in states)] if self.return_state else found

    def stepper(self, value: Array, loop: Loop, context: Context) -> Callable[[Array, States], tuple[Array, States]]:
        """The step of the cell; remembered with its input, where that is asked for."""
        times = iter(range(value.shape[1])[:: -1 if loop.backwards else 1])

        def step(projected: Array, states: States) -> tuple[Array, States]:
            output, found = self.cell.step(projected, states, context)
            if context.steps is not None:
                context.steps.append(Step(self, value[:, next(times)], states, output, found))
            return output, found

        return step

    def first_states(self, value: Array, given: list[Tensor], context: Context) -> States:
        sizes = self.cell.sizes(value[:, 0])
        if given:
            if len(given) != len(sizes):
                raise self.unspecified(f"{len(given)} initial states for {len(sizes)}")
            return [state.value.astype(context.dtype, copy=False) for state in given]
        if self.stateful and id(self) in context.states:
            return context.states[id(self)]
        return [np.zeros((len(value), *size), context.dtype) for size in sizes]


class Fused(RNN):
    """A layer that makes its cell from its own config."""

    since = "1.0"
    cell_class = ""

    def read_cell(self, options: Options, make: Make) -> Cell:
        config = {key: value for key, value in options.values.items() if key not in OF_THE_LAYER}
        options.ignore(*config)
        return cell_of(
            options,
            make,
            {"class_name": self.cell_class, "config": config | {"name": options.layer, "trainable": True}},
        )

    def could_use_cudnn(self) -> bool:
        """`recurrent_v2.py`: only then the layer runs the path that CuDNN could take."""
        config = self.config
        return (
            (config.get("activation"), config.get("recurrent_activation")) == ("tanh", "sigmoid")
            and not config.get("recurrent_dropout")
            and not self.unroll
            and bool(config.get("use_bias", True))
            and config.get("reset_after", True) is not False
        )

    def differs_in_training(self) -> bool:
        return bool(self.config.get("dropout") or self.config.get("recurrent_dropout"))

    def read(self, options: Options, make: Make) -> None:
        self.config = options.values
        super().read(options, make)


class SimpleRNN(Fused):
    """Of SimpleRNNCell; no CuDNN for it."""

    names = ("SimpleRNN",)
    cell_class = "SimpleRNNCell"

    def could_use_cudnn(self) -> bool:
        return False


class GRU(Fused):
    """Of GRUCell."""

    names = ("GRU", "GRUV1", "GRUV2")
    cell_class = "GRUCell"

    def could_use_cudnn(self) -> bool:
        return super().could_use_cudnn() and bool(self.config.get("reset_after", False))


class LSTM(Fused):
    """Of LSTMCell."""

    names = ("LSTM", "LSTMV1", "LSTMV2", "UnifiedLSTM")
    cell_class = "LSTMCell"


class CuDNN(Fused):
    """tanh and sigmoid, a GRU with reset_after; its layout of weights is CuDNN's. It refuses masks."""

    since = "2.0.9"
    source = "keras/layers/cudnn_recurrent.py"
    names = ("CuDNNLSTM", "CuDNNGRU")

    def read_cell(self, options: Options, make: Make) -> Cell:
        self.cell_class = "LSTMCell" if self.class_name == "CuDNNLSTM" else "GRUCell"
        added = {"activation": "tanh", "recurrent_activation": "sigmoid"}
        if self.class_name == "CuDNNGRU":
            added["reset_after"] = True  # type: ignore[assignment]
        options.values = options.values | added
        return super().read_cell(options, make)

    def loop(self, masked: bool) -> Loop:
        if masked:
            raise self.unspecified("its author's Keras refuses a mask here")
        return super().loop(masked)
