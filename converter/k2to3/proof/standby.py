"""A warm process for proofs on TensorFlow: imports once, forks a worker for each job.

TensorFlow starts its threads at its first operation, so until then a fork is as good as a fresh process. That is why
nothing runs here, and why JAX and PyTorch, which have to run once before they can be sealed, do without.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping

from k2to3.installed import installed
from k2to3.isolation.nursery import serve
from k2to3.proof.worker import own_answer, prepare, prove


def main() -> int:
    warnings.filterwarnings("ignore")
    prepare(judged=installed("tensorflow", "tf_keras"))
    serve(work)
    return 0


def work(files: Mapping[int, int]) -> None:
    """One job from standard input, in a process of its own."""
    job = json.load(sys.stdin)
    job["files"] = [files.get(item, item) for item in job["files"]]
    prove(job, own_answer())


if __name__ == "__main__":
    sys.exit(main())
