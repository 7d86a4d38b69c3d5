"""What happened to a layer that a user should know."""

from __future__ import annotations

from enum import StrEnum

from k2to3.dataclass import dataclass
from k2to3.printable import printable

KINDS = ("drift", "dropped", "renamed", "rebuilt", "accepted", "warning", "custom")


class Code(StrEnum):
    """Findings that the proof acts upon; it never reads their text."""

    BIDIRECTIONAL_UNZEROED = "bidirectional-unzeroed"
    BIDIRECTIONAL_ZEROED_LAST = "bidirectional-zeroed-last"
    THEANO_MARGINS = "theano-margins"


@dataclass(frozen=True)
class Finding:
    """One finding.

    `drift`: Keras 3 would compute something else; repaired. `rebuilt`: the class is
    gone; made from built-in layers. `renamed`, `dropped`: as the words say.
    `accepted`: the user allowed a difference. `warning`: worth a look. `custom`: kept as a
    class of the user's, without which the archive cannot be loaded.
    """

    kind: str
    layer: str
    class_name: str
    text: str
    code: Code | None = None

    def __str__(self) -> str:
        return printable(f"{self.kind}: {self.layer} ({self.class_name}): {self.text}")
