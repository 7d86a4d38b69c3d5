"""From a stored function to what it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k2to3.bytecode.framework import framework_symbol
from k2to3.bytecode.graph_backend import GraphBackend
from k2to3.bytecode.instructions import HANDLERS
from k2to3.bytecode.listing import listing
from k2to3.bytecode.machine import Machine
from k2to3.bytecode.runtime import Runtime, cells
from k2to3.bytecode.stored import Stored
from k2to3.bytecode.values import Backend, NotRecovered, Value
from k2to3.errors import K2to3Error, Refused, UnsupportedOption

WAY_OUT = "give the function yourself: --lambda '{layer}=lambda x: ...' with K, tf, np or Keras 3 ops"


def apply_stored(
    stored: Stored,
    backend: Backend,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    given: Mapping[str, Value],
    reading: int = 0,
) -> Value:
    """Follow the function with `args`; operations on tensors go to `backend`.

    Raises:
        K2to3Error: it cannot be followed, or the backend refuses an operation.
    """
    runtime = Runtime(backend, given)
    symbol = framework_symbol(stored)
    if symbol is not None:
        return runtime.call(symbol, list(args), dict(kwargs))
    code, version = stored.readings[reading]
    machine = Machine(runtime, version, HANDLERS)
    function = machine.function(code, stored.defaults, cells(stored.closure))
    try:
        return runtime.enter(function, args, kwargs)
    except RecursionError as error:
        raise NotRecovered("it nests too deeply") from error


def recover(
    stored: Stored,
    backend: GraphBackend,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    given: Mapping[str, Value],
) -> Value:
    """As `apply_stored`, for every version of Python that may have written the code.

    Raises:
        UnsupportedOption: none can be followed, with a listing and the way out; or two
            can and compute different things.
    """
    found: list[tuple[Value, list[str]]] = []
    problem: K2to3Error | None = None
    for index in range(len(stored.readings)):
        trial = GraphBackend(backend.emitter)
        try:
            value = apply_stored(stored, trial, args, kwargs, given, index)
        except Refused as error:
            problem = problem or error
            continue
        found.append((value, trial.trace))
    if not found:
        assert problem is not None
        raise explained(stored, problem, backend.emitter.layer)
    if any(trace != found[0][1] for _, trace in found):
        versions = " or ".join(version for _, version in stored.readings)
        raise explained(
            stored, NotRecovered(f"it was written by Python {versions}, which differ"), backend.emitter.layer
        )
    return found[0][0]


def explained(stored: Stored, problem: K2to3Error, layer: str) -> UnsupportedOption:
    """The refusal of a Lambda that people can act on."""
    code, version = stored.readings[0]
    # A global that was a function of the author's own can be given no other way than with the whole.
    hint = "; or ".join(filter(None, [problem.hint, WAY_OUT.format(layer=layer)]))
    message = f"its Python function cannot be recovered: {problem.message}\n    {listing(code, version)}\n    "
    return UnsupportedOption(message, layer=layer, hint=hint)
