"""Who wrote a checkpoint: Keras version and backend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig

Version = tuple[int, ...]
# keras_version of tf.keras → the first and the last TensorFlow that wrote it; from 2.5 on they are one number.
RELEASES: dict[Version, tuple[Version, Version]] = {
    (2, 0): ((1, 4), (1, 4)),
    (2, 1): ((1, 5), (1, 12)),
    (2, 2): ((1, 13), (2, 1)),
    (2, 3): ((2, 1), (2, 2)),
    (2, 4): ((2, 3), (2, 4)),
}
UNKNOWN = "1.x"


@dataclass(frozen=True)
class Writer:
    """The program that wrote a checkpoint, as far as the file (and where that is silent, the user) says.

    `tensorflow`: written by tf.keras (or tf-keras), not by the multi-backend Keras. `span`: the releases of TensorFlow
    it can be, where the version does not say it. `rebuilt`: the architecture was built anew by code, so that its words
    tell nothing of the author.
    """

    version: tuple[int, int, int]
    text: str
    backend: str | None
    tensorflow: bool
    span: tuple[Version, Version] | None = None
    rebuilt: bool = False

    @property
    def keras1(self) -> bool:
        return self.version[0] < 2

    @property
    def theano(self) -> bool:
        return self.backend == "theano"

    @property
    def standalone(self) -> bool:
        """Multi-backend Keras 2 (up to 2.3.1)."""
        return not self.tensorflow

    @property
    def releases(self) -> tuple[Version, Version]:
        """The first and the last release it can be: of TensorFlow for tf.keras, else of Keras."""
        if self.version == (1, 0, 0):
            # A version that is not told is read as this one.
            return (1, 0, 0), (1, 2, 2)
        if not self.tensorflow:
            return self.version, self.version
        if self.span is not None:
            return self.span
        return RELEASES.get(self.version[:2], (self.version[:2], self.version[:2]))

    def before(self, *version: int) -> bool:
        return self.version < version

    def __str__(self) -> str:
        flavour = "tf.keras" if self.tensorflow else "Keras"
        known = self.span is not None and self.span[0] == self.span[1]
        release = f" (TensorFlow {'.'.join(map(str, self.releases[0]))})" if known else ""
        backend = f" on {self.backend}" if self.backend else ""
        return f"{flavour} {self.text}{release}{backend}"


def parse_writer(
    version: str | None, backend: str | None, span: tuple[Version, Version] | None = None, rebuilt: bool = False
) -> Writer:
    """Read the `keras_version` and `backend` attributes; no version means Keras 1."""
    text = version or UNKNOWN
    match = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", text)
    if match is None:
        raise BadConfig(f"keras_version {text!r} is not a version")
    numbers = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    # "2.2.4-tf" is TensorFlow 1.13-2.1; from 2.4.0 on only TensorFlow's Keras exists.
    tensorflow = "-tf" in text or numbers >= (2, 4, 0)
    return Writer(numbers, text, backend, tensorflow, span, rebuilt)


def read_writer(record: Mapping[str, Any]) -> Writer:
    """A `Writer` that went through JSON (`dataclasses.asdict`)."""
    first_last = record["span"]
    span = None if first_last is None else (tuple(first_last[0]), tuple(first_last[1]))
    return Writer(**{**record, "version": tuple(record["version"]), "span": span})
