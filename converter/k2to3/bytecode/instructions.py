"""All instructions that are followed, by the words of `decode`."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.bytecode import building, calling, flow, operations, stack, variables
from k2to3.bytecode.machine import Handler
from k2to3.functions.table import joined

HANDLERS: Mapping[str, Handler] = joined(
    stack.handles,
    variables.handles,
    operations.handles,
    building.handles,
    flow.handles,
    calling.handles,
)
