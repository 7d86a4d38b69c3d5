"""The verb load_model."""

from __future__ import annotations

import os
from typing import Any, Unpack

from k2to3.api.convert import convert
from k2to3.custom.loading import custom_objects as load_custom_objects
from k2to3.installed import check_installed
from k2to3.leftovers import scratch_folder
from k2to3.options.words import ConvertOptions, PathLike


def load_model(source: PathLike, **options: Unpack[ConvertOptions]) -> Any:
    """The checkpoint as a live Keras 3 model, on the backend Keras is set to.

    Imports Keras in this process. `options` as of `convert`; `verify` defaults to
    `weights`.

    Raises:
        UsageError: Keras 3 is not installed.
    """
    check_installed("keras", "tensorflow", "load_model")
    import keras

    with scratch_folder() as folder:
        path = folder / "model.keras"
        said: ConvertOptions = {"verify": "weights", **options}
        convert(source, path, **said)
        own = options.get("custom_objects")
        objects = {} if own is None else load_custom_objects(os.fspath(own))
        return keras.saving.load_model(path, compile=False, safe_mode=True, custom_objects=objects)
