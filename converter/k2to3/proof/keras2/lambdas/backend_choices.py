"""`keras.backend`: choosing by a condition, or by whether it trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.ops.values import operands
from k2to3.proof.keras2.tensor import Array


def _value(expression: Any) -> Any:
    return expression() if callable(expression) else expression


def switch(author: Author, condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """A condition of fewer axes is repeated along those behind; a scalar one chooses as a whole."""
    condition = np.asarray(condition).astype(bool)
    if condition.ndim == 0:
        return _value(then_expression if condition else else_expression)
    then, other = operands(_value(then_expression), _value(else_expression))
    if then.ndim < condition.ndim or then.shape != other.shape:
        raise NotSpecified("K.switch of shapes that do not fit")
    if condition.ndim == 1 and then.ndim > 1 and not picks_rows(author):
        return np.where(condition, then, other)
    return np.where(condition.reshape(condition.shape + (1,) * (then.ndim - condition.ndim)), then, other)


def picks_rows(author: Author) -> bool:
    """`tf.where` of TensorFlow 1, which tf.keras kept until 2.0 or 2.1; Keras 2.3 ran on both."""
    if author.since((2, 3), None):
        raise NotSpecified("K.switch by a condition of one axis: Keras 2.3 ran on TensorFlow 1 and 2")
    if author.standalone or author.last <= (2, 0):
        return True
    if author.first >= (2, 2):
        return False
    raise NotSpecified("K.switch by a condition of one axis: it changed in TensorFlow 2.1 or 2.2")


def _training(training: Any) -> bool:
    """Of a `predict`, where nothing else is said."""
    if isinstance(training, np.ndarray):
        raise NotSpecified("`training` as a tensor")
    return bool(training)


def in_train_phase(author: Author, x: Any, alt: Any, training: Any = None) -> Any:
    return _value(x if _training(training) else alt)


def in_test_phase(author: Author, x: Any, alt: Any, training: Any = None) -> Any:
    return _value(alt if _training(training) else x)


def print_tensor(author: Author, x: Array, message: Any = "", summarize: Any = 3) -> Array:
    return x


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "switch": switch,
    "in_train_phase": in_train_phase,
    "in_test_phase": in_test_phase,
    "learning_phase": lambda author: 0,
    "print_tensor": print_tensor,
}
