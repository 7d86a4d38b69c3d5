"""Inside the worker: texts to feed, from the vocabularies of the stored config and from outside of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

OUTSIDE = ("hello world", "", "Zebra", "naïve Ünïcode ☃", "a b  c", "x" * 40, "tab\tand\nline")
FORMS = ("{}", "{}", "{}", "{}!", "<b>{}</b>", "  {} ")


def texts(config: Any, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Tokens as they are, with punctuation, in capitals, several in a row; and texts that no vocabulary holds."""
    known = sorted(set(_tokens(config)))
    found = [_text(known, generator) for _ in range(int(np.prod(shape)))]
    return np.array(found, dtype=object).reshape(shape)


def _text(known: list[str], generator: np.random.Generator) -> str:
    if not known or generator.random() < 0.25:
        return str(generator.choice(["a", "b", *OUTSIDE]))
    words = [str(word) for word in generator.choice(known, size=int(generator.choice([1, 1, 1, 3])))]
    text = str(generator.choice(FORMS)).format(" ".join(words))
    return text.upper() if generator.random() < 0.15 else text


def _tokens(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, item in node.items():
            if key == "vocabulary" and isinstance(item, list):
                yield from (token for token in item if isinstance(token, str))
            else:
                yield from _tokens(item)
    elif isinstance(node, list):
        for item in node:
            yield from _tokens(item)
