"""The worker process: imports Keras 3 and, where it judges, tf-keras; seals itself, compares, reports.

Reads one job as JSON on standard input and prints one line of JSON.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, TextIO

from k2to3.isolation.limits import limit
from k2to3.isolation.sealed import Seal, seal
from k2to3.proof.compiling import compile_cheaply, multiply_plainly

# All of our own that runs sealed, so that nothing of it is imported late.
MODULES = ("compare", "layerwise.claim", "judges", "keras2", "embeddings", "feeds", "handed", "training")
# Objects between two looks for garbage: a graph makes many, and they stay.
GARBAGE = (10_000, 20, 100)
# What needs tf-keras, and with it TensorFlow; it imports a part of itself when the first layer is made.
OF_TF_KERAS = ("interpreted", "old_embedding", "old_layers", "oracle", "oracle_by_path", "continuation")


def main() -> int:
    warnings.filterwarnings("ignore")
    job = json.load(sys.stdin)
    answer = own_answer()
    prepare(judged=job["judge"] != "specification" or job["level"] == "training")
    prove(job, answer)
    return 0


def own_answer() -> TextIO:
    """Frameworks print to standard output; the answer must stand alone."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answer


def prove(job: dict[str, Any], answer: TextIO) -> None:
    """Seal this process, do what the job asks for, and say what came of it."""
    from k2to3.proof import compare

    objects = compare.user_objects(job)
    limit(memory=job["memory"], file_bytes=job["file_bytes"])
    if "tensorflow" in sys.modules:
        multiply_plainly(job)
    sealed = _seal(job)
    found = compare.run(job, objects)
    answer.write(json.dumps({**found, "denied": sealed.denied}) + "\n")
    answer.close()


def prepare(*, judged: bool) -> None:
    """Import all that a job may need, before the process is sealed; `judged`: tf-keras is to judge it.

    Nothing that imports a framework was imported before.
    """
    # What is imported stays: to look for garbage in it while it comes, and in every proof again, takes longer than most
    # proofs, and a forked process would copy it all.
    gc.disable()
    if os.environ.get("KERAS_BACKEND") == "jax":
        compile_cheaply()
    from k2to3.proof.warming import warm

    for name in (*MODULES, *(OF_TF_KERAS if judged else ())):
        importlib.import_module(f"k2to3.proof.{name}")
    warm()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


def _seal(job: dict[str, Any]) -> Seal:
    own = os.getcwd()
    if not job["archive"].endswith(".keras"):
        # Keras goes by the ending.
        link = os.path.join(own, "model.keras")
        os.symlink(os.path.abspath(job["archive"]), link)
        job["archive"] = link
    files = [path for path in (job["archive"], job["reference"]) if path]
    code = job["custom_objects"]
    folders = [] if code is None else [str(Path(code).parent) if code.endswith(".py") else own]
    return seal([*files, *folders], own)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # To take the frameworks apart piece by piece takes longer than some proofs.
    os._exit(code)
