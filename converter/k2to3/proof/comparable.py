"""What of further training can be compared."""

from __future__ import annotations

from typing import Any

Arrays = dict[str, Any]


class NotComparable(Exception):
    """The claim can be neither proved nor refuted; the message says why."""
