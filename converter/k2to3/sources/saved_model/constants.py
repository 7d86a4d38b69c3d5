"""Tables that a program fills with constants of its graph: vocabularies of TensorFlow 2.6 and later.

A table's `_initialize` is called with the table, the constant of its keys and that of its values. Of the graph only
those constants are read, never an operation.
Sources: tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto, `KeyValueTensorInitializer`.
"""

from __future__ import annotations

import math
import struct

from k2to3.errors import BadConfig, Damaged
from k2to3.limits import Limits, too_much
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.messages import extents
from k2to3.sources.saved_model.object_graph import ObjectGraph
from k2to3.sources.saved_model.wire import Span, entry, fields, message, number, numbers, spans, text, varint

INITIALIZE = "_initialize"
NODE, NAME, ATTRIBUTES = 1, 1, 5
TENSOR = 8
INT32, TEXTS, INT64 = 3, 7, 9
Token = str | int


def constant_table(graph: ObjectGraph, table: int, file: OpenedFile) -> tuple[list[Token], list[Token]] | None:
    """Keys and values of the table with this node; None where it is filled otherwise.

    Raises:
        BadConfig: texts that are no UTF-8. Damaged, UnsafeFile: see `wire.py`.
    """
    initializer = graph.child(table, INITIALIZE)
    names = () if initializer is None else graph.nodes[initializer].functions
    for name in names:
        given = graph.functions.get(name, ())
        if len(given) == 3 and given[0] == table:
            keys, values = (graph.nodes[each].constant for each in given[1:])
            if keys and values:
                found = _constants(file, graph.operations, {keys, values}, graph.limits)
                return _elements(found[keys], graph.limits), _elements(found[values], graph.limits)
    return None


def _constants(file: OpenedFile, graph: Span, wanted: set[str], limits: Limits) -> dict[str, bytes]:
    """Name of a constant → its TensorProto.

    Raises:
        Damaged: one is missing.
    """
    found: dict[str, bytes] = {}
    for span in spans(file, graph.start, graph.size, limits.objects):
        if span.number == NODE and (name := _name(file, span)) in wanted:
            if span.size > limits.config_bytes:
                raise too_much("config_bytes", f"a table of {span.size} bytes")
            found[name] = _value(file.read_at(span.start, span.size))
    if missing := sorted(wanted - set(found)):
        raise Damaged(f"a damaged SavedModel: the constant {missing[0]!r} is missing")
    return found


def _name(file: OpenedFile, span: Span) -> str:
    """The name of an operation, which is its first field."""
    head = file.read_at(span.start, min(span.size, 512))
    tag, position = varint(head, 0)
    if tag != NAME << 3 | 2:
        return ""
    size, position = varint(head, position)
    return head[position : position + size].decode("utf-8", "replace") if position + size <= len(head) else ""


def _value(data: bytes) -> bytes:
    for key, value in fields(data):
        if key == ATTRIBUTES:
            name, given = entry(message(value))
            if name == b"value":
                return message(dict(fields(given)).get(TENSOR, b""))
    raise Damaged("a damaged SavedModel: a constant has no value")


def _elements(data: bytes, limits: Limits) -> list[Token]:
    """TensorProto: whole numbers or texts."""
    kind, count, content = 0, 1, b""
    found: list[Token] = []
    for key, value in fields(data, limits.values + 8):
        if key == 1:
            kind = number(value)
        elif key == 2:
            count = math.prod(extents(message(value)))
        elif key == 4:
            content = message(value)
        elif key == 8:
            found.append(text(value))
        elif key in (7, 10):
            found += numbers(value)
    if kind not in (INT32, INT64, TEXTS):
        raise BadConfig(f"a table of TensorFlow's type {kind}")
    if not 0 <= count <= limits.values:
        raise too_much("values", f"a table of {count} tokens")
    if content and kind != TEXTS:
        size = 8 if kind == INT64 else 4
        if len(content) != count * size:
            raise Damaged("a damaged SavedModel: a constant is not as long as its shape")
        found += struct.unpack(f"<{count}{'q' if size == 8 else 'i'}", content)
    # The last element stands for all that follow.
    found += found[-1:] * (count - len(found))
    if len(found) != count:
        raise Damaged("a damaged SavedModel: a constant is not as long as its shape")
    return found
