"""Gates and weights shared by recurrent layers and cells.

Gate order is unchanged since Keras 2 (LSTM i, f, c, o; GRU z, r, h). Changed:
`hard_sigmoid` has another slope (1.2 is folded into the gates that use it); a GRU without
`reset_after` in its config means False; CuDNN layers and their layouts are gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, WeightMismatch
from k2to3.keras2.config import Config
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import FOLD, Activation, read_activation
from k2to3.rules.common import trained
from k2to3.rules.language import Context, Described
from k2to3.rules.rnn.cudnn import from_cudnn
from k2to3.sources.json_text import Json
from k2to3.weights import Concat, Expression, Multiply

GATES = {"LSTM": "ifco", "GRU": "zrh", "SimpleRNN": "h"}
RECURRENT_GATES = {"LSTM": "ifo", "GRU": "zr", "SimpleRNN": ""}
DEFAULTS = {"recurrent": "orthogonal"}
KERAS1 = {
    "LSTM": ("i", "c", "f", "o"),
    "GRU": ("z", "r", "h"),
}


PEEPHOLES = ("input_gate_peephole_weights", "forget_gate_peephole_weights", "output_gate_peephole_weights")
"""In the order in which the cell makes them."""


@dataclass(frozen=True)
class CellParts:
    """A cell's settings, weights and activations, as Keras 2 had them.

    `lacks` says why no cell of Keras 3 computes it; empty where one does.
    """

    kind: str
    settings: Json
    variables: list[Expression]
    main: Activation
    gate: Activation
    peepholes: list[Expression]
    lacks: str = ""

    def native(self, context: Context) -> tuple[Json, list[Expression]]:
        """Settings and variables of Keras 3's cell."""
        assert not self.lacks
        settings = {**self.settings, "activation": self.main.name}
        if self.kind != "SimpleRNN":
            settings["recurrent_activation"] = self.gate.name
        folded = (RECURRENT_GATES[self.kind] if self.gate.folds else "") + ("h" if self.main.folds else "")
        if not folded:
            return settings, self.variables
        context.note(
            "drift",
            f"hard_sigmoid has another slope in Keras 3; 1.2 is folded into gates {', '.join(folded)}",
        )
        return settings, [fold_gates(v, GATES[self.kind], folded, self.settings["units"]) for v in self.variables]


def family(class_name: str) -> str:
    """`CuDNNLSTM`, `LSTMCell`, `LSTMV2` → `LSTM`."""
    return next(name for name in ("SimpleRNN", "LSTM", "GRU") if name in class_name)


def cell_slots(layer: Described) -> Slots:
    """Weights of a recurrent layer or cell; Keras 1 kept one array per gate."""
    kind = family(layer.record.class_name)
    if layer.writer.keras1 and kind in KERAS1 and layer.config.peek("consume_less") != "gpu":
        names = tuple(f"{part}_{gate}" for gate in KERAS1[kind] for part in ("W", "U", "b"))
        return Slots(names, trainable=layer.record.trainable)
    found = ["kernel", "recurrent_kernel"]
    if layer.config.peek("use_bias", True):
        found.append("bias")
    if layer.record.class_name == "PeepholeLSTMCell":
        found += PEEPHOLES
    return Slots(tuple(found), trainable=layer.record.trainable)


def read_cell(context: Context, width: int | None) -> CellParts:
    """Settings and variables of an LSTM, GRU or SimpleRNN cell of input width `width`.

    Raises:
        UnsupportedOption: an activation whose function is not known.
        WeightMismatch: wrong shapes.
    """
    config, kind = context.config, family(context.record.class_name)
    if "units" not in config:
        raise BadConfig(
            "its config is empty (Keras before 2.1 lost those of stacked cells)",
            layer=context.record.name,
            hint="in the old environment, save_weights(); then give the model with --architecture file.py:function",
        )
    units = config.integer("units")
    use_bias = config.flag("use_bias", True)
    settings: Json = {"units": units, "use_bias": use_bias, **_dropouts(config)}
    if kind == "LSTM":
        settings["unit_forget_bias"] = config.flag("unit_forget_bias", True)
    cudnn = context.record.class_name.startswith("CuDNN")
    reset_after = kind == "GRU" and (cudnn or config.flag("reset_after", False))
    if kind == "GRU":
        settings["reset_after"] = reset_after
    main, gate = _activations(context, kind, cudnn)
    settings |= trained(context, "kernel", "recurrent", "bias", defaults=DEFAULTS)
    config.ignore("implementation", "consume_less")
    variables = _variables(context, kind, width, units, use_bias, settings)
    peepholes = [context.weight(name, units) for name in PEEPHOLES if context.record.class_name == "PeepholeLSTMCell"]
    lacks = "its peepholes" if peepholes else _lacks(kind, main, gate)
    return CellParts(kind, settings, variables, main, gate, peepholes, lacks)


def _dropouts(config: Config) -> Json:
    found: Json = {}
    for key, old in (("dropout", "dropout_W"), ("recurrent_dropout", "dropout_U")):
        value = config.number(key, None) if key in config else config.number(old, 0.0)
        found[key] = value
    config.ignore("dropout_W", "dropout_U")
    return found


def _activations(context: Context, kind: str, cudnn: bool) -> tuple[Activation, Activation]:
    """The one of the output and the one of the gates."""
    # All releases write the key, whose default they changed; CuDNN layers never have it.
    main = Activation("tanh") if cudnn else read_activation(context, "activation", "tanh")
    if kind == "SimpleRNN":
        return main, Activation("linear")
    if cudnn:
        return main, Activation("sigmoid")
    if "recurrent_activation" not in context.config:
        raise BadConfig("is missing, and was not the same in all releases", key="recurrent_activation")
    return main, read_activation(context, "recurrent_activation", "sigmoid")


def _lacks(kind: str, main: Activation, gate: Activation) -> str:
    """What Keras 3's cell cannot take exactly."""
    if main.name is None or gate.name is None:
        return "an activation that Keras 3 has no name for"
    if main.folds and kind == "LSTM":
        return "hard_sigmoid on the cell state, where no weight can be rescaled"
    return ""


def _variables(
    context: Context, kind: str, width: int | None, units: int, use_bias: bool, settings: Json
) -> list[Expression]:
    if context.writer.keras1 and kind in KERAS1 and "kernel" not in context.weights.slots:
        return _keras1(context, kind, width, units)
    total = len(GATES[kind]) * units
    kernel = context.weight("kernel", width, total)
    recurrent = context.weight("recurrent_kernel", units, total)
    if not use_bias:
        return [kernel, recurrent]
    bias = context.weights.slots.get("bias")
    if bias is not None and bias.shape == (2 * total,):
        return from_cudnn(context, kind, kernel, recurrent, bias, units, settings)
    after = bool(settings.get("reset_after"))
    one, two = (total,), (2, total)
    if kind == "GRU" and bias is not None and bias.shape == (one if after else two):
        raise WeightMismatch(
            f"weight 'bias' has shape {list(bias.shape)}, which is that of a GRU with reset_after={not after}",
            layer=context.record.name,
            hint=f"the architecture says reset_after={after}; say reset_after={not after} there",
        )
    return [kernel, recurrent, context.weight("bias", *(two if after else one))]


def _keras1(context: Context, kind: str, width: int | None, units: int) -> list[Expression]:
    """Keras 1: one array per gate and role, in file order i, c, f, o."""
    gates = GATES[kind]
    shapes = {"W": (width, units), "U": (units, units), "b": (units,)}
    return [
        Concat(tuple(context.weight(f"{part}_{gate}", *shape) for gate in gates), len(shape) - 1)
        for part, shape in shapes.items()
    ]


def fold_gates(expression: Expression, gates: str, folded: Sequence[str], units: int) -> Expression:
    """Scale the columns of some gates (the last axis holds gates × units) by 1.2."""
    factor = np.concatenate([np.full(units, FOLD if gate in folded else 1.0) for gate in gates])
    return Multiply(expression, factor, f"1.2 on gates {', '.join(folded)}")
