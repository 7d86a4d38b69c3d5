"""What happened to a layer that a user should know."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("drift", "dropped", "renamed", "rebuilt", "accepted", "warning")


@dataclass(frozen=True)
class Finding:
    """One finding.

    `drift`: Keras 3 would compute something else; repaired. `rebuilt`: the class is
    gone; made from built-in layers. `renamed`, `dropped`: as the words say.
    `accepted`: the user allowed a difference. `warning`: worth a look.
    """

    kind: str
    layer: str
    class_name: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.layer} ({self.class_name}): {self.text}"
