"""SavedModels and TensorFlow checkpoints against the HDF5 file that the same process wrote of the same model.

    python tests/conformance/saved_models.py FOLDER [more folders] [--show] [--outputs]

A case is what `fixtures/authoring/saved_models.py` writes: `NAME/` (SavedModel), where that Keras could `NAME.h5`,
`NAME.ckpt.index` with `NAME.arch.json`, and `NAME.npz` (`in0…`, `out0…`). The SavedModel must become the same archive
as the HDF5 file, byte for byte (configuration, every variable, the optimizer's too), the checkpoint the same without
training state, or all be refused. `--outputs` proves each that has no HDF5 file against its recorded outputs.
Prints one row for each folder; exits 1 when anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))

from k2to3.api.convert import convert
from k2to3.errors import K2to3Error


def converted(source: Path, scratch: Path, **options: Any) -> bytes | K2to3Error:
    """The archive, or why there is none."""
    target = scratch / "out.keras"
    try:
        convert(source, target, verify="none", overwrite=True, **options)
    except K2to3Error as error:
        error.file = None
        return error
    return target.read_bytes()


def outcomes(base: Path, scratch: Path, outputs: bool) -> Iterator[tuple[str, str]]:
    """(what was compared and how it came out, details)."""
    h5 = Path(f"{base}.h5")
    model = converted(base, scratch)
    if h5.exists():
        yield f"model {compared(model, converted(h5, scratch))}", text(model)
    elif isinstance(model, K2to3Error) or not outputs:
        yield f"model {'refused' if isinstance(model, K2to3Error) else 'alone'}", text(model)
    else:
        yield f"model {proved(base, scratch)}", ""
    architecture, index = Path(f"{base}.arch.json"), Path(f"{base}.ckpt.index")
    if index.exists() and architecture.exists():
        weights = converted(index, scratch, architecture=architecture)
        whole = h5 if h5.exists() else base
        yield f"weights {compared(weights, converted(whole, scratch, compile=False))}", text(weights)


def text(found: bytes | K2to3Error) -> str:
    """The reason, where there is no archive."""
    return str(found)[:300] if isinstance(found, K2to3Error) else ""


def compared(found: bytes | K2to3Error, wanted: bytes | K2to3Error) -> str:
    """How two results compare."""
    if isinstance(found, K2to3Error) and isinstance(wanted, K2to3Error):
        if "holds no vocabulary" in str(found):
            return "refused without vocabulary"
        same = str(found) == str(wanted)
        return "refused alike" if same else f"refused in other words than {str(wanted)[:200]}"
    if isinstance(found, K2to3Error) or isinstance(wanted, K2to3Error):
        if "owns weights outside" in str(found):
            # HDF5 files before TensorFlow 2.8 do not hold them.
            return "refused for what HDF5 lacks"
        if "holds no vocabulary" in str(found):
            # TensorFlow 2.6 and later keep adapted tables in the graph, which a checkpoint has none of.
            return "refused without vocabulary"
        return "REFUSED" if isinstance(found, K2to3Error) else f"better than {str(wanted)[:200]}"
    return "equal" if found == wanted else "DIFFERENT"


def proved(base: Path, scratch: Path) -> str:
    """Against what the author's Keras computed."""
    try:
        report = convert(base, scratch / "proved.keras", overwrite=True, reference=f"{base}.npz")
    except K2to3Error as error:
        return f"NOT EQUAL {error}"
    return report.status


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="list what is not plainly equal")
    parser.add_argument("--outputs", action="store_true")
    options = parser.parse_args()
    bad = 0
    for folder in options.folders:
        counts: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as scratch:
            for base in sorted(path.parent for path in folder.glob("*/saved_model.pb")):
                for outcome, detail in outcomes(base, Path(scratch), options.outputs):
                    short = " ".join(word for word in outcome.split(" than ")[0].split()[:4])
                    counts[short] += 1
                    bad += any(word.isupper() for word in short.split())
                    if options.show and not outcome.endswith(" equal"):
                        print(f"  {base.name}: {outcome}\n      {detail}")
        print(folder.name, ", ".join(f"{count} {name}" for name, count in sorted(counts.items())), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
