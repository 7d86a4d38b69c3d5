"""HDF5 attributes as Keras wrote them: whole or in chunks."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.sources.tree import Group


def text(group: Group, name: str) -> str | None:
    """A text attribute, whichever h5py and Python wrote it; None when absent."""
    if name not in group.attributes:
        return None
    values = _texts(group, name)
    if len(values) != 1:
        raise BadConfig(f"attribute {name!r} is not text")
    return values[0]


def names(group: Group, name: str) -> list[str]:
    """A list of names, also when split into `name0`, `name1`, ... (over 64512 bytes).

    Source: `load_attributes_from_hdf5_group` of Keras 2.2.3 and later.
    """
    if name in group.attributes:
        return _texts(group, name)
    found: list[str] = []
    chunk = 0
    while f"{name}{chunk}" in group.attributes:
        found += _texts(group, f"{name}{chunk}")
        chunk += 1
    return found


def has_names(group: Group, name: str) -> bool:
    """Whether the list exists in either form."""
    return name in group.attributes or f"{name}0" in group.attributes


def _texts(group: Group, name: str) -> list[str]:
    values = group.attributes[name]
    if values is None:
        raise BadConfig(f"attribute {name!r} is not text")
    try:
        return [value.decode("utf-8") for value in values]
    except UnicodeDecodeError as error:
        raise BadConfig(f"attribute {name!r} is not UTF-8 text") from error
