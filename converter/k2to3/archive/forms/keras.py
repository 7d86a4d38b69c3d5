"""`.keras`: the whole model, as Keras 3 saves it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from k2to3.archive.forms.form import Form, Settings, as_named, by_path, one_file
from k2to3.archive.forms.hdf5_variables import datasets
from k2to3.archive.keras_archive import Archive, write_zip
from k2to3.archive.note import write_note


def write(archive: Archive, files: Mapping[str, Path], settings: Settings) -> None:
    (path,) = files.values()
    write_zip(archive, path, settings.progress, settings.note)


KERAS = Form((".keras",), True, True, one_file, write, as_named, by_path, datasets, write_note)
