"""The options of a run, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from k2to3.isolation.calls import Fresh, Workers
from k2to3.limits import DEFAULT, Limits
from k2to3.options.words import SHARD_SIZE, Backend, Function, Judge, Level

LEVELS: tuple[Level, ...] = get_args(Level)
Progress = Callable[[int], None]


@dataclass(frozen=True)
class ModelOptions:
    """What the user adds to the file and to the built-in rules.

    `treat_as`: class name in the file → class name whose rule reads it. `custom_objects`: module
    name or `.py` file. `lambdas`: layer or activation → its function, as source text or a Python
    function. `drop`: regularizers and constraints of the author's that the archive may go without.
    `input_shape`: of one sample; `input_shapes`: of that of each
    InputLayer named. `outputs`: layers that the model is cut to. `vocabularies`: lookup layer → tokens.
    """

    rules: tuple[Path, ...] = ()
    treat_as: Mapping[str, str] = field(default_factory=dict)
    custom_objects: str | None = None
    lambdas: Mapping[str, Function] = field(default_factory=dict)
    lambda_globals: Mapping[str, Any] = field(default_factory=dict)
    accept_noise_off: bool = False
    drop: frozenset[str] = frozenset()
    input_shape: tuple[int | None, ...] | None = None
    input_shapes: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    vocabularies: Mapping[str, Sequence[str | int]] = field(default_factory=dict)


@dataclass(frozen=True)
class ProofOptions:
    """What to prove, and how closely.

    `tolerance` is relative to the largest reference value of each output; None means
    1e-5 (5e-3 for half precision). `reference` holds recorded inputs `in0…` and outputs
    `out0…` of the Keras that wrote the file. `asked`: the level was named, so that a
    proof which cannot reach it is an error.
    """

    level: Level = "outputs"
    tolerance: float | None = None
    token_ids: Sequence[int] = ()
    seed: int = 0
    reference: Path | None = None
    judge: Judge = "both"
    backend: Backend = "auto"
    asked: bool = True

    @property
    def needs_keras(self) -> bool:
        """Whether it matters which frameworks are installed."""
        return (self.level, self.judge, self.backend) != ("none", "both", "auto")


@dataclass(frozen=True)
class Said:
    """What the user knows of the author where the file is silent.

    `version`: as `keras_version` would stand in the file. `release`: of TensorFlow, where that was said. `text`: in
    the user's own words.
    """

    version: str | None = None
    release: tuple[int, ...] | None = None
    backend: str | None = None
    text: str | None = None

    def or_version(self, version: str) -> Said:
        """The same, with a version where none was said."""
        return self if self.version is not None else replace(self, version=version)


SILENT = Said()


@dataclass(frozen=True)
class Options:
    """All options of one run."""

    model: ModelOptions = field(default_factory=ModelOptions)
    proof: ProofOptions = field(default_factory=ProofOptions)
    limits: Limits = DEFAULT
    architecture: Path | None = None
    author: Said = SILENT
    compile: bool = True
    min_keras: str | None = None
    overwrite: bool = False
    dry_run: bool = False
    shard_size: int = SHARD_SIZE
    progress: Progress | None = None
    workers: Workers = field(default_factory=Fresh)
    """Who runs the proofs."""
    phase: Callable[[str], None] | None = None
    statistics: bool = False
    """Whether the record tells what the values of every variable look like."""
    sole: bool = True
    """The model is the only one of its run, so what is said of parts by name must mean something in it."""
