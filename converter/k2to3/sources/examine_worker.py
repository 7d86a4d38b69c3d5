"""The child process of `examine` where this one cannot be forked: reads its job as JSON on standard input."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from pathlib import Path

from k2to3.isolation.child import Budget, Tick, answered, confine
from k2to3.limits import Limits
from k2to3.sources.examine import examine
from k2to3.sources.opened import open_file


def main() -> int:
    job = json.load(sys.stdin)

    def action(tick: Tick) -> list[bytes]:
        file = open_file(Path(job["path"]))
        file.check_identity(tuple(job["identity"]))
        return examine(file, job["offset"], job["size"], Limits(**job["limits"]), tick).written()

    # Standard output is text to whoever reads it.
    print(b64encode(b"".join(answered(action, confine(Budget(**job["budget"]))))).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
