"""What a quantizer makes of stored weights, in float32 and step by step as QKeras does at inference.

Source: `__call__` of the classes in qkeras/quantizers.py, with channels last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from k2to3.rules.third_party.qkeras.quantizers import Quantizer, not_understood
from k2to3.weights import Expression
from k2to3.weights.quantised import Quantised

Floats = np.ndarray[tuple[Any, ...], np.dtype[Any]]
EPSILON = np.float32(1e-7)
NEAR = 1e-5
"""How near to a half a logarithm may come before machines disagree about it."""


def folded(weight: Expression, quantizer: Quantizer | None, layer: str, trained: bool = True) -> Expression:
    """The weight as it is used; `trained` where QKeras scales by itself what has no scale.

    Raises:
        UnsupportedOption: a quantizer of activations alone, or weights in another dtype than float32.
    """
    if quantizer is None:
        return weight
    if quantizer.name not in ROUNDS or weight.dtype != "float32":
        text = f"{quantizer.name} of weights in {weight.dtype}"
        raise not_understood(text, layer, "kernel_quantizer")
    if trained and quantizer.settings.get("alpha", "") is None:
        quantizer = Quantizer(quantizer.name, {**quantizer.settings, "alpha": "auto_po2"})
    rounds = ROUNDS[quantizer.name]
    return Quantised(weight, lambda value: rounds(value, quantizer, layer), str(quantizer))


def _bits(x: Floats, q: Quantizer, layer: str) -> Floats:
    keep, alpha = int(q["keep_negative"]), q["alpha"]
    m, m_i = np.float32(2 ** (q["bits"] - keep)), np.float32(2.0 ** q["integer"])
    if isinstance(alpha, str):
        return _straight(x, _scaled_bits(x, q, m, m_i, layer), q)
    if q["bits"] - keep > 0:
        low = keep * (-m + np.float32(q["symmetric"]))
        found = m_i * np.clip(np.round(x * m / m_i), low, m - 1) / m
    else:
        found = _sign(x)
        found = found if keep else (found + 1) / 2
    return _straight(x, np.float32(1 if alpha is None else alpha) * found, q)


def _scaled_bits(x: Floats, q: Quantizer, m: Any, m_i: Any, layer: str) -> Floats:
    axes = tuple(range(x.ndim - 1)) if x.ndim > 1 else (0,)
    if q["bits"] < 2:
        raise not_understood(f"{q}, which has no levels", layer, "kernel_quantizer")
    x = x / m_i
    levels = np.float32((2 ** (q["bits"] - 1) - 1) * 2)
    scale = np.max(np.abs(x), axis=axes, keepdims=True) * np.float32(2) / levels
    if q["alpha"] == "auto":
        return np.asarray(scale * m * (m_i * _levels(x, scale, levels) / m))
    scale = _power(scale, layer)
    z = np.zeros_like(x)
    for _ in range(5):
        z = _levels(x, scale, levels)
        scale = _fitted(x, z, "auto_po2", layer)
    return np.asarray(scale * m * (m_i * z / m))


def _levels(x: Floats, scale: Floats, levels: Any) -> Floats:
    v = np.floor(np.abs(x) / scale + np.float32(0.5))
    return np.asarray(np.sign(x) * np.where(v < levels / 2, v, levels / 2))


def _binary(x: Floats, q: Quantizer, layer: str) -> Floats:
    found = _sign(x)
    found = (found + 1) / 2 if q["use_01"] else found
    x = np.tanh(x) if q["alpha"] is None else x
    return _straight(x, _fitted(x, found, q["alpha"], layer) * found, q)


def _ternary(x: Floats, q: Quantizer, layer: str) -> Floats:
    alpha = q["alpha"]
    if isinstance(alpha, str):
        return _scaled_ternary(x, q, layer)
    least = np.float32(0.33 if q["threshold"] is None else q["threshold"])
    found = (np.abs(x) >= least).astype(np.float32) * np.sign(x)
    x = np.tanh(x) if alpha is None else x
    return _straight(x, np.float32(1 if alpha is None else alpha) * found, q)


def _scaled_ternary(x: Floats, q: Quantizer, layer: str) -> Floats:
    axes = tuple(range(x.ndim - 1)) if x.ndim > 1 else None
    scale = np.float32(2) * np.max(np.abs(x), axis=axes, keepdims=True) / np.float32(3)
    scale = _power(scale, layer) if q["alpha"] == "auto_po2" else scale
    found = np.zeros_like(x)
    for _ in range(q["number_of_unrolls"]):
        if q["alpha"] == "auto":
            _refuse_ties(x / scale, layer)
        rounded = scale * np.round(x / scale)
        found = (np.abs(rounded) >= scale / 2).astype(np.float32) * np.sign(x)
        scale = _fitted(x, found, q["alpha"], layer)
    return _straight(x, scale * found, q)


def _power_of_two(x: Floats, q: Quantizer, layer: str) -> Floats:
    sign_bit = int(q["max_value"] is None or q["max_value"] > 1)
    exponents = _exponents(np.abs(x), q, q["bits"] - 1 - sign_bit, layer)
    return _straight(x, _sign(x) * np.exp2(exponents), q)


def _positive_power_of_two(x: Floats, q: Quantizer, layer: str) -> Floats:
    if q["negative_slope"]:
        raise not_understood(str(q), layer, "kernel_quantizer")
    sign_bit = int(q["max_value"] is None or q["max_value"] > 1)
    positive = np.maximum(x, 0)
    exponents = _exponents(positive, q, q["bits"] - sign_bit, layer)
    most = np.float32(np.inf if q["max_value"] is None else q["max_value"])
    return _straight(np.minimum(positive, most), np.exp2(exponents), q)


def _exponents(x: Floats, q: Quantizer, bits: int, layer: str) -> Floats:
    """Of the power of two that is next to each value that is not negative."""
    pairs = bool(q["quadratic_approximation"])
    low, high = -(2.0**bits), 2.0**bits - 1
    high = 2 * (high // 2) if pairs else high
    kept = np.where(x < EPSILON, EPSILON, x)
    kept = kept if q["max_value"] is None else np.minimum(kept, np.float32(q["max_value"]))
    logarithms = np.log2(np.sqrt(kept) if pairs else kept, dtype=np.float64)
    inside = logarithms[(x >= EPSILON) & (logarithms > low - 1) & (logarithms < high + 1)]
    if q["log2_rounding"] == "rnd":
        _refuse_ties(inside, layer)
    else:
        _refuse_ties(inside + 0.5, layer)
    whole = np.floor(logarithms) if q["log2_rounding"] == "floor" else np.round(logarithms)
    found = (2.0 if pairs else 1.0) * np.clip(whole, low, high)
    return np.asarray(np.where(x < EPSILON, low, found).astype(np.float32))


def _sign(x: Floats) -> Floats:
    """Zero counts as positive."""
    found = np.sign(x)
    return np.asarray(found + (1 - np.abs(found)))


def _straight(x: Floats, found: Floats, q: Quantizer) -> Floats:
    """`x + stop_gradient(noise * (-x + found))`, rounded as that is."""
    noise = np.float32(q.settings.get("qnoise_factor", 1.0))
    return np.asarray(x + noise * (-x + found.astype(np.float32)))


def _fitted(x: Floats, found: Floats, alpha: Any, layer: str) -> Floats:
    """The scale of least squares for each channel, or the one that is given."""
    if not isinstance(alpha, str):
        return np.asarray(np.float32(1 if alpha is None else alpha))
    axes = tuple(range(x.ndim - 1))
    products, squares = x * found, found * found
    if axes:
        products, squares = (np.mean(part, axis=axes, keepdims=True) for part in (products, squares))
    scale = products / (squares + EPSILON)
    return _power(scale, layer) if alpha == "auto_po2" else np.asarray(scale)


def _power(scale: Floats, layer: str) -> Floats:
    logarithms = np.log2((scale + EPSILON).astype(np.float64))
    _refuse_ties(logarithms, layer)
    return np.exp2(np.round(logarithms)).astype(np.float32)


def _refuse_ties(values: Floats, layer: str) -> None:
    """
    Raises:
        UnsupportedOption: a value is so near to a half that machines may round it in different ways.
    """
    if bool(np.any(np.abs(np.abs(values) % 1 - 0.5) < NEAR)):
        raise not_understood("a weight on the border between two values", layer, "kernel_quantizer")


Rounds = Callable[[Floats, Quantizer, str], Floats]
ROUNDS: Mapping[str, Rounds] = {
    "quantized_bits": _bits,
    "binary": _binary,
    "ternary": _ternary,
    "quantized_po2": _power_of_two,
    "quantized_relu_po2": _positive_power_of_two,
}
