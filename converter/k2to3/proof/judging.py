"""Inside the worker: the archive against every judge, on every input."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.proof.deadline import deadline
from k2to3.proof.differences import difference
from k2to3.proof.feeds import Feed, feeds, stretches
from k2to3.proof.judges import Specified
from k2to3.proof.memory import check_memory, first_line
from k2to3.proof.running import Keras3
from k2to3.proof.variety import STEADY, Variety

Job = dict[str, Any]
Found = dict[str, Any]
Part = Any
"""An index: all of an array, or one of its rows."""
# Seconds that the specification, which is slow on images, may take for all inputs where another judge is there.
SECONDS = 30
# A difference of this share may be what rounding adds up to over many layers: each of them is asked.
NEARLY = 1e-4


MISCOUNTS = (
    "outputs where a graph leaves lengths open, as that of predict() does from its second length on: this Keras counts "
    "samples for steps in a TimeDistributed there; call the model itself, or give it an --input-shape"
)
CROPS_OPEN = (
    "outputs on images smaller than a CenterCrop of images of unknown size: Keras 2 enlarged them, a graph of Keras 3 "
    "does not; give it an --input-shape"
)


class Recorded:
    """Outputs that the author's own Keras recorded."""

    name = "the recorded outputs"

    def __init__(self, outputs: list[Any]) -> None:
        self._outputs = outputs

    def predict(self, values: list[Any]) -> list[Any]:
        return self._outputs

    def moved(self, values: list[Any]) -> list[Any] | None:
        """Nobody can say how far rounding takes them."""
        return None


@dataclass(frozen=True)
class Objection:
    """What a judge has against the archive."""

    text: str
    by_rounding: bool = False
    """The judge's own outputs move as far when it computes in single precision, or it is next to nothing."""


Settle = Callable[[], tuple[bool | None, str]]
"""Asked where whole outputs cannot tell: whether every layer agrees, or None; and what was found."""


class Hearing:
    """One judge, and what it has said so far."""

    def __init__(self, judge: Any, steady: float = STEADY) -> None:
        self.judge, self.refuted = judge, ""
        self.by_rounding, self.loose = False, ""
        self.problems: list[str] = []
        self.compared = 0
        self.spent = 0.0
        self.variety = Variety(steady)

    def over(self) -> bool:
        """Whether it has nothing more to say: it refuted the archive, or could not go on."""
        return bool(self.refuted) or bool(self.problems)


def judge_outputs(
    job: Job, model: Any, judges: list[Any], reasons: list[str], evidence: Found, settle: Settle | None = None
) -> str | None:
    """What is wrong with the archive, or None; what could not be said goes to `not_proved`."""
    # A difference between inputs that the tolerance would forgive between outputs shows nothing.
    steady = max(STEADY, job["tolerance"] / 10)
    failures: list[str] = []
    unable: list[str] = []
    archive = Keras3(model)
    factors = list(stretches(job)) if judges else []
    for stretch in factors:
        hearings = [Hearing(judge, steady) for judge in judges]
        for feed in feeds(job, stretch):
            answer = Answer(archive, feed)
            for hearing in hearings:
                if not hearing.over():
                    _hear(job, answer, hearing, evidence, alone=len(judges) == 1)
        if any(_told(hearing, last=stretch == factors[-1]) for hearing in hearings):
            problem = _verdict(job, hearings, evidence, settle)
            if problem is None:
                evidence["not_proved"] += [MISCOUNTS] if archive.miscounts else []
                evidence["not_proved"] += [CROPS_OPEN] if archive.crops_open else []
            return problem
        failures = failures or [text for hearing in hearings for text in hearing.problems]
        unable = unable or [f"{hearing.refuted}, from {hearing.judge.name}" for hearing in hearings if hearing.refuted]
    evidence["not_proved"] += [*reasons, *failures]
    evidence["oracle"] = None
    # What a judge computes and Keras 3 cannot at any length is not equal, though nothing was compared.
    return unable[0] if unable else None


def _told(hearing: Hearing, *, last: bool) -> bool:
    """Whether a judge compared something; where outputs hold nothing, other lengths may tell more."""
    return hearing.compared > 0 and (last or bool(hearing.refuted) or not hearing.variety.empty())


def _hear(job: Job, answer: Answer, hearing: Hearing, evidence: Found, *, alone: bool) -> None:
    judge, feed, begun = hearing.judge, answer.feed, time.monotonic()
    try:
        with _bounded(hearing, alone):
            reference = judge.predict(feed.values)
    except (NotSpecified, TimeoutError) as error:
        hearing.problems.append(f"outputs on {feed.label}: {judge.name}: {first_line(error)}")
        return
    except Exception as error:
        check_memory(error)
        hearing.problems.append(f"outputs on {feed.label}: {judge.name} cannot run it: {first_line(error)}")
        return
    hearing.spent += time.monotonic() - begun
    hearing.variety.add(reference)
    count = len(evidence["outputs"])
    objection = compare_feed(job, answer, hearing, reference, evidence)
    if objection is not None:
        hearing.refuted, hearing.by_rounding = objection.text, objection.by_rounding
    hearing.compared += len(evidence["outputs"]) - count


@contextmanager
def _bounded(hearing: Hearing, alone: bool) -> Iterator[None]:
    """An end to what the specification takes for all inputs, where another judge goes on."""
    if alone or not isinstance(hearing.judge, Specified):
        yield
        return
    left = SECONDS - int(hearing.spent)
    if left <= 0:
        raise TimeoutError(f"it takes longer than {SECONDS} seconds")
    with deadline(left, hearing.judge.name):
        yield


def _verdict(job: Job, hearings: list[Hearing], evidence: Found, settle: Settle | None) -> str | None:
    """Where the two disagree about a file older than TensorFlow 2.4, the specification knows its generation."""
    agree = [hearing for hearing in hearings if hearing.compared and not hearing.refuted]
    against = [hearing for hearing in hearings if hearing.refuted]
    specification = any(isinstance(hearing.judge, Specified) for hearing in agree)
    overruled = specification and job["before_2_4"]
    labels = [f"{hearing.judge.label}{' as far as it went' if hearing.problems else ''}" for hearing in agree]
    labels += [f"not {hearing.judge.name}, which computes as a later Keras ({hearing.refuted})" for hearing in against]
    evidence["oracle"] = "; ".join(labels) or None
    if against and not overruled:
        first = against[0]
        others = f", though not from {agree[0].judge.name}" if agree else ""
        text = f"{first.refuted}, from {first.judge.name}{others}"
        doubted = settle is not None and all(hearing.by_rounding for hearing in against)
        return _settled(text, hearings, evidence, settle) if settle is not None and doubted else text
    loose = next((hearing.loose for hearing in agree if hearing.loose), "")
    if loose:
        equal, found = (None, "") if settle is None else settle()
        if not equal:
            evidence["not_proved"].append(f"{loose}, which only --tolerance forgives{'; ' + found if found else ''}")
    whole = [hearing for hearing in agree if not hearing.problems]
    told = whole[0] if whole else agree[0]
    evidence["not_proved"] += [*told.problems, *told.variety.problems()]
    return None


def _settled(text: str, hearings: list[Hearing], evidence: Found, settle: Settle) -> str | None:
    """Outputs that differ as far as rounding takes the judges themselves: the layers decide."""
    equal, found = settle()
    if equal is False:
        return f"{text}; {found}"
    if equal is None:
        evidence["not_proved"].append(f"{text}: sensitive to rounding, and the layers cannot tell: {found}")
        return None
    labels = ", ".join(
        dict.fromkeys(hearing.judge.label for hearing in hearings if isinstance(hearing.judge, Specified))
    )
    evidence["oracle"] = f"{labels}, {found}"
    for item in evidence["outputs"]:
        item["equal"] = item["equal"] or None
    return None


class Answer:
    """What Keras 3 computes on one feed; asked once, for a model that keeps state moves on with every batch."""

    def __init__(self, archive: Keras3, feed: Feed) -> None:
        self.feed, self._archive = feed, archive
        self._outputs: list[Any] | None = None

    def outputs(self) -> list[Any]:
        if self._outputs is None:
            self._outputs = self._archive.predict(self.feed.values)
        return self._outputs


def compare_feed(job: Job, answer: Answer, hearing: Hearing, wanted: list[Any], evidence: Found) -> Objection | None:
    """Keras 3 on one feed against a judge's outputs."""
    feed, judge = answer.feed, hearing.judge
    try:
        outputs = answer.outputs()
    except Exception as error:
        check_memory(error)
        if job.get("cannot"):
            hearing.problems.append(f"outputs: {job['cannot']}")
            return None
        return Objection(f"Keras 3 cannot run the model on {feed.label}: {first_line(error)}")
    if len(outputs) != len(wanted):
        return Objection(f"{len(outputs)} outputs instead of {len(wanted)}")
    allowance = Allowance(judge, feed, wanted)
    for label, part in parts(feed, [*wanted, *outputs]):
        for index, (want, have) in enumerate(zip(wanted, outputs, strict=True)):
            gap, scale, problem = difference(want[part], have[part])
            allowed = job["tolerance"] * scale
            if not problem and gap > allowed:
                allowed = max(allowed, allowance.of(index, part, scale))
            equal = not problem and gap <= allowed
            firm = min(job["tolerance"], job.get("firm", job["tolerance"])) * scale
            if equal and gap > firm and gap > allowance.of(index, part, scale):
                hearing.loose = f"output {index} on {label}: differs by {gap:.3g} of {scale:.3g}"
            evidence["outputs"].append(
                {
                    "feed": label,
                    "judge": judge.name,
                    "output": index,
                    "max_error": gap,
                    "scale": scale,
                    "allowed": allowed,
                    "equal": equal,
                }
            )
            if not equal:
                text = f"output {index} on {label}: {problem or f'differs by {gap:.3g} (allowed {allowed:.3g})'}"
                small = gap <= max(nearly(job) * scale, allowance.movement(index, part))
                return Objection(text, not problem and small)
    return None


def nearly(job: Job) -> float:
    """In half precision a judge's own rounding is as much larger as what has to be allowed."""
    return 10 * float(job["tolerance"]) if job.get("half") else NEARLY


def parts(feed: Feed, arrays: list[Any]) -> list[tuple[str, Part]]:
    """The whole of a feed, or its rows where every output has one row for each."""
    if not feed.rows or any(array.ndim == 0 or len(array) != len(feed.rows) for array in arrays):
        return [(feed.label, ...)]
    return [(f"{feed.label}: {kind}", slice(row, row + 1)) for row, kind in enumerate(feed.rows)]


class Allowance:
    """How much a judge's own outputs move by rounding alone; found when asked."""

    def __init__(self, judge: Any, feed: Feed, reference: list[Any]) -> None:
        self._judge, self._feed, self._reference = judge, feed, reference
        self._moved: list[Any] | None = None
        self._asked = False

    def of(self, index: int, part: Part, scale: float) -> float:
        """The largest error of one output that rounding explains; never more than 1e-3 of its largest value."""
        return min(self.movement(index, part), 1e-3 * scale)

    def movement(self, index: int, part: Part) -> float:
        """The same without an end: what rounding may have done, though it proves nothing."""
        if not self._asked:
            self._moved, self._asked = self._judge.moved(self._feed.values), True
        if self._moved is None:
            return 0.0
        gap, _, problem = difference(self._reference[index][part], self._moved[index][part])
        return 0.0 if problem else 4 * gap
