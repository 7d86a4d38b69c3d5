"""What each Lambda became: the ops of Keras 3 that its bytecode says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]
MOST = 8
HOLDERS = ("InputLayer", "Functional")


def lambdas(graph: Json | None) -> Iterator[tuple[str, str]]:
    """Each Lambda of the old graph, and the ops that stand for it in the new one."""
    if not graph or "new" not in graph:
        return
    names = [node["name"] for node in _all(graph["old"]) if node["class"] == "Lambda"]
    new = list(_all(graph["new"]))
    for name in dict.fromkeys(names):
        own = [node for node in new if node.get("from") == name]
        inner = [item["class"] for node in own for item in _all([node])]
        ops = [kind for kind in inner if kind not in HOLDERS]
        more = f" and {len(ops) - MOST} more" if len(ops) > MOST else ""
        yield name, ", ".join(ops[:MOST]) + more if ops else "nothing: it changes nothing"


def _all(nodes: Sequence[Json]) -> Iterator[Json]:
    for node in nodes:
        yield node
        yield from _all(node.get("nodes", ()))
