"""The attributes that Keras wrote, read by the library of HDF5: inside the child process."""

from __future__ import annotations

import h5py
import numpy as np

from k2to3.limits import Limits, too_much

KNOWN = ("model_config", "training_config", "keras_version", "backend", "name")
LISTS = ("layer_names", "weight_names")
"""Lists of names, with numbers behind where they are long."""
NUMBERS = (h5py.h5t.INTEGER, h5py.h5t.FLOAT)


def texts_of(item: h5py.h5g.GroupID, limits: Limits) -> dict[str, list[bytes] | None]:
    """The texts of each attribute that Keras knows; None where it is something else. Others are not read.

    Raises:
        UnsafeFile: larger than an honest one.
    """
    names: list[bytes] = []
    # A callback that returns nothing goes on.
    h5py.h5a.iterate(item, lambda name, *_: names.append(name))
    known = [text for text in map(_name, names) if text in KNOWN or text.startswith(LISTS)]
    return {name: _texts(item, name, limits) for name in known}


def _name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _texts(item: h5py.h5g.GroupID, name: str, limits: Limits) -> list[bytes] | None:
    attribute = h5py.h5a.open(item, name.encode("utf-8", "surrogateescape"))
    kind, space = attribute.get_type(), attribute.get_space()
    count = space.get_simple_extent_npoints()
    if kind.get_size() * max(1, count) > limits.config_bytes * 2:
        raise too_much("config_bytes", f"attribute {name!r} declares {kind.get_size() * count} bytes")
    listed = name.startswith(LISTS)
    if listed and count > limits.tensors:
        raise too_much("tensors", f"a list of {count} {name.split('_')[0]} names")
    if space.get_simple_extent_type() == h5py.h5s.NULL:
        return None
    if kind.get_class() in NUMBERS:
        # Keras writes an empty list as a float64 attribute of shape (0,).
        return None if count else []
    # Reading a type of another class, such as a variable-length one, can crash HDF5.
    if kind.get_class() != h5py.h5t.STRING:
        return None
    texts = _read(attribute, kind)
    longest = max(map(len, texts), default=0)
    if listed and longest > limits.name_bytes:
        raise too_much("name_bytes", f"a {name.split('_')[0]} name is longer than {limits.name_bytes} bytes")
    if longest > limits.config_bytes:
        raise too_much("config_bytes", f"attribute {name!r} is longer than {limits.config_bytes} bytes")
    return texts


def _read(attribute: h5py.h5a.AttrID, kind: h5py.h5t.TypeStringID) -> list[bytes]:
    if not kind.is_variable_str() and kind.get_strpad() == h5py.h5t.STR_NULLPAD:
        # Padded as NumPy pads: nothing to convert, which takes most of the time for many short lists.
        plain = np.zeros(attribute.shape, f"S{kind.get_size()}")
        attribute.read(plain, kind)
        found: list[bytes] = plain.ravel().tolist()
        return found
    value = np.zeros(attribute.shape, attribute.dtype)
    attribute.read(value)
    return [bytes(text or b"") for text in value.ravel().tolist()]
