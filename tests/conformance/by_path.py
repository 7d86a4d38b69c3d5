"""One model in all forms of one Keras: `.h5`, `.keras` and `.weights.h5` must give the same archive.

    python tests/conformance/by_path.py FOLDER ... [--filter TEXT]

FOLDER is what `fixtures/authoring/resave.py` wrote in the environment of Keras 2.12 to 2.15 or
tf-keras. The H5 form is the one that recorded outputs prove, so equality carries that over. Prints
each file that is not the same in all three, and counts. Exits with 1 when two archives differ, or when
a form is refused that is not by H5.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter")]

import k2to3  # noqa: E402

BAD = ("DIFFERENT", "REFUSED", "BROKE")


def members(source: Path, target: Path, architecture: Path | None = None) -> dict[str, bytes] | str:
    """The archive's members, or why there is none. Metadata names the source."""
    try:
        k2to3.convert(source, target, architecture=architecture, verify="weights", compile=False, overwrite=True)
    except k2to3.K2to3Error as error:
        error.file = None
        return f"{type(error).__name__}: {error}"
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "metadata.json"}


def statuses(name: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """(form, status, detail) of the two forms by path."""
    by_h5 = members(name.with_name(name.name + ".h5"), folder / "h5.keras")
    forms = {
        ".keras": (name.with_name(name.name + ".keras"), None),
        ".weights.h5": (name.with_name(name.name + ".weights.h5"), name.with_name(name.name + ".arch.json")),
    }
    for form, (source, architecture) in forms.items():
        try:
            found = members(source, folder / "other.keras", architecture)
        except Exception as error:
            yield form, "BROKE", f"{type(error).__name__}: {error}"[:300]
            continue
        yield form, *_judged(by_h5, found)


def _judged(by_h5: dict[str, bytes] | str, found: dict[str, bytes] | str) -> tuple[str, str]:
    if isinstance(found, str):
        return ("refused alike", found) if isinstance(by_h5, str) else ("REFUSED", found)
    if isinstance(by_h5, str):
        return "only by path", by_h5
    apart = [name for name in found if found[name] != by_h5.get(name)]
    return ("DIFFERENT", ", ".join(apart)) if apart else ("same", "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--filter", default="", help="files whose name holds this")
    parser.add_argument("--all", action="store_true", help="print those that are the same too")
    arguments = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for path in (p for given in arguments.folders for p in sorted(given.glob("*.arch.json"))):
            name = path.with_name(path.name.removesuffix(".arch.json"))
            if arguments.filter not in name.name:
                continue
            for form, status, detail in statuses(name, Path(folder)):
                counts[path.parent.name, form, status] += 1
                if status != "same" or arguments.all:
                    print(f"{path.parent.name:12} {name.name:50} {form:12} {status:14} {detail}"[:400], flush=True)
    for (author, form, status), count in sorted(counts.items()):
        print(f"{author:12} {form:12} {status:14} {count}")
    return 1 if any(status in BAD for _, _, status in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
