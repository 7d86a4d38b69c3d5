"""An activation saved by name alone, whose function the user gives (`--lambda NAME=EXPR`)."""

from __future__ import annotations

from collections.abc import Callable

from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.rules.language import Context


def given_activation(context: Context, name: str) -> Callable[[Graph, Tensor], Structure] | None:
    """A function that adds the activation to a graph, or None where the user gave none."""
    given = context.conversion.lambda_of(name)
    if given is None:
        return None
    from k2to3.bytecode.given import apply_given
    from k2to3.bytecode.graph_backend import GraphBackend
    from k2to3.functions.emitter import Emitter

    shown = given if isinstance(given, str) else f"the Python function {given.__name__}"
    context.note("accepted", f"activation {name!r} was given by the user: {shown}")

    def apply(graph: Graph, tensor: Tensor) -> Structure:
        label = f"{context.name}_activation"
        options = context.conversion.options
        emitter = Emitter(graph, label, context.record.name, context.writer, context.note, options.accept_noise_off)
        found = apply_given(given, GraphBackend(emitter), tensor, options.lambda_globals)
        if not isinstance(found, Tensor):
            raise emitter.refuse("the function given for its activation returns no tensor")
        return found

    return apply
