"""Random Keras 2 models, converted and compared.

    python tests/property/hunt.py --models 2000 --seed 0 [--keep DIR] [--replay HEX]

Every model is made of random bytes, so a line of hex replays it. Prints counts; a mismatch
is printed with its bytes after they have been shrunk. Exits 1 on any mismatch.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from k2to3.api.convert import convert
from k2to3.errors import K2to3Error
from workers import Worker, worker

SCRIPT = Path(__file__).with_name("worker.py")


def check(process: Worker, data: bytes, folder: Path) -> dict[str, Any]:
    """Build the model of `data`, convert it, compare."""
    source, target = folder / "model.h5", folder / "model.keras"
    built = process.ask({"build": data.hex(), "path": str(source)})
    if built["status"] != "built":
        return built
    try:
        convert(source, target, verify="weights", overwrite=True)
    except K2to3Error as error:
        return {"status": "refused", "detail": error.message, "classes": built["classes"]}
    except Exception as error:
        return {"status": "broke", "detail": f"{type(error).__name__}: {error}", "classes": built["classes"]}
    return {**process.ask({"compare": str(target)}), "classes": built["classes"]}


GOOD = ("ok", "refused", "not_keras2")


def shrunk(process: Worker, data: bytes, folder: Path, status: str) -> bytes:
    """Fewer and smaller bytes that fail in the same way."""

    def fails(candidate: bytes) -> bool:
        return check(process, candidate, folder)["status"] == status

    size = max(1, len(data) // 2)
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    for at in range(len(data)):
        zeroed = data[:at] + b"\0" + data[at + 1 :]
        if data[at] and fails(zeroed):
            data = zeroed
    return data


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="keep the checkpoint of each failure here")
    parser.add_argument("--replay", help="bytes of one model, in hex")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--every", type=int, default=100, help="models between two lines of progress on stderr")
    options = parser.parse_args(argv)
    generator = random.Random(options.seed)
    counts: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    with worker(SCRIPT) as process, tempfile.TemporaryDirectory(prefix="k2to3.hunt.") as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(1 if options.replay else options.models):
            data = generator.randbytes(generator.randint(4, 120))
            if options.replay:
                data = bytes.fromhex(options.replay)
            found = check(process, data, folder)
            counts[found["status"]] += 1
            if found["status"] == "refused":
                refusals[found["detail"][:90]] += 1
            if found["status"] not in GOOD:
                if not options.no_shrink and not options.replay:
                    data = shrunk(process, data, folder, found["status"])
                    found = check(process, data, folder)
                print(
                    f"model {index}: {found['status']} {data.hex()}\n  {found.get('detail')}\n  {found.get('classes')}",
                    flush=True,
                )
            if not (index + 1) % options.every:
                print(f"{index + 1} of {options.models}: {dict(counts)}", file=sys.stderr, flush=True)
    for text, count in refusals.most_common():
        print(f"  refused {count}: {text}")
    print("  ".join(f"{status} {count}" for status, count in counts.items()))
    return 1 if any(status not in GOOD for status in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
