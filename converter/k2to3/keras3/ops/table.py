"""The one table of the ops that are written, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k2to3.errors import UnsupportedLayer
from k2to3.keras3.ops import elementwise, gathering, image, linalg, nn, reductions, reshaping, signal
from k2to3.keras3.ops.values import Infer, InferMany, Value
from k2to3.keras3.types import Spec

ONE: Mapping[str, Infer] = {
    **elementwise.SPECS,
    **gathering.SPECS,
    **image.SPECS,
    **linalg.SPECS,
    **nn.SPECS,
    **reductions.SPECS,
    **reshaping.SPECS,
    **signal.SPECS,
}
"""Classes with one output, as `module.Class`."""
MANY: Mapping[str, InferMany] = {
    "linalg.Eigh": linalg.eigen,
    "linalg.Qr": linalg.orthogonal,
    "math.FFT": signal.of_complex,
    "math.FFT2": signal.of_complex,
    "math.IFFT2": signal.of_complex,
    "math.RFFT": signal.of_real,
    "math.TopK": gathering.top,
    "numpy.Nonzero": gathering.places,
    "numpy.Slogdet": linalg.determinant_log,
    "numpy.Split": reshaping.split_up,
}
"""Classes with several."""


def output_of(symbol: str, args: Sequence[Value], settings: Mapping[str, Value]) -> Spec:
    """Shape and dtype of the output of an op.

    Raises:
        UnsupportedLayer: nothing is known of its class.
        BadConfig: its arguments do not fit each other.
    """
    infer = ONE.get(symbol)
    if infer is None:
        raise _unknown(symbol)
    return infer(*args, **settings)


def outputs_of(symbol: str, args: Sequence[Value], settings: Mapping[str, Value]) -> list[Spec]:
    """As `output_of`, of an op with several outputs."""
    infer = MANY.get(symbol)
    if infer is None:
        raise _unknown(symbol)
    return infer(*args, **settings)


def _unknown(symbol: str) -> UnsupportedLayer:
    return UnsupportedLayer(
        f"nothing is known of Keras 3's op {symbol}: its shape and dtype would be guesses",
        hint="build it from ops that are in the table of keras3/ops",
    )
