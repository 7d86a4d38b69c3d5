"""Lazy tensor expressions: how each Keras 3 variable is made from Keras 2 weights."""

from k2to3.weights.expression import (
    Concat,
    Constant,
    Divide,
    Expression,
    Flip,
    Multiply,
    Reshape,
    Slice,
    Stored,
    Sum,
    Take,
    Transpose,
)
from k2to3.weights.normalised import Normalised
from k2to3.weights.pruned import Pruned
from k2to3.weights.quantised import Quantised

__all__ = [
    "Concat",
    "Constant",
    "Divide",
    "Expression",
    "Flip",
    "Multiply",
    "Normalised",
    "Pruned",
    "Quantised",
    "Reshape",
    "Slice",
    "Stored",
    "Sum",
    "Take",
    "Transpose",
]
