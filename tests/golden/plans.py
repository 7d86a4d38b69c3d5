"""The plan of every fixture as text: what would be written, before anything is.

    python tests/golden/plans.py            rewrites tests/golden/*.txt; read the diff

A plan names each layer's config, each variable's expression with a checksum of its value, what Keras it needs,
and every finding. No framework is imported.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from k2to3.engine.plan import Plan, make_plan
from k2to3.errors import K2to3Error
from k2to3.sources.read import read_checkpoint
from k2to3.weights import Expression

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures"


def sources() -> list[Path]:
    """The fixtures, in a fixed order."""
    return sorted(FIXTURES.glob("*.h5"))


def golden(source: Path) -> Path:
    """Where the text of a fixture's plan is kept."""
    return HERE / f"{source.stem}.txt"


def plan_text(source: Path) -> str:
    """The whole plan, or the refusal."""
    architecture = source.with_suffix(".arch.json")
    try:
        with read_checkpoint(source, architecture if architecture.exists() else None) as checkpoint:
            return "\n".join(_lines(make_plan(checkpoint), str(checkpoint.writer))) + "\n"
    except K2to3Error as error:
        error.file = None
        return f"{type(error).__name__}: {error}\n"


def _lines(plan: Plan, writer: str) -> Iterator[str]:
    yield f"written by {writer}"
    needs = plan.requires
    yield f"needs Keras {needs.keras} ({', '.join(needs.because)}) on {', '.join(needs.backends)}"
    yield from (f"limit: {limit}" for limit in needs.limits)
    yield from (str(finding) for finding in plan.findings)
    yield from _config("", plan.config)
    for group in plan.groups:
        for index, expression in enumerate(group.variables):
            place = f"{group.path}/vars/{index}".lstrip("/")
            yield f"{place} {expression.dtype}{list(expression.shape)} {_checksum(expression)} = {expression}"


def _checksum(expression: Expression) -> str:
    """Of all bits where they are copies; of six digits where another processor may round otherwise."""
    value = expression.evaluate()
    if expression.exact or value.dtype.kind != "f":
        return f"{zlib.crc32(value.tobytes()):08x}"
    flat = value.astype(np.float64).ravel()
    return f"{np.abs(flat).sum():.6g}/{np.dot(flat, np.cos(np.arange(flat.size))):.6g}"


def _config(indent: str, node: dict[str, Any]) -> Iterator[str]:
    """A model's layers a line each, nested models indented."""
    inner = node.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        yield indent + json.dumps(node)
        return
    assert isinstance(inner, dict)
    yield indent + json.dumps({**node, "config": {key: value for key, value in inner.items() if key != "layers"}})
    for layer in layers:
        yield from _config(indent + "  ", layer)


def main() -> None:
    wanted = {golden(source): plan_text(source) for source in sources()}
    for path in set(HERE.glob("*.txt")) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(wanted)} plans, {sum(map(len, wanted.values()))} characters")


if __name__ == "__main__":
    main()
