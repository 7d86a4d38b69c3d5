"""Places that are no paths of this machine: objects behind a URL, as a pair of a batch names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

URL = re.compile(r"[a-z][a-z0-9+.-]+://")
Identity = tuple[int, int]


def is_url(text: object) -> bool:
    """Whether it names something of a remote file system; a drive of Windows has one letter."""
    return URL.match(str(text)) is not None


@dataclass(frozen=True)
class Objects:
    """A checkpoint behind a URL: the objects that it consists of, and what tells whether it is still the same.

    Attributes:
        parts: name in the remote file system, and place below the folder that they are fetched to.
        main: the place of the checkpoint itself.
        identity: bytes of all parts, and a number that changes with them.
    """

    url: str
    parts: tuple[tuple[str, str], ...]
    main: str
    identity: Identity


@dataclass(frozen=True)
class Remote:
    """What of a pair is remote: its source, its target (a URL), or both."""

    source: Objects | None = None
    target: str | None = None
