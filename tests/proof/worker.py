"""Run many proofs in one process: reads a list of jobs, prints what each found wrong (or null)."""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from k2to3.proof import compare

    answer.write(json.dumps([compare.run(job, compare.Objects())["mismatch"] for job in json.load(sys.stdin)]) + "\n")


if __name__ == "__main__":
    main()
