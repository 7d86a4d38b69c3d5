"""Every architecture of `tf_keras.applications`, converted and compared.

    python tests/conformance/applications.py [--filter REGEX] [--variant top transfer] [--max-millions 60]

`top` is the whole network with random weights and a small input; `transfer` is what a
transfer-learning script saves: the network without its top, frozen up to the middle, inside
a Sequential with a head of its own. Prints one row for each and exits 1 if any differs.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from k2to3.api.convert import convert
from k2to3.errors import K2to3Error
from workers import TESTS, Worker, worker

SCRIPT = TESTS / "conformance" / "applications_worker.py"


def check(process: Worker, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    source, target = folder / "model.h5", folder / "model.keras"
    built = process.ask({**job, "path": str(source)})
    if built["status"] != "built":
        return built
    try:
        report = convert(source, target, verify="weights", overwrite=True)
    except K2to3Error as error:
        return {"status": "refused", "detail": str(error)}
    found = process.ask({"compare": str(target)})
    needs = report.requires
    assert needs is not None
    found["detail"] = found.get("detail") or f"Keras {needs.keras} and later, {', '.join(needs.backends)}"
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="")
    parser.add_argument("--variant", nargs="*", default=["top", "transfer"], choices=["top", "transfer"])
    parser.add_argument("--max-millions", type=float, default=60, help="leave out networks with more weights")
    options = parser.parse_args(argv)
    counts: Counter[str] = Counter()
    with worker(SCRIPT) as process, tempfile.TemporaryDirectory(prefix="k2to3.applications.") as folder:
        for name in process.ask({"list": True})["names"]:
            for variant in options.variant if re.search(options.filter, name) else ():
                started = time.monotonic()
                job = {"name": name, "variant": variant, "limit": options.max_millions}
                found = check(process, job, Path(folder))
                counts[found["status"]] += 1
                seconds = time.monotonic() - started
                print(
                    f"{name:22} {variant:9} {found['status']:10} {seconds:5.0f} s  {found.get('detail', '')}",
                    flush=True,
                )
    print("  ".join(f"{status} {count}" for status, count in counts.items()))
    return 1 if set(counts) - {"ok", "too large"} else 0


if __name__ == "__main__":
    sys.exit(main())
