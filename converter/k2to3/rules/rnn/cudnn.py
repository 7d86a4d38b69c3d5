"""CuDNN layouts: gates transposed, and two biases per gate.

Source: `_convert_rnn_weights` in tf_keras/saving/legacy/hdf5_format.py.
"""

from __future__ import annotations

from k2to3.keras2.model import LayerRecord
from k2to3.rules.language import Context
from k2to3.sources.json_text import Json
from k2to3.weights import Concat, Expression, Reshape, Slice, Sum, Transpose

GATES = {"LSTM": 4, "GRU": 3}


def from_cudnn(
    context: Context,
    kind: str,
    kernel: Expression,
    recurrent: Expression,
    bias: Expression,
    units: int,
    settings: Json,
) -> list[Expression]:
    """Kernel, recurrent kernel and bias of a CuDNN layer in the layout of the plain one."""
    gates = GATES[kind]
    context.note("drift", "weights are in CuDNN's layout; converted to the plain one")
    pieces = [Slice(kernel, 1, units * g, units * (g + 1)) for g in range(gates)]
    kernels = Concat(tuple(_fortran(piece) for piece in pieces), 1)
    squares = [Slice(recurrent, 1, units * g, units * (g + 1)) for g in range(gates)]
    recurrents = Concat(tuple(Transpose(piece, (1, 0)) for piece in squares), 1)
    both = Reshape(bias, (2, gates * units))
    if kind == "GRU":
        settings["reset_after"] = True
        return [kernels, recurrents, both]
    rows = [Reshape(Slice(both, 0, row, row + 1), (gates * units,)) for row in range(2)]
    return [kernels, recurrents, Sum(tuple(rows))]


def _fortran(kernel: Expression) -> Expression:
    """`k.T.reshape(k.shape, order="F")`."""
    width, units = kernel.shape
    return Transpose(Reshape(kernel, (units, width)), (1, 0))


def could_use_cudnn(record: LayerRecord) -> bool:
    """`could_use_cudnn` in tensorflow/python/keras/layers/recurrent_v2.py of 2.0 and 2.1."""
    config = record.config
    return (
        record.class_name in ("LSTM", "GRU")
        and config.get("activation") == "tanh"
        and config.get("recurrent_activation") == "sigmoid"
        and config.get("recurrent_dropout", 0) == 0
        and not config.get("unroll", False)
        and config.get("use_bias", True)
        and (record.class_name == "LSTM" or config.get("reset_after", True))
    )
