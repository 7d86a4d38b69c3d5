"""One time step of Keras 2's recurrent cells, from Dense layers and ops.

Source: `LSTMCell`, `GRUCell`, `SimpleRNNCell` of keras/layers/recurrent.py, and
`PeepholeLSTMCell` of tensorflow/python/keras/layers/recurrent.py.
"""

from __future__ import annotations

from collections.abc import Callable

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.keras3.layer import Layer
from k2to3.rules.activations.activation import Activation, activate
from k2to3.rules.language import Context
from k2to3.rules.rnn.recurrent_cells import CellParts
from k2to3.rules.rnn.unrolled import StepCell
from k2to3.sources.json_text import Json
from k2to3.weights import Expression, Reshape, Slice

States = list[Tensor]
Added = Callable[[Graph, Tensor, Tensor], Tensor]
ROLES = ("initializer", "regularizer", "constraint")


class Cell:
    """The layers of one cell."""

    def __init__(self, context: Context, parts: CellParts) -> None:
        self.context, self.parts, self.settings = context, parts, parts.settings
        self.units: int = parts.settings["units"]
        self.kernel, self.recurrent, *bias = parts.variables
        self.bias = bias[0] if bias else None

    def steps(self) -> StepCell:
        """The cell's equations."""
        if self.settings.get("dropout") or self.settings.get("recurrent_dropout"):
            self.context.note("dropped", "dropout between its steps: used only while training")
        return {"LSTM": self.lstm, "GRU": self.gru, "SimpleRNN": self.simple}[self.parts.kind]()

    def lstm(self) -> StepCell:
        """i, f, o = gate(x W + h U + b [+ p c]); c' = f c + i act(...); h' = o act(c')."""
        add = self._sum("gates", self.kernel, self.recurrent, self.bias)
        holes = [self._peephole(name, weight) for name, weight in zip("ifo", self.parts.peepholes, strict=False)]

        def through(graph: Graph, index: int, z: Tensor, c: Tensor) -> Tensor:
            seen = z if not holes else ops.add(graph, z, graph.call(holes[index], c))
            return self._gate(graph, seen, "ifo"[index])

        def step(graph: Graph, x: Tensor, states: States) -> tuple[Tensor, States]:
            h, c = states
            zi, zf, zc, zo = ops.split(graph, add(graph, x, h), 4, axis=-1)
            i, f = through(graph, 0, zi, c), through(graph, 1, zf, c)
            kept = ops.multiply(graph, f, c)
            carry = ops.add(graph, kept, ops.multiply(graph, i, self._act(graph, zc, "c")))
            o = through(graph, 2, zo, carry)
            output = ops.multiply(graph, o, self._act(graph, carry, "output"))
            return output, [output, carry]

        return StepCell(((self.units,), (self.units,)), step)

    def simple(self) -> StepCell:
        """h' = act(x W + h U + b)."""
        add = self._sum("gates", self.kernel, self.recurrent, self.bias)

        def step(graph: Graph, x: Tensor, states: States) -> tuple[Tensor, States]:
            output = self._act(graph, add(graph, x, states[0]), "output")
            return output, [output]

        return StepCell(((self.units,),), step)

    def gru(self) -> StepCell:
        """z, r = gate(...); candidate from r h (or r times the recurrent part); h' = z h + (1 - z) candidate."""
        if self.settings.get("reset_after"):
            return self._gru_after()
        units = self.units
        project = self._dense("input", self.kernel, self.bias, "kernel")
        gates = self._dense("gates", Slice(self.recurrent, 1, 0, 2 * units), None, "recurrent")
        last = self._dense("candidate", Slice(self.recurrent, 1, 2 * units, 3 * units), None, "recurrent")

        def step(graph: Graph, x: Tensor, states: States) -> tuple[Tensor, States]:
            (h,) = states
            xz, xr, xh = ops.split(graph, graph.call(project, x), 3, axis=-1)
            hz, hr = ops.split(graph, graph.call(gates, h), 2, axis=-1)
            z = self._gate(graph, ops.add(graph, xz, hz), "z")
            r = self._gate(graph, ops.add(graph, xr, hr), "r")
            inner = graph.call(last, ops.multiply(graph, r, h))
            return self._mixed(graph, z, h, ops.add(graph, xh, inner))

        return StepCell(((units,),), step)

    def _gru_after(self) -> StepCell:
        bias: list[Expression | None] = [None, None]
        if self.bias is not None:
            bias = [Reshape(Slice(self.bias, 0, i, i + 1), (3 * self.units,)) for i in (0, 1)]
        project = self._dense("input", self.kernel, bias[0], "kernel")
        recur = self._dense("gates", self.recurrent, bias[1], "recurrent")

        def step(graph: Graph, x: Tensor, states: States) -> tuple[Tensor, States]:
            (h,) = states
            xz, xr, xh = ops.split(graph, graph.call(project, x), 3, axis=-1)
            hz, hr, hh = ops.split(graph, graph.call(recur, h), 3, axis=-1)
            z = self._gate(graph, ops.add(graph, xz, hz), "z")
            r = self._gate(graph, ops.add(graph, xr, hr), "r")
            return self._mixed(graph, z, h, ops.add(graph, xh, ops.multiply(graph, r, hh)))

        return StepCell(((self.units,),), step)

    def _mixed(self, graph: Graph, z: Tensor, h: Tensor, candidate: Tensor) -> tuple[Tensor, States]:
        new = self._act(graph, candidate, "h")
        rest = ops.subtract(graph, 1.0, z)
        kept = ops.multiply(graph, z, h)
        output = ops.add(graph, kept, ops.multiply(graph, rest, new))
        return output, [output]

    def _sum(self, name: str, kernel: Expression, recurrent: Expression, bias: Expression | None) -> Added:
        project = self._dense("input", kernel, bias, "kernel")
        recur = self._dense(name, recurrent, None, "recurrent")

        def add(graph: Graph, x: Tensor, h: Tensor) -> Tensor:
            return ops.add(graph, graph.call(project, x), graph.call(recur, h))

        return add

    def _dense(self, suffix: str, kernel: Expression, bias: Expression | None, role: str) -> Layer:
        config: Json = {"units": kernel.shape[-1], "use_bias": bias is not None, **self._trained(role, "kernel")}
        if bias is not None:
            config |= self._trained("bias", "bias")
        variables = [kernel] if bias is None else [kernel, bias]
        return self.context.layer("Dense", config, variables, name=f"{self.context.name}_{suffix}")

    def _trained(self, source: str, target: str) -> Json:
        pairs = ((f"{source}_{role}", f"{target}_{role}") for role in ROLES)
        return {new: self.settings[old] for old, new in pairs if old in self.settings}

    def _peephole(self, gate: str, weight: Expression) -> Layer:
        config = {"equation": "ab,b->ab", "output_shape": [self.units], "bias_axes": None}
        return self.context.layer("EinsumDense", config, [weight], name=f"{self.context.name}_peephole_{gate}")

    def _gate(self, graph: Graph, tensor: Tensor, name: str) -> Tensor:
        return self._activated(graph, tensor, self.parts.gate, name)

    def _act(self, graph: Graph, tensor: Tensor, name: str) -> Tensor:
        return self._activated(graph, tensor, self.parts.main, name)

    def _activated(self, graph: Graph, tensor: Tensor, activation: Activation, name: str) -> Tensor:
        found = activate(graph, tensor, activation, f"{self.context.name}_{name}", self.context.policy)
        assert isinstance(found, Tensor)
        return found
