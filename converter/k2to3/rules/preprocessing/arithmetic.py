"""Preprocessing layers that are plain arithmetic."""

from __future__ import annotations

from k2to3.rules.language import Context, Native, rule


@rule("Rescaling", masks="drop")
def rescaling(context: Context) -> Native:
    """Keras 3's Rescaling passes masks on; Keras 2's did not."""
    config = context.config
    return Native(context.layer("Rescaling", {"scale": config.take("scale"), "offset": config.take("offset", 0.0)}))
