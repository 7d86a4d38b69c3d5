"""What to say where an architecture seems to have taken channels for rows."""

from __future__ import annotations

from k2to3.keras3.types import Shape

HINT = "the shapes seem to begin with channels: say data_format='channels_first' in each layer of the architecture"


def channels_hint(inputs: list[Shape], stored: Shape) -> str | None:
    """A kernel of an image that fits the first extent of what the layer is given, and not the last."""
    given = inputs[0] if inputs else ()
    if len(given) < 3 or len(given) != len(stored) or given[1] not in stored or given[-1] in stored:
        return None
    return HINT
