"""Which stored weight belongs to which variable of a custom layer: by name and shape, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.weights import Expression


@dataclass(frozen=True)
class Wanted:
    """A variable of the layer that Keras 3 built; `name` is its path below the layer."""

    name: str
    shape: tuple[int, ...]


def match(wanted: Sequence[Wanted], stored: Mapping[str, Expression], layer: str) -> list[Expression]:
    """One stored weight per variable, each used once.

    In turn: the same name; the same last part of the name; the only one of its shape. Each
    must leave no doubt. Automatic numbers (`dense_3`) are not compared.

    Raises:
        WeightMismatch: the counts differ, or a doubt is left.
    """
    if len(wanted) != len(stored):
        raise WeightMismatch(
            f"the class makes {len(wanted)} variables ({_list(w.name for w in wanted)}), "
            f"the file holds {len(stored)} ({_list(stored)})",
            layer=layer,
        )
    left, found = _without_wrapper(wanted, stored), dict[int, Expression]()
    for key in (_whole, _unnumbered, _last, _nothing):
        for index, variable in enumerate(wanted):
            if index in found:
                continue
            names = [n for n, e in left.items() if e.shape == variable.shape and key(n) == key(variable.name)]
            rivals = [
                i
                for i, w in enumerate(wanted)
                if i not in found and w.shape == variable.shape and key(w.name) == key(variable.name)
            ]
            if len(names) == 1 and len(rivals) == 1:
                found[index] = left.pop(names[0])
    missing = [w for index, w in enumerate(wanted) if index not in found]
    if missing:
        raise WeightMismatch(
            f"names and shapes do not tell which of {_list(f'{n} {list(e.shape)}' for n, e in left.items())} "
            f"is {missing[0].name} {list(missing[0].shape)}",
            layer=layer,
            hint="give sublayers and weights the names they had, or write a rule (--rules)",
        )
    return [found[index] for index in range(len(wanted))]


def _without_wrapper(wanted: Sequence[Wanted], stored: Mapping[str, Expression]) -> dict[str, Expression]:
    """Names less a part in front that no variable has: inside a wrapper, the name of the layer."""
    own = {variable.name.split("/")[0] for variable in wanted}
    foreign = {name.split("/")[0] for name in stored if "/" in name} - own
    if len(foreign) != 1:
        return dict(stored)
    prefix = f"{foreign.pop()}/"
    found = {name.removeprefix(prefix): expression for name, expression in stored.items()}
    return found if len(found) == len(stored) else dict(stored)


def _whole(name: str) -> str:
    return name


def _unnumbered(name: str) -> str:
    return "/".join(re.sub(r"_\d+$", "", part) for part in name.split("/"))


def _last(name: str) -> str:
    return _unnumbered(name).rsplit("/", 1)[-1]


def _nothing(name: str) -> str:
    return ""


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
