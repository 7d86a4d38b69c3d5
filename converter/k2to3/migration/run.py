"""Convert many files: several processes, trees kept, what is done is skipped, one bad file never stops the run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from k2to3.api.reading import read_options
from k2to3.api.used import unused
from k2to3.boundary import boundary
from k2to3.dataclass import dataclass
from k2to3.errors import FileError, Interrupted, K2to3Error, UsageError
from k2to3.leftovers import clear
from k2to3.migration.beside import ARCHITECTURES, possible_architecture
from k2to3.migration.draining import draining
from k2to3.migration.find import Pair, Search, check_apart, find_pairs
from k2to3.migration.give import budget_of, check_places, give
from k2to3.migration.glance import finished
from k2to3.migration.ledger import NAME, Known
from k2to3.migration.manifest import read_manifest
from k2to3.migration.places import is_url
from k2to3.migration.pool import Work
from k2to3.migration.remote import find_remote, is_folder, local_folder, with_target
from k2to3.migration.resume import Resume, is_taken, resumed, wanted
from k2to3.migration.uncollected import uncollected
from k2to3.migration.worker import check_guarded
from k2to3.options.words import BatchOptions, ConvertOptions, PathLike
from k2to3.publish.identity import Inode, Names, inode
from k2to3.publish.inputs import inputs_of, special_kind
from k2to3.publish.listing import Listing, split
from k2to3.publish.publisher import Publisher
from k2to3.report.record import Report

Done = Callable[[Report, int, int], None]
Told = Callable[[str], None]
SUFFIXES = {"keras": ".keras", "safetensors": ".safetensors"}
# Words of a batch that a conversion does not have.
OWN = frozenset(BatchOptions.__annotations__) - frozenset(ConvertOptions.__annotations__)


class Earlier(NamedTuple):
    """A file that is skipped, and what came of it in an earlier run."""

    pair: Pair
    known: Known

    @property
    def status(self) -> str:
        return self.known.status

    @property
    def exit_code(self) -> int:
        return self.known.exit_code

    @property
    def report(self) -> Report:
        return self.known.report(self.pair.source_name, self.pair.target_name)


@dataclass
class Outcome:
    """What came of a run, also of one that was interrupted; `skipped` had been done by an earlier run."""

    results: list[Report | Earlier] = field(default_factory=list)
    skipped: int = 0
    unused: list[str] = field(default_factory=list)

    @property
    def reports(self) -> list[Report]:
        """Of every file; of those that were skipped in short."""
        return list(map(_reported, self.results))

    @property
    def problems(self) -> list[Report]:
        """The same of those alone that a cause may be told of."""
        return [_reported(found) for found in self.results if found.exit_code]


def batch(
    sources: PathLike | Sequence[PathLike] = (),
    out: PathLike = ".",
    *,
    done: Done | None = None,
    **options: Unpack[BatchOptions],
) -> list[Report]:
    """Convert files, folders and patterns; what lies in a folder keeps its place in the tree, below `out`.

    `options`: see `k2to3.options.words.BatchOptions`; `done` gets each report with its number and the number of all.
    A `x.json`, `x.arch.json` or `x.yaml` beside a weights-only `x.h5` or `x.weights.h5` is taken as its architecture.
    Failures are reports, never exceptions. What an earlier run did, by its ledger in `out`, is not done again.

    Raises:
        FileError: there is no such file or folder.
        UsageError: a file would be written twice, or is a source; the calling script has no `__main__` guard.
    """
    outcome = Outcome()
    said: dict[str, Any] = dict(options)
    given = [sources] if isinstance(sources, (str, os.PathLike)) else list(sources)
    publisher = Publisher(inputs_of(**said), overwrite=bool(said.get("overwrite")))
    with boundary(os.fspath(given[0]) if len(given) == 1 else None):
        run_batch(outcome, given, out, said, publisher=publisher, done=done)
        for text in outcome.unused:
            warnings.warn(text, stacklevel=2)
    return outcome.reports


def run_batch(
    outcome: Outcome,
    sources: Sequence[PathLike],
    out: PathLike,
    said: Mapping[str, Any],
    *,
    publisher: Publisher,
    done: Done | None,
    told: Told = lambda text: None,
) -> None:
    """As `batch`, filling in `outcome` for every file, also where the run is interrupted."""
    # A console script may lack the guard as well: its processes would wait for the folder that this run holds.
    check_guarded()
    options = read_options(said, BatchOptions)
    check_places(said)
    problems: list[OSError] = []
    folder = ledger_folder(out, said)
    seen = Listing()
    with uncollected():
        pairs = pairs_of(sources, folder, said, problems.append, os.fspath(out) if is_url(out) else None, seen)
        run = _Run(pairs, said, publisher.overwrite, done, outcome, told, seen)
        if not publisher.announced and not problems and run.was_finished(folder):
            return
        check_apart(pairs, bool(said.get("keep_suffix")), seen)
        _announce(pairs, folder, publisher, seen)
    try:
        with resuming(pairs, folder, said, told, seen) as resume:
            run.convert(resume)
    finally:
        outcome.results += [run.result_of(pair) for pair in pairs if not run.left_out(pair)]
        outcome.results += [_unreadable(error) for error in problems]
    if not outcome.skipped and not any(report.error for report in outcome.problems):
        used = {item for report in outcome.reports for item in report.used}
        outcome.unused = unused(options.model, used, "the files have")


def ledger_folder(out: PathLike, said: Mapping[str, Any]) -> Path:
    """Where the ledger lies: in `out`, or, where that is a URL, in a folder of this machine.

    Raises:
        UsageError: a folder for work that there is none for.
    """
    work = said.get("work")
    if is_url(out):
        return local_folder(os.fspath(out), None if work is None else Path(work))
    if work is not None:
        raise UsageError("--work is for a DEST behind a URL: here the ledger lies in DEST")
    return Path(out)


def pairs_of(
    sources: Sequence[PathLike],
    out: Path,
    said: Mapping[str, Any],
    problem: Callable[[OSError], None],
    remote: str | None,
    seen: Listing,
) -> list[Pair]:
    """All that is to be converted, by paths, URLs and manifest; `out` stands for the URL `remote`."""
    suffix = SUFFIXES[said.get("format") or "keras"]
    search = Search(_patterns(said, "include"), _patterns(said, "exclude"), bool(said.get("keep_suffix")), suffix)
    urls = [os.fspath(source) for source in sources if is_url(source)]
    folders = sum(is_folder(url) for url in urls)
    paths = [Path(source) for source in sources if not is_url(source)]
    pairs = find_pairs(paths, out, search, problem, folders, seen)
    several = folders + sum(Path(source).is_dir() for source in sources if not is_url(source)) > 1
    for url in urls:
        pairs += find_remote(url, out, search, several=several and is_folder(url), beside=remote)
    if said.get("manifest") is not None:
        pairs += read_manifest(Path(said["manifest"]), out, suffix)
    elif not sources:
        raise UsageError("nothing to convert was named", hint="k2to3 batch FOLDER --out DEST")
    return pairs if remote is None else [with_target(pair, remote, out) for pair in pairs]


@contextmanager
def resuming(
    pairs: Sequence[Pair], out: Path, said: Mapping[str, Any], told: Told, seen: Listing
) -> Iterator[Resume | None]:
    """The ledger of `out`; a dry run needs none and leaves none."""
    if said.get("dry_run") or not pairs:
        yield None
        return
    with resumed(
        out,
        seen,
        only_failed=bool(said.get("only_failed")),
        waiting=lambda: told(f"another run writes to {out}: waiting"),
    ) as found:
        _clear(pairs)
        yield found


def _clear(pairs: Sequence[Pair]) -> None:
    """Whoever was killed with its last file published left a folder, and may have left nothing else to do."""
    for folder in {split(pair.target_path)[0] for pair in pairs}:
        clear(Path(folder))


class _Run:
    """One run: each file is skipped, or begun and noted."""

    def __init__(
        self,
        pairs: list[Pair],
        said: Mapping[str, Any],
        overwrite: bool,
        done: Done | None,
        outcome: Outcome,
        told: Told,
        seen: Listing,
    ) -> None:
        self.pairs, self._said, self._done, self._outcome, self._told = pairs, said, done, outcome, told
        self._each = _of_each(said, overwrite)
        # By the path of their target: no two have the same.
        self._found: dict[str, Report | Earlier] = {}
        self._omitted: set[str] = set()
        self._wanted: dict[str, str] = {}
        self._before: dict[str, Inode | None] = {}
        self._seen = seen
        self._failed, self._only_failed = False, bool(said.get("only_failed"))
        self._usual: str | None = None

    def left_out(self, pair: Pair) -> bool:
        return pair.target_path in self._omitted

    def result_of(self, pair: Pair) -> Report | Earlier:
        path = pair.target_path
        return self._found.get(path) or _interrupted(pair, path in self._before and self._before[path] != inode(path))

    def was_finished(self, folder: Path) -> bool:
        """Whether nothing is left to do at a glance; then the outcome holds all that came of it."""
        if self._only_failed or self._said.get("dry_run"):
            return False
        found = finished(self.pairs, folder, self._usual_text(), self._seen)
        if found is None:
            return False
        _clear(self.pairs)
        self._outcome.results += map(Earlier, self.pairs, found)
        self._outcome.skipped = len(found)
        return True

    def convert(self, resume: Resume | None) -> None:
        with uncollected():
            waiting = [pair for pair in self.pairs if not self._settled(pair, resume)]
        self._before = {pair.target_path: inode(pair.target_path) for pair in waiting}
        text = "finishing what has begun; Ctrl-C again stops at once"
        with draining(lambda: self._told(text)) as drain:
            work = Work(
                jobs=self._said.get("jobs") or os.cpu_count() or 1,
                options=self._each,
                seconds=self._said.get("timeout"),
                begin=lambda pair: None if resume is None else resume.begin(pair, self._wanted[pair.target_path]),
                done=lambda pair, report: self._note(pair, report, resume),
                budget=budget_of(self._said, self._each),
                halted=lambda: drain.asked or (self._failed and bool(self._said.get("fail_fast"))),
            )
            give([_replacing(pair) if self._may_replace(pair, resume) else pair for pair in waiting], work, self._said)

    def _may_replace(self, pair: Pair, resume: Resume | None) -> bool:
        """What we wrote ourselves; on a cluster also what a process writes that is lost before it can say so."""
        if resume is None:
            return False
        return resume.ours(pair) or (self._said.get("cluster") is not None and not is_taken(pair))

    def _settled(self, pair: Pair, resume: Resume | None) -> bool:
        """Whether there is nothing to do for it."""
        if (kind := special_kind(self._seen.file(pair.source_path).stat)) is not None:
            self._note(pair, _failed(pair, FileError(f"is {kind}, not a regular file")), None)
            return True
        if resume is None:
            return False
        if self._only_failed and not resume.failed(pair):
            self._omitted.add(pair.target_path)
            return True
        said = self._text(pair, resume)
        earlier = resume.earlier(pair, said)
        if earlier is None:
            self._wanted[pair.target_path] = said
            return False
        self._outcome.skipped += 1
        self._found[pair.target_path] = Earlier(pair, earlier)
        return True

    def _text(self, pair: Pair, resume: Resume) -> str:
        """What decides what becomes of it; the same for all that have nothing of their own."""
        folder, _ = split(pair.source_path)
        architecture = None
        if self._seen.holds(folder, ARCHITECTURES):
            architecture = possible_architecture(pair.source_path, self._seen.exists)
        if pair.given or architecture is not None:
            return wanted({**self._each, **pair.given}, architecture)
        said = self._usual_text()
        resume.expect(said)
        return said

    def _usual_text(self) -> str:
        if self._usual is None:
            self._usual = wanted(self._each, None)
        return self._usual

    def _note(self, pair: Pair, report: Report, resume: Resume | None) -> None:
        if resume is not None:
            resume.finish(pair, report)
        self._found[pair.target_path] = report
        self._failed = self._failed or report.error is not None
        if self._done is not None:
            self._done(report, len(self._found), len(self.pairs) - len(self._omitted))


def _reported(found: Report | Earlier) -> Report:
    return found.report if isinstance(found, Earlier) else found


def _patterns(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = said.get(name) or ()
    return (found,) if isinstance(found, str) else tuple(found)


def _of_each(said: Mapping[str, Any], overwrite: bool) -> dict[str, Any]:
    """What is said of every file, as convert takes it."""
    found = {key: value for key, value in said.items() if key not in OWN}
    if said.get("memory") is not None:
        limits = said.get("limits") or ()
        own = {"memory": said["memory"]}
        found["limits"] = {**limits, **own} if isinstance(limits, Mapping) else [*limits, f"memory={said['memory']}"]
    return {**found, "overwrite": overwrite}


def _replacing(pair: Pair) -> Pair:
    return pair._replace(given={**pair.given, "overwrite": True})


def _announce(pairs: list[Pair], out: Path, publisher: Publisher, names: Names) -> None:
    publisher.reads(*[pair.source_path for pair in pairs], names=names)
    publisher.writes(out / NAME, what="the ledger")
    try:
        for pair in pairs:
            publisher.writes(pair.target_path, what=f"what becomes of {pair.source_name}", names=names)
    except UsageError as error:
        error.hint = "choose another folder to write to, or name them apart with --keep-suffix"
        raise


def _failed(pair: Pair, error: K2to3Error) -> Report:
    report = Report(source=pair.source_name, target=pair.target_name)
    report.fail(error)
    return report


def _interrupted(pair: Pair, written: bool) -> Report:
    text = f"the run was interrupted; {pair.target_name} was written" if written else "the run was interrupted before"
    return _failed(pair, Interrupted(text))


def _unreadable(error: OSError) -> Report:
    report = Report(source=os.fsdecode(error.filename or ""))
    report.fail(FileError(f"the folder cannot be read: {error.strerror}"))
    return report
