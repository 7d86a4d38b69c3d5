"""Activations of QKeras as ops.

Source: quantized_relu and quantized_bits of qkeras/quantizers.py. Where a value lies on the border between two steps,
the rounding of what came before decides, in QKeras as well.
"""

from __future__ import annotations

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.rules.third_party.qkeras.quantizers import ACTIVATION, Quantizer, not_understood


def quantised(graph: Graph, x: Tensor, q: Quantizer, layer: str, name: str) -> Tensor:
    """
    Raises:
        UnsupportedOption: a quantizer of weights alone, or one whose scale comes of the data.
    """
    if q.name == "quantized_relu" and not q["use_sigmoid"] and q["is_quantized_clip"] and q["qnoise_factor"] == 1:
        return _relu(graph, x, q, name)
    if q.name == "quantized_bits" and not isinstance(q["alpha"], str) and q["qnoise_factor"] == 1:
        return _bits(graph, x, q, name)
    raise not_understood(f"the activation {q}", layer, ACTIVATION)


def _relu(graph: Graph, x: Tensor, q: Quantizer, name: str) -> Tensor:
    slope = float(q["negative_slope"])
    m, m_i = 2.0 ** (q["bits"] - (slope != 0)), 2.0 ** q["integer"]
    found = _steps(graph, x, m / m_i, 1 / m, 0.0, 1 - 1 / m, f"{name}_up")
    if slope:
        below = _steps(graph, x, slope * m / m_i, 1 / (slope * m), -1.0, 0.0, f"{name}_down")
        found = ops.add(graph, found, ops.multiply(graph, below, slope), name=f"{name}_both")
    return ops.multiply(graph, found, m_i, name=f"{name}_output")


def _bits(graph: Graph, x: Tensor, q: Quantizer, name: str) -> Tensor:
    keep = int(q["keep_negative"])
    m, m_i, alpha = 2.0 ** (q["bits"] - keep), 2.0 ** q["integer"], 1.0 if q["alpha"] is None else float(q["alpha"])
    if q["bits"] - keep > 0:
        low = keep * (-m + q["symmetric"])
        found = _steps(graph, x, m / m_i, 1.0, low, m - 1, name)
        return ops.multiply(graph, found, alpha * m_i / m, name=f"{name}_output")
    positive = ops.cast(graph, ops.greater_equal(graph, x, 0.0), x.dtype)
    if keep:
        positive = ops.subtract(graph, ops.multiply(graph, positive, 2.0), 1.0)
    return ops.multiply(graph, positive, alpha, name=f"{name}_output")


def _steps(graph: Graph, x: Tensor, factor: float, step: float, low: float, high: float, name: str) -> Tensor:
    """clip(round(x · factor) · step, low, high); all factors are powers of two."""
    rounded = graph.op("numpy.Round", ops.multiply(graph, x, factor, name=f"{name}_scaled"), config={"decimals": 0})
    scaled = rounded if step == 1 else ops.multiply(graph, rounded, step, name=f"{name}_steps")
    above = ops.maximum(graph, scaled, low, name=f"{name}_least")
    return graph.op("numpy.Minimum", above, high, name=f"{name}_clipped")
