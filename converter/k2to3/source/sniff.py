"""What a path is, when it is not a Keras 2 HDF5 checkpoint, and what to do about it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

RESAVE = (
    'in an environment with TensorFlow <= 2.15: tf.keras.models.load_model(PATH).save("model.h5"), '
    "then convert model.h5"
)


@dataclass(frozen=True)
class Kind:
    """A kind of file: a name and what its owner can do."""

    name: str
    advice: str
    done: bool = False
    """Keras 3 opens it already."""


def sniff(path: Path) -> Kind | None:
    """The kind of a file that is not HDF5, or None if it is not known."""
    if path.is_dir():
        return _folder(path)
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    if head[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        return Kind(
            "a Python pickle",
            "it can run code when loaded; save the model itself with model.save('model.h5')",
        )
    if head[:1] in (b"{", b"["):
        return Kind("a JSON file", "give it with --architecture together with the weights file")
    if head.startswith(b"version https://git-lfs"):
        return Kind("a Git LFS pointer, not the file itself", "fetch the file with: git lfs pull")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return Kind("a web page, not the file itself", "download the raw file")
    if head[4:8] == b"TFL3":
        return Kind("a TensorFlow Lite model", "it cannot be turned back into a Keras model")
    return None


def _folder(path: Path) -> Kind | None:
    if (path / "saved_model.pb").exists():
        return Kind("a SavedModel folder", RESAVE)
    if (path / "config.json").exists() and (path / "metadata.json").exists():
        return Kind("an unpacked .keras archive", "zip it without compression and convert the zip")
    if any(path.glob("*.index")) or (path / "checkpoint").exists():
        return Kind("a TensorFlow checkpoint", "load it with model.load_weights in the old environment and save .h5")
    return None


def _archive(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "metadata.json" not in names or "config.json" not in names:
                return Kind("a zip file", "not a Keras archive")
            version = str(json.loads(archive.read("metadata.json")).get("keras_version", ""))
    except (zipfile.BadZipFile, ValueError, OSError, AttributeError):
        return Kind("a damaged zip file", "download or save it again")
    if version.startswith(("0", "1", "2")):
        return Kind(
            f"a .keras archive of Keras {version}, which Keras 3 refuses",
            "in the old environment: keras.models.load_model(PATH).save('model.h5'), then convert model.h5",
        )
    return Kind(f"a .keras archive of Keras {version}", "Keras 3 opens it as it is", done=True)
