"""Proves many files in one sealed process and says what the seal denied: honest files ask for nothing.

    KERAS_BACKEND=jax python -I tests/isolation/honest.py [--sample N] [FILE…]        (default: every fixture)

Prints a line for each file that is not proved equal, and a line of counts; exit code 1 if anything was denied.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from k2to3.options.words import Judge, Level

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="1", CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu")


def jobs(paths: list[Path], folder: Path, judge: Judge, stack: ExitStack) -> list[tuple[Path, dict[str, Any]]]:
    """What the worker would be given for each file that converts."""
    from k2to3.archive.keras_archive import Archive, write_archive
    from k2to3.engine.plan import KERAS_VERSION, make_plan
    from k2to3.errors import K2to3Error
    from k2to3.options.records import Options, ProofOptions
    from k2to3.proof.bench import bench
    from k2to3.proof.handover import handed_over
    from k2to3.proof.outputs import make_job
    from k2to3.sources.read import read_checkpoint

    def options(level: Level) -> Options:
        return Options(proof=ProofOptions(level, judge=judge, backend=os.environ["KERAS_BACKEND"]))  # type: ignore[arg-type]

    found = []
    for number, path in enumerate(paths):
        architecture = path.with_suffix(".arch.json")
        try:
            checkpoint = read_checkpoint(path, architecture if architecture.exists() else None)
            plan = make_plan(checkpoint)
        except K2to3Error:
            continue
        archive = folder / f"{number}.keras"
        write_archive(Archive(plan.config, plan.groups, KERAS_VERSION), archive)
        stack.enter_context(checkpoint)
        level: Level = "training" if plan.training.compile_config and bench().tf_keras else "outputs"
        arrays = stack.enter_context(handed_over(checkpoint, level == "training"))
        found.append((path, make_job(checkpoint, plan, archive, options(level), arrays)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, default=1, help="every N-th file")
    parser.add_argument("--judge", default="both")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    paths = (arguments.files or sorted((ROOT / "fixtures").glob("*.h5")))[:: arguments.sample]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        archives, own = folder / "archives", folder / "own"
        archives.mkdir()
        own.mkdir()
        given = jobs([path.resolve() for path in paths], archives, arguments.judge, stack)
        return prove(given, archives, own)


def prove(given: list[tuple[Path, dict[str, Any]]], archives: Path, own: Path) -> int:
    from k2to3.isolation.sealed import seal
    from k2to3.proof import compare
    from k2to3.proof.worker import prepare

    prepare(judged=any(job["level"] == "training" or job["judge"] != "specification" for _, job in given))

    os.chdir(own)
    tempfile.tempdir = str(own)
    sealed = seal([str(archives)], str(own))
    counts = {"proved": 0, "not proved": 0, "not equal": 0, "denied": 0}
    for path, job in given:
        before = len(sealed.denied)
        result = compare.run(job, compare.Objects())
        problems = sealed.denied[before:] or ([result["mismatch"]] if result["mismatch"] else [])
        outcome = "denied" if len(sealed.denied) > before else "not equal" if problems else "proved"
        if outcome == "proved" and result["evidence"]["not_proved"]:
            outcome, problems = "not proved", result["evidence"]["not_proved"]
        counts[outcome] += 1
        if problems:
            print(f"{path.name}: {outcome}: {problems[:3]}", flush=True)
    print(counts, *(["with TensorFlow"] if "tensorflow" in sys.modules else []), flush=True)
    # Leaving the ordinary way would ask for things that only matter at the end.
    os._exit(1 if counts["denied"] or counts["not equal"] else 0)


if __name__ == "__main__":
    sys.exit(main())
