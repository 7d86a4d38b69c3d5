"""SavedModels and checkpoints that lie: about lengths, places, names, objects, and what lies beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from saved_model_parts import (
    CONFIG,
    LAYER,
    MODEL,
    OBJECTS,
    VALUE,
    Bundle,
    block,
    checkpoint,
    entry,
    finished,
    graph,
    honest_bundle,
    message,
    saved_model,
    saved_objects,
    sealed,
    table,
    texts,
    varint,
)

from attacks.attack import Attack, Made

KERNEL = f"layer-0/kernel{VALUE}".encode()
INDEX, DATA = "variables/variables.index", "variables/variables.data-00000-of-00001"


def made(change: Callable[[Path], None]) -> Callable[[Path], Made]:
    """An attack that changes the files of an honest folder."""

    def make(folder: Path) -> Made:
        change(saved_model(folder / "model"))
        return Made(folder / "model")

    return make


def with_objects(make: Callable[[], Sequence[bytes]]) -> Callable[[Path], Made]:
    return lambda folder: Made(saved_model(folder / "model", make()))


def with_bundle(change: Callable[[Bundle], None]) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        bundle = honest_bundle()
        change(bundle)
        return Made(saved_model(folder / "model", bundle=bundle))

    return make


def with_kernel(**changed: int | tuple[int, ...]) -> Callable[[Path], Made]:
    given = {"dtype": 1, "shape": (4, 2), "offset": 8, "size": 32, "crc": 0, **changed}
    return with_bundle(lambda bundle: bundle.entries.update({KERNEL: entry(**given)}))  # type: ignore[arg-type]


def with_index(make: Callable[[], bytes]) -> Callable[[Path], Made]:
    return made(lambda folder: (folder / INDEX).write_bytes(make()) and None)


def linked(name: str, target: str) -> Callable[[Path], Made]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        os.symlink(target, folder / name)

    return made(change)


def piped(name: str) -> Callable[[Path], Made]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return made(change)


def cut(name: str, size: int) -> Callable[[Path], Made]:
    return made(lambda folder: os.truncate(folder / name, size))


def bomb() -> bytes:
    """One letter, repeated, in a block that says 100 MB."""
    return varint(100 << 20) + b"\x00a" + b"\xfe\x01\x00" * (16 << 10)


def many_bombs() -> bytes:
    packed = varint(4 << 20) + b"\x00a" + b"\xfe\x01\x00" * ((4 << 20) // 64)
    return table({}, [sealed(packed, kind=1)] * 3)


def overlapping_blocks() -> bytes:
    one = sealed(block([(b"a", b"1")]))
    place = varint(0) + varint(len(one) - 5)
    return finished(one, [(b"b", place), (b"c", place)])


def deep() -> list[bytes]:
    """A chain of models, each the first layer of the one before."""
    return [message((1, message((1, index + 1), (2, "layer-0")))) for index in range(5_000)] + [message()]


def chain_checkpoint(folder: Path) -> Made:
    inner: dict[str, object] = {"class_name": "Dense", "config": {"name": "dense", "units": 2}}
    for index in range(60):
        inner = {"class_name": "Sequential", "config": {"name": f"m{index}", "layers": [inner]}}
    index, architecture = checkpoint(
        folder / "c",
        honest_bundle([message((1, message((1, 0), (2, "layer-0"))))]),
        {**inner, "keras_version": "2.4.0"},
    )
    return Made(index, options=("--architecture", str(architecture)))


def with_layer(name: str) -> Callable[[Path], Made]:
    return with_objects(lambda: saved_objects(layer={**LAYER, "name": name}))


def with_config(config: object) -> Callable[[Path], Made]:
    return with_objects(lambda: saved_objects(model={**MODEL, "model_config": config}))


def renamed_shards(bundle: Bundle) -> None:
    bundle.entries[b""] = message((1, 1 << 40), (3, message((1, 1))))


def other_objects(bundle: Bundle) -> None:
    data, crc = texts([graph([b""])])
    bundle.entries[OBJECTS] = entry(7, (), len(bundle.data), len(data), crc)
    bundle.data += data


def without_objects(bundle: Bundle) -> None:
    del bundle.entries[OBJECTS]


BUG = "the readers of SavedModels"
TRAVERSAL = {"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "../../x", "config": {}}]}}
ATTACKS: list[Attack] = [
    Attack("an index packed as a bomb", BUG, with_index(lambda: table({}, [sealed(bomb(), kind=1)]))),
    Attack("an index of three bombs", BUG, with_index(many_bombs), "Damaged"),
    Attack("blocks of an index that overlap", BUG, with_index(overlapping_blocks), "Damaged"),
    Attack("an index without a footer", BUG, with_index(lambda: b"x" * 100), "Damaged"),
    Attack("an index that is empty", BUG, with_index(lambda: table({})), "Damaged"),
    Attack("an index that was cut", BUG, cut(INDEX, 100), "Damaged"),
    Attack("a data file that was cut", BUG, cut(DATA, 20), "Damaged"),
    Attack("a graph that was cut", BUG, cut("saved_model.pb", 200), "Damaged"),
    Attack("a tensor of 2^60 rows", BUG, with_kernel(shape=(1 << 60, 1 << 60)), "Damaged"),
    Attack("a tensor with rows below zero", BUG, with_kernel(shape=(-4, -2)), "Damaged"),
    Attack("a tensor before its file", BUG, with_kernel(offset=-8), "Damaged"),
    Attack("a tensor behind its file", BUG, with_kernel(offset=1 << 50), "Damaged"),
    Attack("two tensors in one place", BUG, with_kernel(offset=0), "UnsafeFile"),
    Attack("a tensor in a file that is not there", BUG, with_kernel(shard=9), "Damaged"),
    Attack("a tensor of resources", BUG, with_kernel(dtype=20), "WeightMismatch"),
    Attack("a tensor of texts as kernel", BUG, with_kernel(dtype=7), "WeightMismatch"),
    Attack("a trillion data files", BUG, with_bundle(renamed_shards), "Damaged"),
    Attack("a tensor named as another file", BUG, with_bundle(lambda b: b.add("../../../etc/passwd", [b"x"])), ""),
    Attack("a data file that is a link", BUG, linked(DATA, "/etc/passwd")),
    Attack("a graph that is a link", BUG, linked("saved_model.pb", "/etc/passwd")),
    Attack("an index that is a link to itself", BUG, linked(INDEX, "variables.index")),
    Attack("a graph that is a pipe", BUG, piped("saved_model.pb"), "FileError"),
    Attack("a data file that is a pipe", BUG, piped(DATA), "FileError"),
    Attack("a million objects", BUG, with_objects(lambda: [*saved_objects(), *[b""] * 600_000])),
    Attack("an object that is not there", BUG, with_objects(lambda: saved_objects()[:4]), "Damaged"),
    Attack("a chain of 5,000 models", BUG, with_objects(deep), "NotKeras2"),
    Attack("a checkpoint whose model holds itself", BUG, chain_checkpoint),
    Attack("a bundle without objects", BUG, with_bundle(without_objects), "NotKeras2"),
    Attack("objects of another bundle", BUG, with_bundle(other_objects), "WeightMismatch"),
    Attack("a layer with a name that is a path", BUG, with_layer("../../x"), "WeightMismatch"),
    Attack("a layer with a name of 1 MB", BUG, with_layer("x" * (1 << 20)), "WeightMismatch"),
    Attack("a model whose layer is a path", BUG, with_config(TRAVERSAL), "UnsupportedLayer|BadConfig"),
    Attack("a config that is a list", BUG, with_config([CONFIG]), "Refused"),
]
