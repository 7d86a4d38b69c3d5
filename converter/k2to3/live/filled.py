"""Variables into a live model: planned layers and live ones side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from k2to3.archive.serialise import Serialiser
from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedLayer, WeightMismatch
from k2to3.findings import Finding
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer, Op
from k2to3.live.compared import WAY_OUT, check_same, single
from k2to3.live.described import is_model, sublayers
from k2to3.sources.json_text import Json
from k2to3.weights import Expression

Serialize = Callable[[Any], Json]


@dataclass
class Pairing:
    """What will be loaded: (live layer, its variables), found before anything is changed."""

    serialize: Serialize
    partial: bool = False
    pairs: list[tuple[Any, tuple[Expression, ...]]] = field(default_factory=list)
    not_in_file: list[str] = field(default_factory=list)
    not_in_model: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def model(self, planned: Submodel, live: Any, closed: Serialiser) -> None:
        """The layers of two models: by name, or by order where names differ."""
        ours = [layer for layer in closed.close(planned).layers if layer.class_name != "InputLayer"]
        theirs = {layer.name: layer for layer in sublayers(live)}
        for one, other in self._matched(ours, theirs, live.name):
            self.layer(one, other, other.name, closed)

    def _matched(self, ours: list[Layer], theirs: dict[str, Any], model: str) -> Iterator[tuple[Layer, Any]]:
        weighted = [layer for layer in ours if holds(layer)]
        live = [layer for layer in theirs.values() if layer.variables and _own_or_inner(layer)]
        named = {layer.name for layer in weighted}
        same = [_kind(layer) for layer in weighted] == [type(layer).__name__ for layer in live]
        if named != {layer.name for layer in live} and same and not self.partial:
            self.warnings.append(f"names of layers in {model!r} differ from the file's; matched by order")
            every = [_kind(layer) for layer in ours] == [type(layer).__name__ for layer in theirs.values()]
            if not every and any(isinstance(layer, Submodel) for layer in ours if not holds(layer)):
                raise UnsupportedLayer("a layer without weights does not compute in Keras 3 what it did", hint=WAY_OUT)
            yield from zip(ours, theirs.values(), strict=True) if every else zip(weighted, live, strict=True)
            return
        self.not_in_model += [layer.name for layer in weighted if layer.name not in theirs]
        self.not_in_file += [layer.name for layer in live if layer.name not in named]
        yield from ((layer, theirs[layer.name]) for layer in ours if layer.name in theirs)

    def operations(self, planned: Submodel, live: Any, findings: list[Finding]) -> None:
        """What stands between layers in the planned model has to stand there in the live one.

        Raises:
            UnsupportedLayer: a layer became operations, or masks are combined by operations, that it does not have.
        """
        have = Counter(type(item).__name__ for item in _operations(live))
        want = Counter(n.operation.class_name for n in planned.graph.nodes if isinstance(n.operation, Op))
        if missing := sorted((want - have).elements()):
            why = "; ".join(str(f) for f in findings if f.kind in ("drift", "rebuilt"))[:300]
            names = ", ".join(missing)
            raise UnsupportedLayer(
                f"in Keras 3 the file's model needs operations that this one does not have: {names} ({why})",
                hint=WAY_OUT,
            )

    def layer(self, planned: Layer, live: Any, name: str, closed: Serialiser) -> None:
        """One layer and all that it holds."""
        if isinstance(planned, Submodel):
            if is_model(live):
                self.model(planned, live, closed)
                return
            inner = single(planned)
            if inner is None:
                raise UnsupportedLayer(
                    f"Keras 3's {type(live).__name__} does not compute what Keras 2's did", layer=name, hint=WAY_OUT
                )
            planned = inner
            check_same(planned, live, {**self.serialize(live)["config"], "data_format": None} | _format(planned), name)
        else:
            check_same(planned, live, self.serialize(live)["config"], name)
        if planned.variables:
            self.pairs.append((live, tuple(planned.variables)))
        for attribute, child in planned.sublayers_by_place():
            self.layer(child, _attribute(live, attribute), f"{name}/{attribute}", closed)

    def fill(self) -> int:
        """Put the values in; returns how many variables that were.

        Raises:
            WeightMismatch: of another shape than the model's.
        """
        for live, variables in self.pairs:
            own = [*live._trainable_variables, *live._non_trainable_variables]
            shapes, wanted = [tuple(v.shape) for v in own], [tuple(e.shape) for e in variables]
            if shapes != wanted:
                raise WeightMismatch(f"its variables have shapes {shapes}, the file gives {wanted}", layer=live.name)
        for live, variables in self.pairs:
            live.load_own_variables({str(index): e.compute() for index, e in enumerate(variables)})
        return sum(len(variables) for _, variables in self.pairs)


def _operations(live: Any) -> list[Any]:
    functional = getattr(live, "_functional", None) or live
    return list(getattr(functional, "operations", None) or getattr(functional, "_operations", []))


def holds(layer: Layer) -> bool:
    """Whether a planned layer or a part of it has variables."""
    if layer.variables:
        return True
    if isinstance(layer, Submodel):
        return any(holds(n.operation) for n in layer.graph.nodes if isinstance(n.operation, Layer))
    return any(holds(child) for _, child in layer.sublayers())


def _own_or_inner(layer: Any) -> bool:
    """Not those that hold the state of a generator of random numbers alone."""
    return any(part._trainable_variables or part._non_trainable_variables for part in layer._flatten_layers())


def _kind(layer: Layer) -> str:
    if isinstance(layer, Submodel):
        return "Sequential" if layer.sequential else "Functional"
    return layer.class_name


def _format(planned: Layer) -> Json:
    return {"data_format": planned.config["data_format"]} if "data_format" in planned.config else {}


def _attribute(live: Any, place: str) -> Any:
    name, _, index = place.partition("/")
    found = getattr(live, name)
    return found[int(index)] if index else found
