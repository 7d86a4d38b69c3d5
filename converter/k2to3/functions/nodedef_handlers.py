"""What the handlers of NodeDef ops share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2to3.functions.dispatch import call
from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_reading import NodeDef
from k2to3.functions.table import Table
from k2to3.functions.values import Value

Inputs = list[Value]
Handler = Callable[[Emitter, NodeDef, Inputs], Value]


class Handlers(Table[Handler]):
    """The handlers of one module by the ops they stand for."""


def tensorflow(emitter: Emitter, name: str, *args: Value, **kwargs: Value) -> Any:
    """A function of TensorFlow's."""
    return call(emitter, f"tensorflow.{name}", args, kwargs)
