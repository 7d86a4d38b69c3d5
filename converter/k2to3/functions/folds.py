"""What NumPy computes where all operands of an op are constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


FOLDS: dict[str, Callable[..., Any]] = {
    "numpy.Add": np.add,
    "numpy.Subtract": np.subtract,
    "numpy.Multiply": np.multiply,
    "numpy.TrueDivide": np.true_divide,
    "numpy.FloorDivide": np.floor_divide,
    "numpy.Mod": np.mod,
    "numpy.Power": np.power,
    "numpy.Maximum": np.maximum,
    "numpy.Minimum": np.minimum,
    "numpy.Arctan2": np.arctan2,
    "numpy.Greater": np.greater,
    "numpy.GreaterEqual": np.greater_equal,
    "numpy.Less": np.less,
    "numpy.LessEqual": np.less_equal,
    "numpy.Equal": np.equal,
    "numpy.NotEqual": np.not_equal,
    "numpy.LogicalAnd": np.logical_and,
    "numpy.LogicalOr": np.logical_or,
    "numpy.LogicalXor": np.logical_xor,
    "numpy.LogicalNot": np.logical_not,
    "numpy.Where": np.where,
    "numpy.Absolute": np.abs,
    "numpy.Negative": np.negative,
    "numpy.Square": np.square,
    "numpy.Sqrt": np.sqrt,
    "numpy.Exp": np.exp,
    "numpy.Expm1": np.expm1,
    "numpy.Log": np.log,
    "numpy.Log1p": np.log1p,
    "numpy.Log2": np.log2,
    "numpy.Log10": np.log10,
    "numpy.Sin": np.sin,
    "numpy.Cos": np.cos,
    "numpy.Tan": np.tan,
    "numpy.Arcsin": np.arcsin,
    "numpy.Arccos": np.arccos,
    "numpy.Arctan": np.arctan,
    "numpy.Sinh": np.sinh,
    "numpy.Cosh": np.cosh,
    "numpy.Tanh": np.tanh,
    "numpy.Arcsinh": np.arcsinh,
    "numpy.Arccosh": np.arccosh,
    "numpy.Arctanh": np.arctanh,
    "numpy.Sign": np.sign,
    "numpy.Ceil": np.ceil,
    "numpy.Floor": np.floor,
    "numpy.Round": np.round,
    "numpy.Reciprocal": np.reciprocal,
    "numpy.Isnan": np.isnan,
    "numpy.Isinf": np.isinf,
    "numpy.Isfinite": np.isfinite,
    "math.Rsqrt": lambda x: 1 / np.sqrt(x),
    "nn.Sigmoid": _sigmoid,
    "nn.Relu": lambda x: np.maximum(x, 0),
    "nn.Softplus": lambda x: np.logaddexp(x, 0),
}
