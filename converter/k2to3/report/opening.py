"""How what was written is opened, for whoever pastes the line into Python."""

from __future__ import annotations

import json
from pathlib import Path

WRITTEN = ("proved", "converted")


def opening(target: str | None, status: str, *, custom: bool) -> str | None:
    """The call for a file of this name; None where none was written. `custom`: it holds classes of the user's."""
    if not target or status not in WRITTEN:
        return None
    name = json.dumps(target, ensure_ascii=False)
    index = f"{target}.index.json"
    if target.endswith(".weights.h5"):
        return f"model.load_weights({name}), into a Keras 3 model of the same layers"
    if target.endswith(".safetensors") and Path(index).exists():
        return f"safetensors.numpy.load_file, each file that {json.dumps(index, ensure_ascii=False)} names"
    if target.endswith(".safetensors"):
        return f"safetensors.numpy.load_file({name})"
    if custom:
        return f"keras.saving.load_model({name}, custom_objects={{…}}) with the classes named above"
    return f"keras.saving.load_model({name})"
