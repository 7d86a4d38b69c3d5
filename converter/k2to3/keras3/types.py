"""Small shared types."""

from __future__ import annotations

Shape = tuple[int | None, ...]
Spec = tuple[Shape, str]
"""Shape and dtype of a tensor."""
