"""The record of what failed before there was any other record."""

from __future__ import annotations

from typing import Any

from k2to3.errors import K2to3Error


def error_record(error: K2to3Error) -> dict[str, Any]:
    """An error as JSON, after `schemas/error.schema.json`."""
    fields = {name: getattr(error, name) for name in ("message", "file", "layer", "key")}
    found = {"type": type(error).__name__, **fields, "hint": error.way_out}
    return {"schema": "k2to3-error-1", "exit_code": error.exit_code, "error": found}
