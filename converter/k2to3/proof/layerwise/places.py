"""Inside the worker: where in the loaded model the calls of Keras 2 are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from k2to3.keras3.origins import Path
from k2to3.proof.layerwise.walk import Chain, Place

Json = dict[str, Any]
NAMED = -1


@dataclass(frozen=True)
class Known:
    """A call of Keras 2 and what the plan says of it."""

    path: Path
    class_name: str
    rule: str

    @property
    def label(self) -> str:
        """`inner/dense`, and the number of a call where it is not the first (`inner:1/dense`)."""
        return "/".join(name + (f":{number}" if number else "") for name, number in self.path)


class Places:
    """Layers of the archive go by their names; ops, which are named when they are loaded, by their places."""

    def __init__(self, calls: list[Json]) -> None:
        self.known: list[Known] = []
        self._answers: dict[tuple[Chain, int], list[tuple[Known, int]]] = {}
        self._levels: dict[Chain, set[Place]] = {}
        for call in calls:
            known = Known(tuple((str(n), int(k)) for n, k in call["path"]), call["class_name"], call["rule"])
            self.known.append(known)
            for index, (chain, tensor) in enumerate(call["outputs"]):
                whole = tuple((str(n), int(p), int(k)) for n, p, k in chain)
                self._answers.setdefault((whole, int(tensor)), []).append((known, index))
                for depth in range(len(whole)):
                    self._levels.setdefault(whole[:depth], set()).add(whole[depth])

    def of(self, chain: Chain, tensor: int) -> list[tuple[Known, int]]:
        """The calls of Keras 2, and which of their outputs, that one tensor answers for."""
        planned: Chain = ()
        for place in chain:
            found = self._planned(planned, place)
            if found is None:
                return []
            planned = (*planned, found)
        return self._answers.get((planned, tensor), [])

    def _planned(self, above: Chain, place: Place) -> Place | None:
        name, position, call = place
        level = self._levels.get(above, set())
        named = [known for known in level if known[1] == NAMED and known[0] == name and known[2] == call]
        placed = [known for known in level if known[1] == position and known[2] == call]
        return next(iter(named or placed), None)
