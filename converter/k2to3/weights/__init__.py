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

__all__ = [
    "Concat",
    "Constant",
    "Divide",
    "Expression",
    "Flip",
    "Multiply",
    "Reshape",
    "Slice",
    "Stored",
    "Sum",
    "Take",
    "Transpose",
]
