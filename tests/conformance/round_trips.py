"""Every checkpoint as `.safetensors` (whole and split) and `.weights.h5`, read back bit for bit.

    python tests/conformance/round_trips.py PATH ... [--filter TEXT] [--all]

PATH is a checkpoint, or a folder searched for `.h5`, `.hdf5` and `.keras`; an architecture
`NAME.arch.json` or `NAME.yaml` beside a file is used. Per file: the official safetensors library reads what the
archive holds, from one file and through the index of many; `model.load_weights` fills the zeroed
model of the archive from `.weights.h5`; `k2to3 diff`
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter")]

import h5py  # noqa: E402
import k2to3  # noqa: E402
import numpy as np  # noqa: E402
from k2to3.archive.reading import open_weights  # noqa: E402

Arrays = dict[str, Any]


def archive_arrays(path: Path) -> Arrays:
    found: Arrays = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer/"):
            found[name] = item[()]

    with open_weights(path) as root:
        root.visititems(visit)
    return found


def split_arrays(folder: Path, index: Path) -> Arrays:
    from safetensors.numpy import load_file

    places = json.loads(index.read_text())["weight_map"]
    parts = {name: load_file(folder / name) for name in set(places.values())}
    return {name: parts[place][name] for name, place in places.items()}


def same(want: Arrays, have: Arrays) -> bool:
    if set(want) != set(have):
        return False
    pairs = ((np.asarray(want[name]), np.asarray(have[name])) for name in want)
    return all(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs)


def loaded_back(archive: Path, weights: Path) -> bool:
    """The archive's model, zeroed, filled by `load_weights`."""
    import keras

    keras.backend.clear_session()
    model = keras.saving.load_model(archive, compile=False)
    before = [np.asarray(v) for v in model.variables]
    for variable in model.variables:
        if variable.dtype != "string":
            variable.assign(np.zeros(variable.shape, variable.dtype))
    # States of a stateful layer and seeds belong to no weights file of Keras 3.3.
    model.load_weights(weights)
    pairs = zip(before, model.variables, strict=True)
    return all(a.tobytes() == np.asarray(v).tobytes() for a, v in pairs if "seed" not in v.path)


def checks(source: Path, folder: Path) -> Iterator[tuple[str, bool]]:
    """(what, equal) of one checkpoint."""
    stem = source.name.removesuffix(".h5").removesuffix(".weights")
    beside = [source.with_name(stem + ending) for ending in (".arch.json", ".yaml")]
    architecture = next((path for path in beside if path.exists() and source.suffix != ".keras"), None)
    options: dict[str, Any] = {"architecture": architecture} if architecture else {}
    forms = {name: folder / f"new.{name}" for name in ("keras", "safetensors", "weights.h5")}
    for target in forms.values():
        k2to3.convert(source, target, verify="none", compile=False, overwrite=True, **options)
    want = archive_arrays(forms["keras"])
    from safetensors.numpy import load_file

    yield "safetensors", same(want, load_file(forms["safetensors"]))
    split = folder / "split"
    split.mkdir()
    size = max(1024, sum(np.asarray(v).nbytes for v in want.values()) // 3)
    k2to3.convert(source, split / "new.safetensors", verify="none", shard_size=size, **options)
    index = split / "new.safetensors.index.json"
    yield "split", same(want, split_arrays(split, index) if index.exists() else load_file(split / "new.safetensors"))
    yield "load_weights", loaded_back(forms["keras"], forms["weights.h5"])
    for a, b in itertools.permutations([source, *forms.values()], 2):
        found = k2to3.diff(a, b, **(options if source in (a, b) else {}))
        yield "diff", found.equal and not found.only_in_a and not found.only_in_b


def files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in (".h5", ".hdf5", ".keras"))
        else:
            yield path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--filter", default="", help="files whose name holds this")
    parser.add_argument("--all", action="store_true", help="print every file")
    arguments = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    for source in files(arguments.paths):
        if arguments.filter not in source.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = list(checks(source, Path(folder)))
            except k2to3.K2to3Error as error:
                counts["file", "refused"] += 1
                print(f"{source.name:50} refused: {type(error).__name__}: {str(error)[:160]}", flush=True)
                continue
            except Exception as error:
                counts["file", "BROKE"] += 1
                print(f"{source.name:50} BROKE: {type(error).__name__}: {str(error)[:300]}", flush=True)
                continue
        counts["file", "converted"] += 1
        counts.update((what, "equal" if equal else "UNEQUAL") for what, equal in found)
        wrong = sorted({what for what, equal in found if not equal})
        if wrong or arguments.all:
            print(f"{source.name:50} {'UNEQUAL: ' + ', '.join(wrong) if wrong else 'equal'}", flush=True)
    for (what, status), count in sorted(counts.items()):
        print(f"{what:14} {status:10} {count}")
    return 1 if any(status in ("UNEQUAL", "BROKE") for _, status in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
