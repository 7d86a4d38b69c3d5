"""Keras 2 HDF5 checkpoints to Keras 3 archives, with proof that they compute the same.

>>> import k2to3
>>> report = k2to3.convert("old.h5", "new.keras")  # doctest: +SKIP
>>> report.status  # doctest: +SKIP
'proved'
"""

# ruff: noqa: E402
from k2to3.isolation.command import leave_current_folder

leave_current_folder()

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k2to3.api.convert import convert, plan
    from k2to3.api.diff import diff
    from k2to3.api.inspect import inspect
    from k2to3.api.load import load_model
    from k2to3.api.load_weights import Loaded, load_weights
    from k2to3.api.verify import verify
    from k2to3.comparison.record import Comparison
    from k2to3.errors import (
        BadConfig,
        Damaged,
        FileError,
        K2to3Error,
        NotEqual,
        NothingToDo,
        NotKeras2,
        ProofFailed,
        Refused,
        UnsafeFile,
        UnsupportedLayer,
        UnsupportedOption,
        UsageError,
        WeightMismatch,
    )
    from k2to3.findings import Finding
    from k2to3.keras2.config import Config
    from k2to3.keras2.model import LayerRecord
    from k2to3.keras3.graph import Graph, Tensor
    from k2to3.keras3.layer import Layer
    from k2to3.matching.slots import Slots
    from k2to3.migration.run import batch
    from k2to3.report.inspected import Inspection
    from k2to3.report.record import Report
    from k2to3.rules.language import Composite, Context, Described, Native, as_stored, rule
    from k2to3.sources.author import Writer
    from k2to3.version import __version__

# Where each name stands; a process that asks for one pays for that alone.
_HOMES = {
    "api.convert": "convert plan",
    "api.diff": "diff",
    "api.inspect": "inspect",
    "api.load": "load_model",
    "api.load_weights": "Loaded load_weights",
    "api.verify": "verify",
    "comparison.record": "Comparison",
    "errors": (
        "BadConfig Damaged FileError K2to3Error NotEqual NothingToDo NotKeras2 ProofFailed Refused UnsafeFile "
        "UnsupportedLayer UnsupportedOption UsageError WeightMismatch"
    ),
    "findings": "Finding",
    "keras2.config": "Config",
    "keras2.model": "LayerRecord",
    "keras3.graph": "Graph Tensor",
    "keras3.layer": "Layer",
    "matching.slots": "Slots",
    "migration.run": "batch",
    "report.inspected": "Inspection",
    "report.record": "Report",
    "rules.language": "Composite Context Described Native as_stored rule",
    "sources.author": "Writer",
    "version": "__version__",
}

__all__ = [
    "BadConfig",
    "Comparison",
    "Composite",
    "Config",
    "Context",
    "Damaged",
    "Described",
    "FileError",
    "Finding",
    "Graph",
    "Inspection",
    "K2to3Error",
    "Layer",
    "LayerRecord",
    "Loaded",
    "Native",
    "NotEqual",
    "NotKeras2",
    "NothingToDo",
    "ProofFailed",
    "Refused",
    "Report",
    "Slots",
    "Tensor",
    "UnsafeFile",
    "UnsupportedLayer",
    "UnsupportedOption",
    "UsageError",
    "WeightMismatch",
    "Writer",
    "__version__",
    "as_stored",
    "batch",
    "convert",
    "diff",
    "inspect",
    "load_model",
    "load_weights",
    "plan",
    "rule",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        # `k2to3.errors` is a module that people name.
        return importlib.import_module(f"k2to3.{name}")
    for module, names in _HOMES.items():
        if name in names.split():
            return getattr(importlib.import_module(f"k2to3.{module}"), name)
    raise AttributeError(f"module 'k2to3' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
