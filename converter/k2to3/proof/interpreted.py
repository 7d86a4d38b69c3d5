"""Inside the worker: Lambda layers of Keras 2, interpreted with Keras 2's own functions.

The bytecode is not executed here either: the interpreter that made the Keras 3 graph runs
again, and every call is answered by the function of tf-keras or TensorFlow that stands
under that name in the closed list of `k2to3.functions.registry`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from k2to3.bytecode.noise import NoiseOff
from k2to3.bytecode.recover import apply_stored
from k2to3.bytecode.stored import plain_value, stored_function
from k2to3.bytecode.syntax import apply_text
from k2to3.bytecode.values import NotRecovered, Symbol
from k2to3.errors import Refused
from k2to3.functions import dispatch
from k2to3.functions.registry import find, registry
from k2to3.functions.spelling import canonical, spellings
from k2to3.proof.at_rest import COMPARISONS, DROPOUT, NORMAL, UNIFORM, at_rest

ROOTS = {"keras.backend": tf_keras.backend, "keras.activations": tf_keras.activations, "numpy": np}


class Concrete:
    """A backend whose tensors are TensorFlow's; see `k2to3.bytecode.values.Backend`."""

    def __init__(self, tf1: bool) -> None:
        self.uniform: list[Any] = []
        self.modules = [tf.compat.v1, tf] if tf1 else [tf, tf.compat.v1]

    def symbolic(self, value: Any) -> bool:
        return bool(tf.is_tensor(value))

    def call(self, symbol: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        head, _, name = symbol.partition(".")
        if symbol.rpartition(".")[2] in COMPARISONS and any(x is noise for x in args for noise in self.uniform):
            raise NotRecovered("uniform noise is compared, and a coin has no value without its noise")
        if head == "operator" and find(symbol) is not None:
            return getattr(operator, name)(*args)
        if head == "builtins" and find(symbol) is not None:
            return self._builtin(name, args)
        candidates = self._candidates(canonical(symbol))
        problem: Exception | None = None
        for function in candidates:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                # An argument that only TensorFlow 1 had, e.g. keep_dims.
                problem = problem or error
        raise NotRecovered(f"{symbol} has no counterpart in tf-keras ({problem})")

    def _candidates(self, name: str) -> list[Any]:
        """Functions of the closed list, by the names it holds."""
        if find(name) is None:
            raise NotRecovered(f"{name} has no counterpart in tf-keras")
        known = [spelling for spelling in spellings(name) if spelling in registry()]
        found = []
        for spelling in [name, *known]:
            for prefix, module in ROOTS.items():
                if spelling.startswith(f"{prefix}."):
                    found.append(_walk(module, spelling.removeprefix(f"{prefix}.")))
            if spelling.startswith("tensorflow."):
                found += [_walk(module, spelling.removeprefix("tensorflow.")) for module in self.modules]
        return [item for item in found if callable(item)]

    def _builtin(self, name: str, args: Sequence[Any]) -> Any:
        if name in ("int", "float") and self.symbolic(args[0]):
            return args[0]
        functions: dict[str, Any] = {"abs": tf.abs, "len": lambda x: x.shape[0]}
        if name not in functions:
            raise NotRecovered(f"{name}() of a tensor")
        return functions[name](*args)

    def attribute(self, value: Any, name: str) -> Any:
        if name in ("value",) and (value is None or isinstance(value, int)):
            return value
        if isinstance(value, (tuple, list)):
            return list(value) if name == "dims" else len(value)
        if isinstance(value, np.ndarray) and name in ("shape", "ndim", "T", "size"):
            return getattr(value, name)
        if self.symbolic(value):
            if name in ("shape", "_keras_shape"):
                return tuple(value.shape)
            if name == "dtype":
                return value.dtype.name
            if name in ("ndim", "ndims"):
                return len(value.shape)
            if name == "T":
                return tf.transpose(value)
        raise NotRecovered(f"attribute {name!r}")

    def method(self, value: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if name == "get_shape":
            return tuple(value.shape)
        if name == "set_shape":
            return None
        if name == "astype" and isinstance(value, np.ndarray):
            return value.astype(*args)
        if name == "astype":
            return tf.cast(value, *args)
        if isinstance(value, np.ndarray) and name in ("reshape", "transpose", "tolist", "copy", "sum", "mean"):
            return getattr(value, name)(*args, **kwargs)
        if name in ("__add__", "__sub__", "__mul__", "__truediv__", "__getitem__", "__neg__"):
            return getattr(operator, name.strip("_"))(value, *args)
        raise NotRecovered(f"method {name!r} of a tensor")

    def constant(self, symbol: str) -> Any:
        return dispatch.constant(symbol)

    def noise(self, symbol: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        name = symbol.rpartition(".")[2]
        if name not in NORMAL + UNIFORM + DROPOUT:
            return NoiseOff(self, True, lambda text: None).value(symbol, args, kwargs)
        found = at_rest(name, args, kwargs)
        if name in UNIFORM:
            self.uniform.append(found)
        return found

    def unroll(self, value: Any) -> Any:
        return tf.unstack(value) if self.symbolic(value) else list(value)


def _walk(module: Any, path: str) -> Any:
    for part in path.split("."):
        module = getattr(module, part, None)
    return module


class InterpretedLambda(tf_keras.layers.Layer):  # type: ignore[misc]
    """Stands in for `Lambda`; `k2to3` holds what the job says about all of them."""

    k2to3: Mapping[str, Any] = {}
    supplied: set[str] = set()  # noqa: RUF012

    def __init__(self, settings: Mapping[str, Any]) -> None:
        kept = ("name", "trainable", "dtype", "batch_input_shape", "input_shape")
        super().__init__(**{key: settings[key] for key in kept if settings.get(key) is not None})
        self.settings = dict(settings)
        self.supports_masking = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> InterpretedLambda:
        return cls(config)

    def get_config(self) -> dict[str, Any]:
        return self.settings

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return self._follow(inputs, mask)

    # AutoGraph would write our interpreter, and what it calls, anew; Keras reads the arguments of `call` itself.
    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator,unused-ignore]
    def _follow(self, inputs: Any, mask: Any) -> Any:
        job, backend = self.k2to3, Concrete(self.k2to3["tf1"])
        arguments = plain_value(self.settings.get("arguments") or {})
        names = job["globals"]
        text = job["lambdas"].get(self.name)
        problem: Refused | None = None
        try:
            stored = stored_function(self.settings.get("function"))
        except Refused as error:
            stored, problem = None, error
        for index in range(len(stored.readings) if stored else 0):
            assert stored is not None
            extra = {"mask": mask} if "mask" in stored.code.parameters[1:] else {}
            extra |= {"training": False} if "training" in stored.code.parameters[1:] else {}
            try:
                return apply_stored(stored, backend, [inputs], {**arguments, **extra}, names, index)
            except Refused as error:
                problem = problem or error
        if text is None:
            assert problem is not None
            raise problem
        self.supplied.add(self.name)
        return apply_text(text, backend, inputs, names)


def decoded(kind: str, text: str) -> Any:
    """A module global as the job carries it."""
    return Symbol(text) if kind == "symbol" else ast.literal_eval(text)


def interpreted(config: Any) -> bool:
    """Put `InterpretedLambda` in the place of every Lambda of an architecture."""
    found = False
    if isinstance(config, dict):
        if config.get("class_name") == "Lambda" and isinstance(config.get("config"), dict):
            config["class_name"] = config["registered_name"] = "InterpretedLambda"
            config.pop("module", None)
            found = True
        values: list[Any] = list(config.values())
    else:
        values = config if isinstance(config, list) else []
    for value in values:
        found = interpreted(value) or found
    return found
