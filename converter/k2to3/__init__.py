"""Keras 2 HDF5 checkpoints to Keras 3 archives, with proof that they compute the same.

>>> import k2to3
>>> report = k2to3.convert("old.h5", "new.keras")  # doctest: +SKIP
>>> report.status  # doctest: +SKIP
'proved'
"""

from k2to3.batch.run import batch
from k2to3.convert import convert, load_model, plan, verify
from k2to3.errors import (
    BadConfig,
    FileError,
    K2to3Error,
    NotEqual,
    NothingToDo,
    NotKeras2,
    Refused,
    UnsafeFile,
    UnsupportedLayer,
    UnsupportedOption,
    UsageError,
    WeightMismatch,
)
from k2to3.inspect import Inspection, inspect
from k2to3.report.findings import Finding
from k2to3.report.record import Report
from k2to3.version import __version__

__all__ = [
    "BadConfig",
    "FileError",
    "Finding",
    "Inspection",
    "K2to3Error",
    "NotEqual",
    "NotKeras2",
    "NothingToDo",
    "Refused",
    "Report",
    "UnsafeFile",
    "UnsupportedLayer",
    "UnsupportedOption",
    "UsageError",
    "WeightMismatch",
    "__version__",
    "batch",
    "convert",
    "inspect",
    "load_model",
    "plan",
    "verify",
]
