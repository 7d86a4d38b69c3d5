"""Inside the worker: an archive as Keras 3 loads it, without what it does in vain.

Keras 3 builds a Sequential anew with every layer that it loads, and throws each of these models but the last one away:
half of the time for a small file. Here it is built once, from the same layers, by the same code. It draws a random
number for every weight that it then reads, by code that JAX compiles for each shape; here NumPy draws them, so that a
weight that would not be read is as wrong as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

Json = dict[str, Any]
# Every other random initializer is one of these.
RANDOM = ("OrthogonalInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling")
PATTERN = 1009
"""Numbers until they repeat: a prime, so that no two rows are the same."""


def load(archive: str, objects: dict[str, Any], *, compile: bool) -> Any:
    """The model; classes of the user's own (`objects`) are left to Keras alone."""
    from keras import Sequential, initializers

    if objects:
        return _load(archive, objects, compile)
    with ExitStack() as stack:
        stack.enter_context(_replaced(Sequential, "from_config", classmethod(_built_once(Sequential))))
        for names, value in ((RANDOM, _drawn), (("Zeros",), _zeros)):
            for name in names:
                stack.enter_context(_replaced(getattr(initializers, name), "__call__", value))
        return _load(archive, objects, compile)


def _drawn(initializer: Any, shape: Sequence[int], dtype: Any = None, **_: Any) -> Any:
    """Numbers of no meaning, the same for every initializer.

    Raises:
        ValueError: where Keras raises one: only matrices and more can be orthogonal.
    """
    from keras import initializers, ops

    if isinstance(initializer, initializers.Orthogonal) and len(shape) < 2:
        raise ValueError(f"an orthogonal initializer for a tensor of shape {tuple(shape)}")
    values = np.random.default_rng(0).standard_normal(PATTERN, dtype="float32")
    return ops.convert_to_tensor(np.resize(values, tuple(shape)), dtype=dtype or "float32")


def _load(archive: str, objects: dict[str, Any], compile: bool) -> Any:
    import keras

    return keras.saving.load_model(archive, compile=compile, safe_mode=True, custom_objects=objects)


def _built_once(sequential: Any) -> Callable[..., Any]:
    from_config = sequential.from_config.__func__

    def made(cls: Any, config: Json, custom_objects: Any = None) -> Any:
        unbuilt = {key: value for key, value in config.items() if key != "build_input_shape"}
        with _replaced(sequential, "add", _only_adding(sequential.add)):
            model = from_config(cls, unbuilt, custom_objects)
        if model._layers:
            model._maybe_rebuild()
        shape = config.get("build_input_shape")
        if not model._functional and shape and isinstance(shape, (list, tuple)):
            model.build(shape)
        return model

    return made


def _only_adding(add: Callable[..., None]) -> Callable[..., None]:
    return lambda model, layer, rebuild=True: add(model, layer, rebuild=False)


def _zeros(initializer: Any, shape: Sequence[int], dtype: Any = None, **_: Any) -> Any:
    from keras import ops

    return ops.convert_to_tensor(np.zeros(tuple(shape), "float32"), dtype=dtype or "float32")


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
