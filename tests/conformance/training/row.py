"""One checkpoint of the training table, and what its numbers mean."""

from __future__ import annotations

from dataclasses import dataclass, field

TOLERANCE = 1e-5
HALF = 2**-11
# What each status says, in the words of the page.
STATUS = {
    "equal": "losses, weights and state are those of the run that went on without a break, to 1e-5",
    "reloaded": "that Keras itself goes on otherwise once it has loaded the file; Keras 3 goes on like that, to 1e-5",
    "close": "not to 1e-5, within a bound that the report states; equal once the stated cause is taken away",
    "half": "computed in float16: equal to a few of its roundings of 2^-11",
    "differs": "the report says why; equal once the stated cause is taken away",
    "explained": "the report says why; no control shows it",
    "WRONG": "neither equal nor explained",
}
BAD = ("WRONG", "explained")


@dataclass
class Row:
    """Errors by what was compared (`losses`, `weights`, `state`), each relative to the largest value.

    `errors` against the run that went on without a break, `again` against the authoring Keras
    after it loaded its own file, `forgets` how far these two are apart, `control` with the
    stated cause taken away. `moving` are the errors of moving statistics that the plan names.
    """

    keras: str
    case: str
    errors: dict[str, float] = field(default_factory=dict)
    again: dict[str, float] = field(default_factory=dict)
    forgets: float = 0.0
    forgets_moving: float = 0.0
    again_failed: str = ""
    control: dict[str, float] = field(default_factory=dict)
    controlled: str = ""
    differs: list[str] = field(default_factory=list)
    close: list[str] = field(default_factory=list)
    moving: float = 0.0
    variance_ratio: float | None = None

    @property
    def reloaded(self) -> bool:
        """Keras 2 does not go on from its own file as it would have without a break, and Keras 3 is nearer to that."""
        return self.forgets > TOLERANCE and bool(self.again) and _worst(self.again) < 0.1 * _worst(self.errors)

    @property
    def worst(self) -> float:
        """Against what Keras 2 does with the file."""
        return _worst(self.again if self.reloaded else self.errors)

    @property
    def status(self) -> str:
        if self.worst <= TOLERANCE:
            return "reloaded" if self.reloaded else "equal"
        if not (self.differs or self.close):
            return "WRONG"
        if any("computes in float16" in text for text in self.close):
            return "half" if self.worst <= 16 * HALF else "WRONG"
        # Adam's epsilon weighs 1.2 times as much on folded gates, which no control undoes.
        if self.control and _worst(self.control) <= 10 * TOLERANCE:
            return "differs" if self.differs else "close"
        return "explained" if self.differs else "WRONG"

    def __str__(self) -> str:
        extra = [f"moving {self.moving:.1e}"] if self.moving else []
        if self.variance_ratio is not None:
            extra.append(f"variance ratio {self.variance_ratio:.4f}")
        if self.forgets > TOLERANCE:
            extra.append(f"Keras 2 after loading differs from itself by {self.forgets:.1e}")
            extra.append(f"Keras 3 from that: {_numbers(self.again)}")
        if self.forgets_moving > TOLERANCE:
            extra.append(f"and its moving statistics by {self.forgets_moving:.1e}")
        if self.again_failed:
            extra.append(f"Keras 2 does not load it ({self.again_failed[:80]})")
        if self.control:
            extra.append(f"{self.controlled}: {_numbers(self.control)}")
        why = [] if self.status == "equal" else list(dict.fromkeys([*self.differs, *self.close]))
        texts = [_numbers(self.errors), *extra, *why]
        return f"{self.keras + '/' + self.case:46s} {self.status:12s} " + " | ".join(texts)


def _worst(errors: dict[str, float]) -> float:
    return max(errors.values(), default=float("inf"))


def _numbers(errors: dict[str, float]) -> str:
    return "  ".join(f"{kind} {value:.1e}" for kind, value in sorted(errors.items()))
