"""How Keras from 2.12 on names the groups of objects in a file: by class, in order."""

from __future__ import annotations

import re


def snake_case(class_name: str) -> str:
    """Group name of a class, as `keras.src.utils.naming.to_snake_case` (3.0 to 3.15)."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def numbered(class_names: list[str]) -> list[str]:
    """Group names inside one container: `dense`, `dense_1`, ... by class, in order."""
    used: dict[str, int] = {}
    names = []
    for class_name in class_names:
        base = snake_case(class_name)
        count = used.get(base, 0)
        used[base] = count + 1
        names.append(f"{base}_{count}" if count else base)
    return names
