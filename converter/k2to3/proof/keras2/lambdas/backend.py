"""`keras.backend` as Lambdas call it: keras/backend/*_backend.py, tensorflow/python/keras/backend.py.

Only functions whose meaning is the same in all generations, or is asked for here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.lambdas import (
    backend_choices,
    backend_losses,
    backend_making,
    backend_products,
    backend_windows,
)
from k2to3.proof.keras2.ops import gathering, shaping
from k2to3.proof.keras2.ops.table import FUNCTIONS, find
from k2to3.proof.keras2.ops.values import axes, ints
from k2to3.proof.keras2.tensor import Array

Function = Callable[..., Any]


def _reduction(name: str) -> Function:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Array:
        return np.asarray(FUNCTIONS[name](x, axis, keepdims))

    return function


def _floats(function: Function) -> Function:
    """Of booleans as of floats."""

    def converted(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        x = x.astype(np.float32) if x.dtype == bool else x
        return np.asarray(function(x, axis, keepdims))

    return converted


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


def clip(x: Array, min_value: Any = None, max_value: Any = None) -> Array:
    """A maximum below the minimum is raised to it."""
    low = -np.inf if min_value is None else min_value
    high = np.inf if max_value is None else max_value
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        high = max(low, high)
    return np.minimum(np.maximum(x, low), high).astype(x.dtype)


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
    return gathering.one_hot(indices.astype(np.int32), num_classes)


def std(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.std(x, axis=axes(axis), keepdims=keepdims))


def var(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.var(x, axis=axes(axis), keepdims=keepdims))


def tile(x: Array, n: Any) -> Array:
    return np.tile(x, ints(n) if not isinstance(n, int) else [n])


SAME: dict[str, Function] = {
    **{name: FUNCTIONS[name] for name in ("abs", "square", "exp", "log", "sin", "cos", "sign", "round", "tanh",
                                          "maximum", "minimum", "pow", "sigmoid", "softplus", "softsign",
                                          "equal", "not_equal", "greater",
                                          "greater_equal", "less", "less_equal", "stop_gradient", "identity")},
    "sum": _reduction("reduce_sum"),
    "mean": _floats(FUNCTIONS["reduce_mean"]),
    "max": _reduction("reduce_max"),
    "min": _reduction("reduce_min"),
    "prod": _reduction("reduce_prod"),
    "any": _reduction("reduce_any"),
    "all": _reduction("reduce_all"),
    "logsumexp": _reduction("reduce_logsumexp"),
    "std": _floats(std),
    "var": _floats(var),
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
    "gather": lambda reference, indices: gathering.gather(reference, indices),
    "slice": lambda x, start, size: shaping.slice_(x, start, size),
    "to_dense": lambda tensor: tensor,
    **backend_making.TENSORS,
}  # fmt: skip
# Those that ask who the author was. Most are TensorFlow's.
ASKING: dict[str, Function] = {
    **backend_products.FUNCTIONS,
    **backend_choices.FUNCTIONS,
    **backend_losses.FUNCTIONS,
    **backend_windows.FUNCTIONS,
    **backend_making.ASKING,
}
ANY_BACKEND = ("batch_dot", "l2_normalize", "print_tensor", *backend_making.ASKING)
BACKENDS = (
    "K",
    "keras.backend",
    "tf.keras.backend",
    "tensorflow.keras.backend",
    "tensorflow.python.keras.backend",
    "backend",
)
TENSORFLOW = ("tf", "tensorflow")
RESIZES = ("tf.image.resize", "tensorflow.image.resize")
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
    if module in BACKENDS:
        return _backend(short, arguments, keywords, author)
    if short == "where" and module in TENSORFLOW:
        return where(*arguments, **keywords, author=author)
    if short == "angle" and module.split(".")[0] in TENSORFLOW:
        return angle(*arguments, **keywords, author=author)
    if name in RESIZES:
        return resized(*arguments, **keywords, author=author)
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


def angle(input: Any, *, author: Author) -> Array:
    """Of negative numbers that are not complex: 0 before TensorFlow 2.4, then π."""
    if np.asarray(input).dtype.kind != "c" and (author.standalone or not author.tensorflow_since(2, 4)):
        raise NotSpecified("tf.math.angle of real numbers before TensorFlow 2.4")
    return np.asarray(FUNCTIONS["angle"](input))


def resized(images: Array, size: Any, method: Any = "bilinear", *, author: Author) -> Array:
    """`tf.image.resize`: TensorFlow 1's has no half-pixel centres; multi-backend Keras 2.3 ran on both."""
    if author.since((2, 3), None):
        raise NotSpecified("tf.image.resize: Keras 2.3 ran on TensorFlow 1 and 2")
    half = not author.standalone and author.tensorflow_since(2, 0)
    return np.asarray(FUNCTIONS["image.resize"](images, size, method, half_pixels=half))


def _of_tensorflow(name: str) -> Function | None:
    """What TensorFlow 1 named otherwise is not here, but for space_to_depth."""
    return find(name) or (FUNCTIONS.get(name) if name in ("space_to_depth", "depth_to_space") else None)


def _backend(name: str, arguments: list[Any], keywords: dict[str, Any], author: Author) -> Any:
    if name in backend_making.PYTHON:
        return backend_making.PYTHON[name](*arguments, **keywords)
    if name == "backend":
        return author.backend
    if name in ASKING:
        if author.backend != "tensorflow" and name not in ANY_BACKEND:
            raise NotSpecified(f"no entry for K.{name} on {author.backend}")
        return ASKING[name](author, *arguments, **keywords)
    if name not in SAME:
        raise NotSpecified(f"no entry for K.{name}")
    found = SAME[name](*arguments, **keywords)
    return backend_losses.activated(found) if name in ("sigmoid", "softmax") else np.asarray(found)
