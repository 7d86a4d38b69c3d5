"""Options that name a part of a model, and whether any model had it."""

from __future__ import annotations

from collections.abc import Iterable

from k2to3.errors import UsageError
from k2to3.options.records import ModelOptions

Used = Iterable[tuple[str, str]]
UNUSED = {
    "lambdas": "--lambda {}: {} no Lambda layer and no custom activation of that name",
    "drop": "--drop {}: {} no custom regularizer or constraint of that name",
}


def unused(options: ModelOptions, used: Used, whose: str = "the model has") -> list[str]:
    """What was said of parts that nothing has, a line each."""
    met = set(used)
    said = [("lambdas", name) for name in sorted(options.lambdas)] + [("drop", name) for name in sorted(options.drop)]
    return [UNUSED[option].format(name, whose) for option, name in said if (option, name) not in met]


def check_all_used(options: ModelOptions, used: Used) -> None:
    """
    Raises:
        UsageError: the user gave a function for a Lambda that the model does not have, or dropped what it has not.
    """
    for text in unused(options, used):
        raise UsageError(text)
