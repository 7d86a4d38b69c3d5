"""HDF5 attributes as Keras wrote them: bytes or str, whole or in chunks."""

from __future__ import annotations

import h5py
import numpy as np

from k2to3.errors import BadConfig

READ = (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING)
"""Classes of types whose values are read; reading another one, such as a variable-length type, can crash HDF5."""


def text(group: h5py.Group, name: str) -> str | None:
    """A text attribute, whichever h5py and Python wrote it; None when absent."""
    if name not in group.attrs:
        return None
    return _decode(_value(group, name), name)


def names(group: h5py.Group, name: str) -> list[str]:
    """A list of names, also when split into `name0`, `name1`, ... (over 64512 bytes).

    Source: `load_attributes_from_hdf5_group` of Keras 2.2.3 and later.
    """
    if h5py.h5a.exists(group.id, name.encode()):
        return _decode_all(_value(group, name), name)
    found: list[str] = []
    while (chunk := f"{name}{len(found)}") in group.attrs:
        values = _decode_all(_value(group, chunk), chunk)
        found.append("\0".join(values))
    return [value for chunk in found for value in chunk.split("\0")]


def has_names(group: h5py.Group, name: str) -> bool:
    """Whether the list exists in either form."""
    return name in group.attrs or f"{name}0" in group.attrs


def _value(group: h5py.Group, name: str) -> object:
    attribute = h5py.h5a.open(group.id, name.encode("utf-8", "surrogateescape"))
    kind = attribute.get_type()
    if kind.get_class() not in READ:
        raise BadConfig(f"attribute {name!r} is not text")
    if kind.get_class() != h5py.h5t.STRING or kind.is_variable_str() or attribute.shape is None:
        return group.attrs[name]
    found = np.zeros(attribute.shape, attribute.dtype)
    attribute.read(found)
    return found


def _decode_all(value: object, name: str) -> list[str]:
    array = np.asarray(value)
    # Keras writes an empty list as a float64 attribute of shape (0,).
    if array.size == 0:
        return []
    return [_decode(item, name) for item in array.ravel().tolist()]


def _decode(value: object, name: str) -> str:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    if isinstance(value, (bytes, np.bytes_)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadConfig(f"attribute {name!r} is not UTF-8 text") from error
    if isinstance(value, str) and not _has_surrogates(value):
        return str(value)
    raise BadConfig(f"attribute {name!r} is not text")


def _has_surrogates(value: str) -> bool:
    """h5py gives bytes that are no UTF-8 as half characters, which no name can be written with."""
    return any("\ud800" <= character <= "\udfff" for character in value) if not value.isascii() else False
