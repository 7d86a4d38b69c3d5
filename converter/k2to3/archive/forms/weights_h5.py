"""`.weights.h5`: the variables alone, for `load_weights` of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from k2to3.archive.forms.form import Form, Settings, as_named, by_path, one_file
from k2to3.archive.forms.hdf5_variables import datasets
from k2to3.archive.keras_archive import Archive, write_weights
from k2to3.archive.trail import trail


def write(archive: Archive, files: Mapping[str, Path], settings: Settings) -> None:
    (path,) = files.values()
    with path.open("r+b") as file, trail(path, file, settings.progress) as followed:
        file.truncate(write_weights(archive.groups, path, 0, followed))


WEIGHTS_H5 = Form((".weights.h5",), False, False, one_file, write, as_named, by_path, datasets)
