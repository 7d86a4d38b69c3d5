"""A warm process for proofs on TensorFlow: imports once, forks a worker for each job.

TensorFlow starts its threads at its first operation, so until then a fork is as good as a fresh process. That is why
nothing runs here, though tables are sorted and late modules imported, and why JAX and PyTorch, which have to run once
before they can be sealed, do without.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import warnings
from collections.abc import Mapping

from k2to3.installed import installed
from k2to3.isolation.nursery import serve
from k2to3.proof.worker import own_answer, prepare, prove

# What is imported at the first use: an old name of zip files, a layer that tf-keras compares with.
LATE = ("encodings.cp437",)
LATE_OF_TF_KERAS = ("tf_keras.src.engine.base_layer_v1",)


def main() -> int:
    warnings.filterwarnings("ignore")
    judged = installed("tensorflow", "tf_keras")
    prepare(judged=judged)
    for name in (*LATE, *(LATE_OF_TF_KERAS if judged else ())):
        importlib.import_module(name)
    read_registries()
    gc.freeze()
    serve(work)
    return 0


def read_registries() -> None:
    """Let TensorFlow sort its tables of ops and kernels, which each worker would do anew; nothing runs."""
    from tensorflow.python.framework import kernels, op_def_registry

    op_def_registry.get("NoOp")
    kernels.get_registered_kernels_for_op("NoOp")


def work(files: Mapping[int, int]) -> None:
    """One job from standard input, in a process of its own."""
    job = json.load(sys.stdin)
    job["files"] = [files.get(item, item) for item in job["files"]]
    prove(job, own_answer())


if __name__ == "__main__":
    sys.exit(main())
