"""Hostile archives given to `verify` and `diff`, beside an honest checkpoint."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import k2to3
from conftest import small_model, write_checkpoint

from attacks.attack import Attack, Made
from attacks.objects import CLASS, ELSEWHERE, EVIL, MODULE
from attacks.zips import CONFIG, WEIGHTS, packed

Json = dict[str, Any]
KERNEL = "layers/dense/vars/0"


def honest(folder: Path, name: str = "target.keras") -> tuple[Path, Path]:
    (folder / f"{MODULE}.py").write_text(EVIL, encoding="utf-8")
    source, target = write_checkpoint(folder / "old.h5", *small_model()), folder / name
    k2to3.convert(source, target, verify="none", compile=False)
    return source, target


def members(target: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def config(change: Callable[[Json], None]) -> Callable[[Path], Made]:
    """The archive with another `config.json`."""

    def make(folder: Path) -> Made:
        source, target = honest(folder)
        found = members(target)
        described = json.loads(found[CONFIG])
        change(described)
        target.write_bytes(packed({**found, CONFIG: json.dumps(described).encode()}))
        return Made(source, target)

    return make


def layer(change: Json) -> Callable[[Path], Made]:
    return config(lambda found: found["config"]["layers"][-1].update(change))


def setting(**change: Any) -> Callable[[Path], Made]:
    return config(lambda found: found["config"]["layers"][-1]["config"].update(change))


def weights(change: Callable[[h5py.File], None], name: str = "target.keras") -> Callable[[Path], Made]:
    """The archive, or the weights file, with another HDF5 file."""

    def make(folder: Path) -> Made:
        source, target = honest(folder, name)
        if name.endswith(".h5"):
            with h5py.File(target, "r+") as root:
                change(root)
            return Made(source, target)
        found = members(target)
        file = io.BytesIO(found[WEIGHTS])
        with h5py.File(file, "r+") as root:
            change(root)
        target.write_bytes(packed({**found, WEIGHTS: file.getvalue()}))
        return Made(source, target)

    return make


def link(root: h5py.File) -> None:
    del root[KERNEL]
    root[KERNEL] = h5py.ExternalLink(ELSEWHERE, "/")


def soft_link(root: h5py.File) -> None:
    del root[KERNEL]
    root[KERNEL] = h5py.SoftLink("/layers/dense/vars/1")


def link_in_the_path(root: h5py.File) -> None:
    del root["layers/dense"]
    root["layers/dense"] = h5py.ExternalLink("other.h5", "/")


def storage(root: h5py.File) -> None:
    del root[KERNEL]
    root.create_dataset(KERNEL, shape=(4, 3), dtype="f4", external=[(ELSEWHERE, 0, 48)])


def virtual(root: h5py.File) -> None:
    del root[KERNEL]
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource(ELSEWHERE, "data", shape=(4, 3))
    root.create_virtual_dataset(KERNEL, layout)


def shape_bomb(root: h5py.File) -> None:
    del root[KERNEL]
    root.create_dataset(KERNEL, shape=(1 << 40, 3), dtype="f4", chunks=(1024, 3))


def more(name: str, data: bytes = b"x") -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        source, target = honest(folder)
        target.write_bytes(packed({**members(target), name: data}))
        return Made(source, target)

    return make


def compressed(folder: Path) -> Made:
    source, target = honest(folder)
    target.write_bytes(packed(members(target), zipfile.ZIP_DEFLATED))
    return Made(source, target)


def written(data: Callable[[Path], bytes], name: str) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        source = write_checkpoint(folder / "old.h5", *small_model())
        (folder / name).write_bytes(data(folder))
        return Made(source, folder / name)

    return make


def header(text: bytes, claimed: int | None = None) -> bytes:
    return struct.pack("<Q", len(text) if claimed is None else claimed) + text


def index(*names: str) -> bytes:
    return json.dumps({"weight_map": {f"w{number}": name for number, name in enumerate(names)}}).encode()


GADGET = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "function"}
LAMBDA = {
    "module": "keras.layers",
    "class_name": "Lambda",
    "config": {
        "name": "dense",
        "function": {"class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None}},
    },
    "registered_name": None,
}
TFSM = {
    "module": "keras.layers",
    "class_name": "TFSMLayer",
    "config": {"name": "dense", "filepath": "/etc", "call_endpoint": "serve"},
    "registered_name": None,
}
# Only `verify` reads the architecture; the weights are what they should be.
CONFIGS = {"diff": 0, "verify": 4}
BOTH = {"diff": 4, "verify": 4}
OTHER = {"diff": 9, "verify": 9}


def attack(name: str, stands_for: str, make: Callable[[Path], Made], verbs: dict[str, int]) -> Attack:
    return Attack(name, stands_for, make, "", verbs)


ATTACKS = [
    attack("an archive that calls get_file", "CVE-2025-8747", setting(activation=GADGET), CONFIGS),
    attack("an archive whose layer is get_file", "CVE-2025-1550", layer({**GADGET, "class_name": "get_file"}), CONFIGS),
    attack("an archive with a class of a module beside it", "CVE-2025-1550", setting(bias_initializer=CLASS), CONFIGS),
    attack("an archive whose layer is of a module beside it", "CVE-2025-1550", layer(CLASS), CONFIGS),
    attack("an archive with a Lambda", "CVE-2024-3660", layer(LAMBDA), CONFIGS),
    attack("an archive with a TFSMLayer", "keras PR 22035", layer(TFSM), CONFIGS),
    attack(
        "an archive with a TorchModuleWrapper",
        "keras PR 23017",
        layer({**TFSM, "class_name": "TorchModuleWrapper"}),
        CONFIGS,
    ),
    attack(
        "an archive that turns safe mode off",
        "CVE-2025-9906",
        setting(activation={**GADGET, "module": "keras.config", "config": "enable_unsafe_deserialization"}),
        CONFIGS,
    ),
    attack(
        "an archive whose class is registered elsewhere",
        "CVE-2025-1550",
        layer({"registered_name": "os>system"}),
        CONFIGS,
    ),
    attack(
        "an archive compiled with a function of os",
        "CVE-2025-1550",
        config(lambda found: found.update(compile_config={"loss": {**GADGET, "module": "os"}})),
        CONFIGS,
    ),
    attack("an archive with an external link", "keras PR 22057", weights(link), BOTH),
    attack("an archive with a soft link", "keras PR 22057", weights(soft_link), BOTH),
    attack("an archive with a link inside a path", "keras PR 23168", weights(link_in_the_path), BOTH),
    attack("an archive with external storage", "CVE-2026-1669", weights(storage), BOTH),
    attack("an archive with a virtual dataset", "keras PR 22976", weights(virtual), BOTH),
    attack("an archive with a shape bomb", "CVE-2026-0897", weights(shape_bomb), BOTH),
    attack("weights with an external link", "keras PR 22057", weights(link, "target.weights.h5"), BOTH),
    attack("weights with external storage", "CVE-2026-1669", weights(storage, "target.weights.h5"), BOTH),
    attack("weights with a shape bomb", "CVE-2026-0897", weights(shape_bomb, "target.weights.h5"), BOTH),
    attack("an archive with an asset that leaves it", "keras PR 23016", more("assets/../../evil"), BOTH),
    attack("an archive with an asset", "keras PR 23016", more("assets/x"), CONFIGS),
    attack(
        "an archive with a second set of weights",
        "Keras reads shards by model.weights.json",
        more("model.weights.json", b"{}"),
        CONFIGS,
    ),
    attack("an archive whose weights are compressed", "keras PR 23010", compressed, BOTH),
    attack("a pickle in the place of an archive", "pickle", written(lambda _: b"\x80\x04\x95.", "target.keras"), OTHER),
    attack(
        "a header of 2^60 bytes",
        "safetensors attacks",
        written(lambda _: header(b"{}", 1 << 60), "t.safetensors"),
        OTHER,
    ),
    attack(
        "a header of 99 MB", "safetensors attacks", written(lambda _: header(b" " * 99_000_000), "t.safetensors"), BOTH
    ),
    attack(
        "a header that is no JSON", "safetensors attacks", written(lambda _: header(b"{{{"), "t.safetensors"), OTHER
    ),
    attack(
        "tensors that overlap",
        "safetensors attacks",
        written(
            lambda _: (
                header(json.dumps({n: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for n in "ab"}).encode())
                + bytes(4)
            ),
            "t.safetensors",
        ),
        OTHER,
    ),
    attack(
        "a tensor of petabytes",
        "safetensors attacks",
        written(
            lambda _: header(
                json.dumps({"a": {"dtype": "F32", "shape": [1 << 50], "data_offsets": [0, 1 << 52]}}).encode()
            ),
            "t.safetensors",
        ),
        OTHER,
    ),
    attack(
        "an index that leaves its folder",
        "path traversal",
        written(lambda _: index("../../etc/passwd"), "t.safetensors.index.json"),
        OTHER,
    ),
    attack(
        "an index of an absolute path",
        "path traversal",
        written(lambda _: index(ELSEWHERE), "t.safetensors.index.json"),
        OTHER,
    ),
    attack(
        "an index of itself",
        "endless reading",
        written(lambda _: index("t.safetensors.index.json"), "t.safetensors.index.json"),
        OTHER,
    ),
]
