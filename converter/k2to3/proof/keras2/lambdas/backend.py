"""`keras.backend` as Lambdas call it: keras/backend/*_backend.py, tensorflow/python/keras/backend.py.

Only functions whose meaning is the same in all generations, or is asked for here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import activations, batch_dot
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.ops import shaping
from k2to3.proof.keras2.ops.table import FUNCTIONS, find
from k2to3.proof.keras2.ops.values import axes, ints, tensor
from k2to3.proof.keras2.tensor import Array

Function = Callable[..., Any]


def _reduction(name: str) -> Function:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Array:
        return np.asarray(FUNCTIONS[name](x, axis, keepdims))

    return function


def sqrt(x: Array) -> Array:
    """Of negative numbers 0: `K.sqrt` clips first."""
    return np.sqrt(np.maximum(x, 0))


def expand_dims(x: Array, axis: int = -1, dim: int | None = None) -> Array:
    return np.expand_dims(x, axis if dim is None else dim)


def squeeze(x: Array, axis: int) -> Array:
    return np.squeeze(x, axis)


def concatenate(tensors: list[Array], axis: int = -1) -> Array:
    return np.concatenate(tensors, axis=axis)


def stack(x: list[Array], axis: int = 0) -> Array:
    return np.stack(x, axis=axis)


def permute_dimensions(x: Array, pattern: Any) -> Array:
    return np.transpose(x, ints(pattern))


def reshape(x: Array, shape: Any) -> Array:
    return x.reshape([-1 if n is None else int(n) for n in shape])


def batch_flatten(x: Array) -> Array:
    return x.reshape(len(x), -1)


def reverse(x: Array, axes: Any) -> Array:
    return np.asarray(np.flip(x, tuple(ints(axes))))


def repeat(x: Array, n: int) -> Array:
    if x.ndim != 2:
        raise NotSpecified("K.repeat of other than two dimensions")
    return np.repeat(x[:, np.newaxis], n, axis=1)


def clip(x: Array, min_value: float, max_value: float) -> Array:
    return np.clip(x, min_value, max_value).astype(x.dtype)


def relu(x: Array, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    return activations.relu(x, alpha, max_value, threshold)


def softmax(x: Array, axis: int = -1) -> Array:
    return activations.softmax(x, axis)


def elu(x: Array, alpha: float = 1.0) -> Array:
    return activations.elu(x, alpha)


def argmax(x: Array, axis: int = -1) -> Array:
    return np.asarray(np.argmax(x, axis=axis))


def argmin(x: Array, axis: int = -1) -> Array:
    return np.asarray(np.argmin(x, axis=axis))


def one_hot(indices: Array, num_classes: int) -> Array:
    return shaping.one_hot(indices.astype(np.int32), num_classes)


def std(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.std(x, axis=axes(axis), keepdims=keepdims))


def var(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.var(x, axis=axes(axis), keepdims=keepdims))


def tile(x: Array, n: Any) -> Array:
    return np.tile(x, ints(n) if not isinstance(n, int) else [n])


SAME: dict[str, Function] = {
    **{name: FUNCTIONS[name] for name in ("abs", "square", "exp", "log", "sin", "cos", "sign", "round", "tanh",
                                          "maximum", "minimum", "pow", "sigmoid", "softplus", "softsign",
                                          "zeros_like", "ones_like", "equal", "not_equal", "greater",
                                          "greater_equal", "less", "less_equal", "stop_gradient", "identity")},
    "sum": _reduction("reduce_sum"),
    "mean": _reduction("reduce_mean"),
    "max": _reduction("reduce_max"),
    "min": _reduction("reduce_min"),
    "prod": _reduction("reduce_prod"),
    "any": _reduction("reduce_any"),
    "all": _reduction("reduce_all"),
    "logsumexp": _reduction("reduce_logsumexp"),
    "std": std,
    "var": var,
    "sqrt": sqrt,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "concatenate": concatenate,
    "stack": stack,
    "permute_dimensions": permute_dimensions,
    "transpose": lambda x: np.transpose(x),
    "reshape": reshape,
    "flatten": lambda x: x.reshape(-1),
    "batch_flatten": batch_flatten,
    "reverse": reverse,
    "repeat": repeat,
    "repeat_elements": lambda x, rep, axis: np.repeat(x, rep, axis=axis),
    "tile": tile,
    "clip": clip,
    "relu": relu,
    "elu": elu,
    "softmax": softmax,
    "hard_sigmoid": activations.hard_sigmoid,
    "cumsum": lambda x, axis=0: FUNCTIONS["cumsum"](x, axis),
    "cumprod": lambda x, axis=0: FUNCTIONS["cumprod"](x, axis),
    "argmax": argmax,
    "argmin": argmin,
    "one_hot": one_hot,
    "cast": shaping.cast,
    "gather": lambda reference, indices: shaping.gather(reference, indices),
    "ndim": lambda x: np.ndim(x),
    "epsilon": lambda: 1e-7,
    "floatx": lambda: "float32",
    "constant": lambda value, dtype=None, shape=None, name=None: tensor(value),
}  # fmt: skip
BACKENDS = (
    "K",
    "keras.backend",
    "tf.keras.backend",
    "tensorflow.keras.backend",
    "tensorflow.python.keras.backend",
    "backend",
)
TENSORFLOW = ("tf", "tensorflow")
PLAIN: dict[str, Function] = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp, "pow": math.pow, "floor": math.floor}
BUILTINS: dict[str, Function] = {
    "len": len, "int": int, "float": float, "abs": np.abs, "list": list, "tuple": tuple, "sum": sum, "min": min,
    "max": max,
}  # fmt: skip


def call(name: str, arguments: list[Any], keywords: dict[str, Any], author: Author) -> Any:
    """A function of a Lambda, by the meaning of the author's generation.

    Raises:
        NotSpecified: it has no entry.
    """
    module, _, short = name.rpartition(".")
    keywords = {key: value for key, value in keywords.items() if key != "name"}
    if module in BACKENDS and short == "int_shape":
        return (None, *np.shape(*arguments)[1:])
    if module in BACKENDS:
        return np.asarray(_backend(short, author)(*arguments, **keywords)) if short != "floatx" else "float32"
    if short == "where" and module in TENSORFLOW:
        return where(*arguments, **keywords, author=author)
    for root in TENSORFLOW:
        if name.startswith(f"{root}.") and (found := _of_tensorflow(name.removeprefix(f"{root}."))):
            return found(*arguments, **keywords)
    if module in ("np", "numpy", "math") and short in PLAIN and not any(isinstance(x, np.ndarray) for x in arguments):
        return PLAIN[short](*arguments, **keywords)
    if not module and short in BUILTINS:
        return BUILTINS[short](*arguments, **keywords)
    raise NotSpecified(f"no entry for {name} of a Lambda")


def where(condition: Any, x: Any = None, y: Any = None, *, author: Author) -> Array:
    """TensorFlow 1's picks rows by a condition of rank 1; TensorFlow 2's broadcasts. Asked for where that differs."""
    picks = np.ndim(condition) == 1 and np.ndim(x) > 1
    if picks and author.keras is not None and author.keras >= (2, 3):
        raise NotSpecified("tf.where with a condition of rank 1: Keras 2.3 ran on TensorFlow 1 and 2")
    if picks and (author.standalone or not author.tensorflow_since(2, 0)):
        condition = np.reshape(condition, (-1, *(1,) * (np.ndim(x) - 1)))
    return np.asarray(FUNCTIONS["where"](condition, x, y))


def _of_tensorflow(name: str) -> Function | None:
    """What TensorFlow 1 named otherwise is not here, but for space_to_depth."""
    return find(name) or (FUNCTIONS.get(name) if name in ("space_to_depth", "depth_to_space") else None)


def _backend(name: str, author: Author) -> Function:
    if name == "batch_dot":
        return lambda x, y, axes=None: batch_dot.batch_dot(x, y, _pair(axes, x, y), author)
    if name == "l2_normalize":
        return lambda x, axis=None: _l2(x, axis, author)
    if name not in SAME:
        raise NotSpecified(f"no entry for K.{name}")
    return SAME[name]


def _pair(value: Any, x: Array, y: Array) -> tuple[int, int] | None:
    if value is None:
        return None
    first, second = (value, value) if isinstance(value, int) else value
    return first % x.ndim, second % y.ndim


def _l2(x: Array, axis: Any, author: Author) -> Array:
    if axis is None:
        raise NotSpecified("K.l2_normalize without an axis")
    return batch_dot.normalised(x, int(axis), author)
