"""Values that no key expects: another type, null, huge, negative, empty, another word, not finite, deep."""

from __future__ import annotations

import random
from typing import Any

WORDS = (
    "", "x", "valid", "same", "causal", "full", "channels_first", "channels_last", "channels_middle", "relu",
    "hard_sigmoid", "softmax", "float16", "mixed_float16", "int32", "string", "sum", "mul", "ave", "concat", "dot",
    "nearest", "bilinear", "int", "count", "one_hot", "multi_hot", "tf_idf", "L2", "MaxNorm", "Dense", "LSTM",
    "zeros", "\x1b[2J", "a/b", "..", "é" * 300,
)  # fmt: skip
NUMBERS = (
    0, 1, 2, 3, 5, 17, -1, -2, -7, 10**6, 2**31, 2**63, 10**12, -(2**40), 10**400, 0.5, 2.0, 2.5, -0.5, 1.5, 1e-7,
    1e308, float("nan"), float("inf"), float("-inf"), 1e400,
)  # fmt: skip


def deep(generator: random.Random) -> Any:
    """Nested far deeper than any file."""
    value: Any = generator.choice((1, "x", None))
    for _ in range(generator.choice((5, 60, 190, 900))):
        value = [value] if generator.random() < 0.5 else {"class_name": "Dense", "config": value}
    return value


def odd(generator: random.Random) -> Any:
    """Any odd value."""
    kind = generator.randrange(12)
    if kind < 4:
        return generator.choice(NUMBERS)
    if kind < 6:
        return generator.choice(WORDS)
    if kind == 6:
        return generator.choice((None, True, False))
    if kind == 7:
        return generator.choice(([], {}, [None], [1, 2], [-1], [[1]], [[1, 2], [3, 4]], ["x"], [1] * 300, [2.5, 1]))
    if kind == 8:
        name, config = generator.choice(WORDS), {generator.choice(("l2", "value", "max_value", "name")): odd(generator)}
        return generator.choice(({"class_name": name, "config": config}, {"name": name, **config}))
    if kind == 9:
        return {"type": "ndarray", "value": odd(generator)}
    if kind == 10:
        return deep(generator) if generator.random() < 0.2 else {"class_name": "__tuple__", "items": [odd(generator)]}
    return [odd(generator) for _ in range(generator.randrange(1, 4))]


def near(value: Any, generator: random.Random) -> Any:
    """A value of the same type, but another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + generator.choice((-1, 1, 2, -value, -2 * value, 10**9))
    if isinstance(value, float):
        return generator.choice((value + 0.25, -value, value * 2, 1 - value, 0.0, 1.0, float("nan"), float("inf")))
    if isinstance(value, str):
        return generator.choice((*WORDS, value + "x", value.upper(), value[1:]))
    if isinstance(value, list):
        changed = list(value)
        if changed and generator.random() < 0.5:
            index = generator.randrange(len(changed))
            changed[index] = near(changed[index], generator)
            return changed
        return generator.choice((changed[1:], changed + changed, changed[::-1], changed + [odd(generator)]))
    if isinstance(value, dict):
        if not value:
            return {"x": odd(generator)}
        key = generator.choice(list(value))
        if generator.random() < 0.5:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: near(value[key], generator)}
    return odd(generator)
