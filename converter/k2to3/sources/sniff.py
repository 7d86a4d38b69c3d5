"""What a path is, when it is not a Keras 2 checkpoint, and what to do about it."""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from k2to3.dataclass import dataclass
from k2to3.sources import recipes

CHUNK = 1 << 20
# What hosts of files answer instead of one.
NO_FILE = re.compile(
    rb"\s*(\d{3}:? [A-Z]|Not Found|Entry not found|Invalid username|Access |Unauthorized|<\?xml)", re.IGNORECASE
)
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OSError, AttributeError, KeyError),
    *(RuntimeError, OverflowError),
)
"""What Python's zipfile raises for archives that do not add up."""
# Files of a SavedModel folder.
PARTS = ("saved_model.pb", "keras_metadata.pb", "fingerprint.pb")


@dataclass(frozen=True)
class Kind:
    """A kind of file: a name and what its owner can do."""

    name: str
    advice: str
    done: bool = False
    """Keras 3 opens it already."""
    damaged: bool = False
    """Its bytes do not add up."""
    no_file: bool = False
    """Nothing that could be read as one file."""


# Beginnings that leave no doubt.
MAGIC = (
    (b"\x80\x02", "a Python pickle", recipes.PICKLE),
    (b"\x80\x03", "a Python pickle", recipes.PICKLE),
    (b"\x80\x04", "a Python pickle", recipes.PICKLE),
    (b"\x80\x05", "a Python pickle", recipes.PICKLE),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "fetch the file with: git lfs pull"),
    (b"\x1f\x8b", "a gzip file", recipes.UNPACK),
    (b"BZh", "a bzip2 file", recipes.UNPACK),
    (b"\xfd7zXZ", "an xz file", recipes.UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", recipes.UNPACK),
    (b"Rar!", "a RAR archive", recipes.UNPACK),
    (b"\x93NUMPY", "a NumPy array", recipes.ARRAYS),
    (b"model_checkpoint_path:", "the list of a TensorFlow checkpoint", recipes.CHECKPOINT),
)


def sniff(path: Path) -> Kind | None:
    """The kind of a file or folder that is not HDF5, or None if it is not known."""
    found = _kind(path)
    return None if found is None else replace(found, advice=found.advice.replace("PATH", _subject(path)))


def _subject(path: Path) -> str:
    """What the recipe is about: the folder of a SavedModel, the prefix of a checkpoint."""
    if path.name in PARTS:
        return str(path.parent)
    if path.is_dir():
        index = None if (path / "saved_model.pb").exists() else next(iter(sorted(path.glob("*.index"))), None)
        return str(path if index is None else index.with_suffix(""))
    return re.sub(r"\.(index|meta|data-\d{5}-of-\d{5})$", "", str(path))


def _kind(path: Path) -> Kind | None:
    if path.is_dir():
        return _folder(path)
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    for magic, name, advice in MAGIC:
        if head.startswith(magic):
            return Kind(name, advice)
    return _by_content(path, head) or _by_name(path)


def _by_content(path: Path, head: bytes) -> Kind | None:
    if head[:1] in (b"{", b"["):
        return _json(path)
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return Kind("a web page, not the file itself", "download the raw file")
    if NO_FILE.match(head):
        return Kind("the answer of a server, not the file itself", recipes.DOWNLOAD)
    if head[4:8] == b"TFL3":
        return Kind("a TensorFlow Lite model", recipes.TFLITE)
    if head[257:262] == b"ustar":
        return Kind("a tar archive", recipes.UNPACK)
    if head[8:9] == b"{" and 0 < int.from_bytes(head[:8], "little") < 100_000_000:
        return Kind("a safetensors file", recipes.SAFETENSORS)
    return None


def _by_name(path: Path) -> Kind | None:
    name = path.name.lower()
    if path.name in PARTS:
        return Kind("part of a SavedModel folder", recipes.FOLDER)
    if re.search(r"\.(index|meta|data-\d{5}-of-\d{5})$", name):
        return Kind("part of a TensorFlow checkpoint", recipes.CHECKPOINT)
    if name.endswith((".pb", ".pbtxt")):
        return Kind("a frozen TensorFlow graph", recipes.FROZEN)
    if name.endswith(".onnx"):
        return Kind("an ONNX model", recipes.FOREIGN)
    if name.endswith((".yaml", ".yml")):
        return Kind("a YAML file", recipes.ARCHITECTURE)
    if name.endswith(".py"):
        return Kind("Python code", "give it with --architecture file.py:function together with the weights file")
    return None


def _json(path: Path) -> Kind:
    if path.suffix.lower() in (".h5", ".hdf5", ".keras") and not _begins_with(path, b'"class_name"'):
        return Kind("JSON, as a server answers with an error, not the file itself", recipes.DOWNLOAD)
    if _begins_with(path, b'"modelTopology"') or any(path.parent.glob("group*-shard*.bin")):
        return Kind("a TensorFlow.js model", recipes.TFJS)
    return Kind("a JSON file", recipes.ARCHITECTURE)


def _begins_with(path: Path, word: bytes) -> bool:
    """Whether it is among the first words of a file."""
    with path.open("rb") as file:
        return word in file.read(CHUNK)


def _folder(path: Path) -> Kind | None:
    if (path / "tfhub_module.pb").exists():
        return Kind("a TF-Hub module", recipes.GRAPH)
    if (path / "saved_model.pb").exists() or (path / "saved_model.pbtxt").exists():
        if (path / "keras_metadata.pb").exists() or _mentions_keras(path / "saved_model.pb"):
            return Kind("a SavedModel folder", recipes.FOLDER)
        return Kind("a SavedModel folder without Keras layers (a TF-Hub module, an export)", recipes.GRAPH)
    if (path / "config.json").exists() and (path / "metadata.json").exists():
        return Kind("an unpacked .keras archive", "zip it: cd FOLDER && zip -0 -r ../model.keras . ; convert the zip")
    if (path / "model.json").exists() and any(path.glob("group*-shard*.bin")):
        return Kind("a TensorFlow.js model", recipes.TFJS)
    if any(path.glob("*.index")) or (path / "checkpoint").is_file():
        return Kind("a TensorFlow checkpoint", recipes.CHECKPOINT)
    return Kind("a folder that is no SavedModel", recipes.BATCH, no_file=True)


def _mentions_keras(path: Path) -> bool:
    """Whether a SavedModel of TensorFlow 2.0 to 2.4 holds Keras's description of layers."""
    if not path.exists():
        return False
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            if b"_tf_keras_" in tail + piece:
                return True
            tail = piece[-16:]
    return False


def _zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "metadata.json" in names and "config.json" in names:
                return _archive(archive)
    except DAMAGED:
        return Kind("a damaged zip file", "download or save it again", damaged=True)
    if any(name.endswith("data.pkl") for name in names):
        return Kind("a PyTorch file", recipes.FOREIGN)
    if names and all(name.endswith(".npy") for name in names):
        return Kind("NumPy arrays", recipes.ARRAYS)
    inside = next((n for n in names if n.endswith((".h5", ".hdf5", ".keras", "saved_model.pb"))), None)
    if inside is not None:
        return Kind(f"a zip file around {Path(inside).name}", recipes.UNPACK)
    return Kind("a zip file", "not a Keras archive")


def _archive(archive: zipfile.ZipFile) -> Kind:
    info = archive.getinfo("metadata.json")
    text = archive.read(info) if info.file_size < CHUNK else b"{}"
    version = str(json.loads(text).get("keras_version", ""))
    if version.startswith(("0", "1", "2")):
        return Kind(f"a .keras archive of Keras {version}", "k2to3 convert reads it")
    return Kind(f"a .keras archive of Keras {version}", "Keras 3 opens it as it is", done=True)
