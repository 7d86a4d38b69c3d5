"""A job: executions in a child process with limits, started again where it dies."""

from __future__ import annotations

import json
import math
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .corpus import Corpus
from .coverage import Coverage
from .execute import Outcome, execute
from .mutators import MAKERS, Mutant
from .seeds import Seed, open_seeds

MEMORY = 1 << 30
"""Address space that a child may take beyond what it begins with."""
SILENCE = 30.0
"""Seconds without a sign of life after which a child is stopped."""
SAMPLED = 0.5
"""How many of the accepted mutants are kept for the judge, until there are enough."""
KEPT = 3
"""Reproducers that are kept of each finding."""


@dataclass
class Result:
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(mutator, outcome) → number."""
    findings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seconds: float = 0.0
    lines: int = 0

    def add(self, record: dict[str, Any]) -> None:
        self.counts[record["mutator"], record["outcome"]] += 1
        if "finding" in record:
            kept = self.findings.setdefault(record["finding"], [])
            if len(kept) < KEPT:
                kept.append(record)
            self.counts["", record["finding"]] += 1


@dataclass(frozen=True)
class Job:
    """`executions` numbers from `first` on; the seed of a number is its own, so any can be run again."""

    paths: tuple[Path, ...]
    seed: int
    first: int
    executions: int
    out: Path
    accepted: int = 0
    """How many accepted mutants with another plan are kept for the comparison with tf-keras."""
    guided: bool = True


def run(job: Job) -> Result:
    """All executions of a job; a child that dies costs the one execution that killed it."""
    job.out.mkdir(parents=True, exist_ok=True)
    seeds = list(open_seeds(list(job.paths)))
    result, begun = Result(), time.monotonic()
    shared = mmap.mmap(-1, 8)
    done, end = job.first, job.first + job.executions
    while done < end:
        shared[:] = struct.pack("q", done)
        status = _child(job, seeds, shared, done, end, result)
        (reached,) = struct.unpack("q", shared[:])
        if reached >= end:
            break
        result.add(_died(job, seeds, reached, status))
        done = reached + 1
    result.seconds = time.monotonic() - begun
    return result


def _died(job: Job, seeds: list[Seed], number: int, status: int) -> dict[str, Any]:
    generator = random.Random(f"{job.seed}:{number}")
    name, seed = _draw(seeds, generator)
    what = f"crash: signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"crash: exit {status}"
    finding = f"{what} ({name})"
    return {"mutator": name, "outcome": "crash", "finding": finding, "number": number, "seed": seed.name}


def _child(job: Job, seeds: list[Seed], shared: mmap.mmap, first: int, end: int, result: Result) -> int:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            _work(job, seeds, shared, range(first, end), writer)
        finally:
            os._exit(0)
    os.close(writer)
    for line in _lines(reader, child):
        record = json.loads(line)
        if "lines" in record:
            result.lines = max(result.lines, record["lines"])
        else:
            result.add(record)
    return os.waitpid(child, 0)[1]


def _lines(reader: int, child: int) -> Iterator[bytes]:
    """What a child says; it is stopped where it says nothing for long."""
    import select

    rest = b""
    while True:
        ready, _, _ = select.select([reader], [], [], SILENCE)
        if not ready:
            os.kill(child, signal.SIGKILL)
            break
        data = os.read(reader, 1 << 16)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    os.close(reader)


def _draw(seeds: list[Seed], generator: random.Random) -> tuple[str, Seed]:
    names = list(MAKERS)
    (name,) = generator.choices(names, [MAKERS[name][1] for name in names])
    return name, generator.choice(seeds)


def _work(job: Job, seeds: list[Seed], shared: mmap.mmap, numbers: range, writer: int) -> None:
    _limit()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    corpus, coverage = Corpus(seeds), Coverage()
    folder = Path(tempfile.mkdtemp(prefix="k2to3.fuzz."))
    kept = 0
    with os.fdopen(writer, "w", buffering=1) as out:
        for number in numbers:
            shared[:] = struct.pack("q", number)
            generator = random.Random(f"{job.seed}:{number}")
            name, seed = _draw(seeds, generator)
            mutant = _made(name, seed, seeds, corpus, generator, folder)
            if mutant is None:
                continue
            if job.guided:
                with coverage:
                    outcome = execute(seed, mutant[1], generator, folder)
                if coverage.fresh() and mutant[1].tree is not None and not outcome.finding:
                    corpus.add(mutant[0], mutant[1].tree, generator)
            else:
                outcome = execute(mutant[0], mutant[1], generator, folder)
            out.write(json.dumps(_record(job, number, name, mutant[0], mutant[1], outcome)) + "\n")
            if outcome.kind == "changed" and mutant[1].tree is not None and kept < job.accepted:
                kept += _keep(job, number, mutant[0], mutant[1], generator)
        out.write(json.dumps({"lines": len(coverage.lines)}) + "\n")
    shared[:] = struct.pack("q", numbers.stop)
    shutil.rmtree(folder, ignore_errors=True)


def _made(
    name: str, seed: Seed, seeds: list[Seed], corpus: Corpus, generator: random.Random, folder: Path
) -> tuple[Seed, Mutant] | None:
    """A mutant of the seed, or of the next one of which this mutator can make one."""
    start = seeds.index(seed)
    for each in [*seeds[start:], *seeds[:start]]:
        if (name, each.name) in corpus.unfit:
            continue
        mutant = MAKERS[name][0](each, corpus, generator, folder)
        if mutant is not None:
            return each, mutant
        corpus.unfit.add((name, each.name))
    return None


def _record(job: Job, number: int, name: str, seed: Seed, mutant: Mutant, outcome: Outcome) -> dict[str, Any]:
    detail = f":{outcome.detail}" if outcome.kind == "refused" else ""
    record: dict[str, Any] = {"mutator": name, "outcome": outcome.kind + detail}
    if outcome.finding:
        record |= {"finding": f"{outcome.kind}: {outcome.detail}", "number": number, "seed": seed.name}
        record["reproducer"] = _smallest(seed, mutant)
    return record


def _smallest(seed: Seed, mutant: Mutant) -> Any:
    """The one change, where it was one; else the mutant's text."""
    from . import trees

    if mutant.path:
        value = trees.at(mutant.tree, mutant.path)
        return {"path": list(mutant.path), "value": repr(value)[:300] if value is not trees.MISSING else "MISSING"}
    return {key: repr(value)[-300:] for key, value in mutant.keep.items() if key != "tree"}


def _keep(job: Job, number: int, seed: Seed, mutant: Mutant, generator: random.Random) -> int:
    """Write an accepted mutant down for the comparison with tf-keras."""
    if seed.path.suffix != ".h5" or seed.architecture is not None or mutant.path[:1] == ("training_config",):
        return 0  # The judge asks tf-keras about whole HDF5 files.
    if "lambda-" in seed.name or seed.checkpoint.writer.keras1 or generator.random() > SAMPLED:
        return 0
    try:
        text = json.dumps({"seed": str(seed.path), "number": number, "path": list(mutant.path), **mutant.tree})
        (job.out / f"accepted-{number}.json").write_text(text, encoding="utf-8")
    except (ValueError, UnicodeEncodeError, RecursionError):
        return 0
    return 1


def _limit() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def share(executions: int, jobs: int) -> list[tuple[int, int]]:
    """(first, number) of each job."""
    each = math.ceil(executions / jobs)
    return [(start, min(each, executions - start)) for start in range(0, executions, each)]
