"""The child process of `examine` where this one cannot be forked: reads its job as JSON on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from k2to3.isolation.child import Budget, confine, report
from k2to3.limits import Limits
from k2to3.sources.examine import examine
from k2to3.sources.opened import open_file


def main() -> int:
    job = json.load(sys.stdin)
    answer = json.dumps({"type": None})
    try:
        file = open_file(Path(job["path"]))
        tick = confine(Budget(**job["budget"]))
        examine(file, job["offset"], job["size"], Limits(**job["limits"]), tick)
    except Exception as error:  # told to the parent, whatever it is
        answer = report(error)
    print(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
