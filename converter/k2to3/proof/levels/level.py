"""What a level of the proof is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k2to3.options.words import Level as Name

Job = dict[str, Any]
Found = dict[str, Any]


@dataclass(frozen=True)
class Objects:
    """Classes and functions of the user's own, by the names in the files."""

    keras3: dict[str, Any] = field(default_factory=dict)
    keras2: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """The archive, loaded in Keras 3 as `model`; `evidence` is filled in, `not_proved` with what cannot be said."""

    job: Job
    model: Any
    objects: Objects
    evidence: Found


@dataclass(frozen=True)
class Level:
    """`compare` says what is wrong with the archive, or None."""

    name: Name
    compare: Callable[[Trial], str | None]
