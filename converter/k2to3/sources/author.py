"""Who wrote a checkpoint: Keras version and backend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from k2to3.errors import BadConfig


@dataclass(frozen=True)
class Writer:
    """The program that wrote a checkpoint, as far as the file says."""

    version: tuple[int, int, int]
    text: str
    backend: str | None
    tensorflow: bool
    """Written by tf.keras (or tf-keras), not by the multi-backend Keras."""

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

    def before(self, *version: int) -> bool:
        return self.version < version

    def __str__(self) -> str:
        flavour = "tf.keras" if self.tensorflow else "Keras"
        backend = f" on {self.backend}" if self.backend else ""
        return f"{flavour} {self.text}{backend}"


def parse_writer(version: str | None, backend: str | None) -> Writer:
    """Read the `keras_version` and `backend` attributes; no version means Keras 1."""
    text = version or "1.x"
    match = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", text)
    if match is None:
        raise BadConfig(f"keras_version {text!r} is not a version")
    numbers = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    # "2.2.4-tf" is TensorFlow 1.13-2.1; from 2.4.0 on only TensorFlow's Keras exists.
    tensorflow = "-tf" in text or numbers >= (2, 4, 0)
    return Writer(numbers, text, backend, tensorflow)
