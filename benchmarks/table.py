"""Every way from an old file to a new one, in one table.

python benchmarks/table.py [--files small,deep,large,huge] [--zoo 40] [--resume 100000] [--out FILE.md]

Rows are ways: `cp` and `sync`, k2to3 at each level of its proof, the loader of Keras 3 and `save`, tf-keras with the
model built anew in Keras 3 and `save`. A second table shows how the time of k2to3 grows with the number of layers,
others what many files cost in one run, and a run again.
Each cell is the best of several rounds in which all ways take turns: wall seconds, processor seconds, peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import numpy as np
from run import K2TO3, Run, anew, attempted, copied_to, table
from zoo import resume, zoo

LEVELS = ("none", "weights", "embedding", "outputs", "layers")
KERAS3 = "import sys, keras; keras.saving.load_model(sys.argv[1], compile=False).save(sys.argv[2])"
TF_KERAS = """
import sys, keras, tf_keras
old = tf_keras.models.load_model(sys.argv[1], compile=False)
new = keras.Sequential([keras.Input(old.input_shape[1:])])
for layer in old.layers:
    own = layer.get_config()
    if type(layer).__name__ == "Embedding":
        new.add(keras.layers.Embedding(own["input_dim"], own["output_dim"], mask_zero=own["mask_zero"]))
    else:
        new.add(keras.layers.Dense(own["units"], own["activation"]))
new.set_weights(old.get_weights())
new.save(sys.argv[2])
"""


def deep(path: Path, layers: int, width: int) -> None:
    """Dense layers, each of `width` units on as many features, as tf.keras 2.4 saves them."""
    names = [f"d{number}" for number in range(layers)]
    configs = [{"name": name, "units": width, "activation": "relu"} for name in names]
    configs[0]["batch_input_shape"] = [None, width]
    config = {"name": "m", "layers": [{"class_name": "Dense", "config": item} for item in configs]}
    chance = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config})
        group = file.create_group("model_weights", track_order=True)
        for holder in (file, group):
            holder.attrs["keras_version"], holder.attrs["backend"] = b"2.4.0", b"tensorflow"
        _listed(group, "layer_names", names)
        for name in names:
            inner = group.create_group(name)
            _listed(inner, "weight_names", [f"{name}/kernel:0", f"{name}/bias:0"])
            inner[f"{name}/kernel:0"] = chance.standard_normal((width, width), dtype="float32") / width**0.5
            inner[f"{name}/bias:0"] = np.zeros(width, "float32")


def _listed(group: h5py.Group, key: str, names: list[str]) -> None:
    """As Keras does: an attribute holds 64 KB, a longer list is cut into several."""
    pieces = max(1, -(-sum(map(len, names)) * 2 // 60_000))
    if pieces == 1:
        group.attrs[key] = np.array([name.encode() for name in names])
        return
    for number, piece in enumerate(np.array_split(np.array([name.encode() for name in names]), pieces)):
        group.attrs[f"{key}{number}"] = piece


HUGE = 8
"""Gigabytes of the largest file, by ways that never hold it in memory."""
FILES: Mapping[str, tuple[str, Callable[[Path, float], None]]] = {
    "small": ("1 MB, one Embedding", lambda path, size: table(path, 4096, 64)),
    "deep": ("100 MB, 50 layers", lambda path, size: deep(path, 50, 724)),
    "large": ("one Embedding of {size:g} GB", lambda path, size: table(path, int(size * (1 << 30) / 1024), 256)),
    "huge": (f"one Embedding of {HUGE} GB", lambda path, _: table(path, HUGE << 20, 256)),
}


def ways(source: Path, target: Path, *, lean: bool = False) -> dict[str, list[str]]:
    """Commands by name; `lean`: those alone that hold no table in memory."""
    convert = [*K2TO3, "convert", str(source), str(target), "--overwrite", "--verify"]
    foreign = [str(source), str(target)]
    copied = {
        "cp, sync": copied_to(*foreign),
        "import h5py": [sys.executable, "-c", "import h5py"],
        "import k2to3": [sys.executable, "-c", "import k2to3"],
    }
    if lean:
        return {**copied, **{f"k2to3 --verify {level}": [*convert, level] for level in LEVELS[:2]}}
    return {
        **copied,
        **{f"k2to3 --verify {level}": [*convert, level] for level in LEVELS},
        "Keras 3: load_model, save": anew(str(target), [sys.executable, "-c", KERAS3, *foreign]),
        "tf-keras, built anew, save": anew(str(target), [sys.executable, "-c", TF_KERAS, *foreign]),
    }


def row(name: str, run: Run | None, first: Run) -> str:
    if run is None:
        return f"| {name} | fails | | | |"
    return f"| {name} | {run.wall:.2f} | {run.cpu:.2f} | {run.memory:.0f} | {run.wall / first.wall:.1f} |"


def compared(folder: Path, name: str, size: float, rounds: int) -> list[str]:
    """One file by every way."""
    about, make = FILES[name]
    source = folder / f"{name}.h5"
    make(source, size)
    every = ways(source, folder / "new.keras", lean=name == "huge")
    found = attempted(list(every.values()), rounds)
    source.unlink()
    assert found[0] is not None
    head = [
        f"### {about.format(size=size)}",
        "",
        "| way | wall s | processor s | peak MB | × cp |",
        "|---|---|---|---|---|",
    ]
    return [*head, *(row(way, run, found[0]) for way, run in zip(every, found, strict=True)), ""]


def growth(folder: Path, counts: list[int], rounds: int) -> list[str]:
    """Small layers, and more and more of them."""
    lines = ["### Growth with the number of layers, --verify none", ""]
    lines += ["| layers | wall s | processor s | peak MB | ms a layer |", "|---|---|---|---|---|"]
    for count in counts:
        source = folder / f"layers{count}.h5"
        deep(source, count, 4)
        (run,) = attempted([ways(source, folder / "new.keras")["k2to3 --verify none"]], rounds)
        if run is not None:
            each = 1000 * run.cpu / count
            lines.append(f"| {count} | {run.wall:.2f} | {run.cpu:.2f} | {run.memory:.0f} | {each:.1f} |")
    return [*lines, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", default="small,deep,large", help=f"some of {', '.join(FILES)}; empty for none")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the large table")
    parser.add_argument("--layers", default="10,100,1000,10000", help="counts for the growth curve; empty for none")
    parser.add_argument("--zoo", type=int, default=40, help="small files for a batch; 0 for none")
    parser.add_argument("--resume", type=int, default=100_000, help="files that are done; 0 for none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="write the tables to a file too")
    asked = parser.parse_args()
    counts = [int(count) for count in asked.layers.split(",") if count]
    told: list[str] = []

    def tell(lines: list[str]) -> None:
        """As it comes: large files take a while."""
        told.extend(lines)
        print("\n".join(lines), flush=True)

    with tempfile.TemporaryDirectory() as name:
        for file in filter(None, asked.files.split(",")):
            tell(compared(Path(name), file, asked.gigabytes, asked.rounds))
        if counts:
            tell(growth(Path(name), counts, asked.rounds))
        if asked.zoo:
            tell(zoo(Path(name), asked.zoo, asked.rounds))
        if asked.resume:
            tell(resume(Path(name), asked.resume, asked.rounds))
    tell([f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"])
    if asked.out:
        asked.out.write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
