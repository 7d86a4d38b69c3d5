"""The worker process: imports TensorFlow, Keras 3 and tf-keras once, compares, reports.

Reads one job as JSON on standard input and prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any

from k2to3.orphans import die_with_parent


def main() -> int:
    die_with_parent()
    warnings.filterwarnings("ignore")
    job = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    # Frameworks print to standard output; the answer must stand alone.
    os.dup2(2, 1)
    from k2to3.proof import compare

    found = compare.run(job)
    answer.write(json.dumps(found) + "\n")
    answer.close()
    return 0


def available_bytes() -> int | None:
    """Memory that is free for us, in bytes; None where the system does not say."""
    try:
        with open("/proc/meminfo") as file:
            fields: dict[str, Any] = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


if __name__ == "__main__":
    sys.exit(main())
