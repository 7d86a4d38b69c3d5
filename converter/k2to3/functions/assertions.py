"""Assertions: they raise an error or do nothing, and are left out."""

from __future__ import annotations

from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.values import Value

symbol = Family()

# fmt: off
NAMES = (
    "equal", "greater", "greater_equal", "integer", "less", "less_equal", "near", "negative", "non_negative",
    "non_positive", "none_equal", "positive", "proper_iterable", "rank", "rank_at_least", "rank_in",
    "same_float_dtype", "scalar", "shapes", "type",
)
# fmt: on


def _assertion(*names: str) -> None:
    def apply(emitter: Emitter, *args: Value, **options: Value) -> Value:
        emitter.note("dropped", f"an assertion ({names[0].removeprefix('tf.')}): it raised an error or did nothing")
        return None

    symbol(*names)(apply)


for _name in NAMES:
    _assertion(f"tf.debugging.assert_{_name}", f"tf.assert_{_name}")
_assertion("tf.debugging.Assert", "tf.Assert")


@symbol("tf.no_op", "tf.group")
def nothing(emitter: Emitter, *args: Value, **options: Value) -> Value:
    """Only steers the order of execution."""
    return None
