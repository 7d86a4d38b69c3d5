"""Inside the worker: a Keras 3 model, run call by call; whoever visits a call may put other outputs in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras.src import backend

from k2to3.proof.memory import check_memory

Place = tuple[str, int, int]
Chain = tuple[Place, ...]


@dataclass(frozen=True)
class Made:
    """A call that Keras 3 has just run."""

    chain: Chain
    node: Any
    args: Any
    kwargs: Any
    outputs: list[Any]


Visit = Callable[[Made], list[Any]]
"""Of a call: the outputs that the calls behind it get."""


class Stopped(Exception):
    """Keras 3 could not run a call; `chain` says which."""

    def __init__(self, chain: Chain, error: Exception) -> None:
        super().__init__(str(error))
        self.chain, self.error = chain, error


def functional_of(operation: Any) -> Any:
    """The graph of a model that has one, else None."""
    if isinstance(operation, keras.Sequential):
        return operation._functional
    return operation if isinstance(operation, keras.Model) and hasattr(operation, "_nodes_by_depth") else None


def walk(functional: Any, inputs: Any, visit: Visit, chain: Chain = ()) -> list[Any]:
    """The outputs, each visited."""
    places = {id(node): place for place, node in calls_of(functional)}
    given = functional._standardize_inputs(inputs)
    table = {id(x): y for x, y in zip(functional.inputs, keras.tree.flatten(given), strict=True)}
    for node in ordered(functional):
        if node.is_input or any(id(x) not in table for x in node.input_tensors):
            continue
        here = (*chain, places[id(node)])
        args, kwargs = node.arguments.fill_in(table)
        outputs = visit(Made(here, node, args, kwargs, _called(node.operation, args, kwargs, visit, here)))
        table.update((id(x), y) for x, y in zip(node.outputs, outputs, strict=True))
    return [table[id(x)] for x in functional.outputs]


def _called(operation: Any, args: Any, kwargs: Any, visit: Visit, here: Chain) -> list[Any]:
    inner = functional_of(operation)
    if inner is not None and not any(kwargs.values()) and len(args) == 1:
        return walk(inner, args[0], visit, here)
    try:
        return list(keras.tree.flatten(operation(*args, **kwargs)))
    except TimeoutError:
        raise
    except Exception as error:
        check_memory(error)
        raise Stopped(here, error) from error


def ordered(functional: Any) -> Iterator[Any]:
    """The calls of a graph, producers first."""
    for _, nodes in sorted(functional._nodes_by_depth.items(), reverse=True):
        yield from nodes


def calls_of(functional: Any) -> Iterator[tuple[Place, Any]]:
    """Every call of a graph, by the operation's name, its place among the operations, and its number there."""
    own = {id(node) for node in ordered(functional)}
    for position, operation in enumerate(functional.operations):
        mine = [node for node in operation._inbound_nodes if id(node) in own]
        for number, node in enumerate(mine):
            yield (operation.name, position, number), node


def replaced(old: Any, value: Any) -> Any:
    """Other values in the place of a tensor, under its mask."""
    new = keras.ops.convert_to_tensor(value, dtype=keras.backend.standardize_dtype(old.dtype))
    mask = mask_of(old)
    if mask is not None:
        masked(new, mask)
    return new


def masked(tensor: Any, mask: Any) -> None:
    """Attach a mask, as Keras 3 does."""
    if hasattr(backend, "set_keras_mask"):
        backend.set_keras_mask(tensor, mask)
    else:
        tensor._keras_mask = mask


def mask_of(tensor: Any) -> Any:
    """What Keras 3 attached to a tensor."""
    kept = getattr(backend, "get_keras_mask", None)
    return getattr(tensor, "_keras_mask", None) if kept is None else kept(tensor)


def as_array(tensor: Any) -> Any:
    if hasattr(tensor, "dense_shape"):
        import tensorflow as tf

        tensor = tf.sparse.to_dense(tf.sparse.reorder(tensor))
    found = np.asarray(keras.ops.convert_to_numpy(tensor))
    return found.astype(np.float32) if found.dtype.name == "bfloat16" else found
