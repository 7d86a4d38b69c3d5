"""The three matrices: faults in archives, faults in rules, honest conversions."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
from k2to3.engine.plan import Plan
from k2to3.errors import K2to3Error
from k2to3.keras3.graph import Submodel

from tests.conformance.teeth import rule_faults
from tests.conformance.teeth.archive_faults import KINDS, Kind
from tests.conformance.teeth.equivalence import differ
from tests.conformance.teeth.table import FEW, counted
from tests.conformance.teeth.warm import Case, Late, Verdict, case, deadline

FAULTS = 4
"""Planted in one file at most, so that many models are met."""
TRIED, HOPELESS = 60, 6
"""Files that a misconception is planned for, at most, and where none of the first is touched."""


class Harness:
    def __init__(self, folder: Path, log: Any, judge: str, per_kind: int) -> None:
        self.folder, self.log, self.judge, self.per_kind = folder, log, judge, per_kind
        self.good, self.bad = folder / "good.keras", folder / "bad.keras"

    def honest(self, files: list[Path], sample: int, seed: int, clock: Iterator[int]) -> None:
        """Conversions as they are: whatever is found is a false alarm."""
        for path, _ in zip(files[:sample], clock, strict=False):
            if ("honest", path.stem) in self.log.done:
                continue
            with self._case(path) as here:
                if here is not None:
                    self.add("honest", "honest", here, self.proved(here, self.good, "layers"), None)

    def archives(self, files: list[Path], sample: int, seed: int, clock: Iterator[int]) -> None:
        """A few faults in each file, first of those kinds that were planted least."""
        kinds = random.Random(seed).sample(KINDS, min(sample, len(KINDS)))
        counts = Counter(row["kind"] for row in self.log.rows)
        for path in files:
            wanted = sorted((k for k in kinds if counts[k.name] < self.per_kind), key=lambda k: counts[k.name])
            if not wanted or next(clock, 0) == 0:
                return
            if any(row["file"] == path.stem for row in self.log.rows):
                continue
            with self._case(path) as here:
                for kind in self._plant(here, wanted, seed) if here is not None else ():
                    counts[kind.name] += 1

    def _plant(self, here: Case, kinds: list[Kind], seed: int) -> Iterator[Kind]:
        left = FAULTS
        for kind in kinds:
            chance = random.Random(f"{seed} {kind.name} {here.path.stem}")
            guilty = planted(self.good, self.bad, kind, chance)
            if guilty is None:
                continue
            found = self.proved(here, self.bad, "outputs")
            weights = kind.where == "weights" and here.weights_differ(self.bad)
            self.add(kind.name, kind.where, here, found, owners(here.plan, guilty), weights=weights)
            yield kind
            left -= 1
            if not left:
                return

    def rules(self, files: list[Path], sample: int, seed: int, clock: Iterator[int]) -> None:
        """Mutants of what files run, each on those whose plan it changes."""
        plain: dict[Path, str] = {}
        users: dict[rule_faults.Line, list[Path]] = {}
        for path in files:
            try:
                lines = rule_faults.used(lambda path=path: plain.__setitem__(path, told_of(path)))
            except K2to3Error:
                continue
            for line in lines:
                users.setdefault(line, []).append(path)
        for fault in rule_faults.faults(users.keys(), seed):
            full, settled = self._settled()
            if len(full) >= sample or next(clock, 0) == 0:
                return
            found = fault.users(users)
            if len(found) >= self.per_kind and fault.name not in settled:
                self._misconceive(fault, random.Random(fault.name).sample(found, len(found)), plain)

    def _settled(self) -> tuple[set[str], set[str]]:
        """Kinds that were planted in files enough and changed what some compute; these, and those that never will."""
        counts = Counter(row["kind"] for row in self.log.rows if row["status"] != FEW)
        planted = {kind for kind, count in counts.items() if count >= self.per_kind}
        few = {row["kind"] for row in self.log.rows if row["status"] == FEW}
        return planted & {row["kind"] for row in self.log.rows if counted(row)}, planted | few

    def _misconceive(self, fault: rule_faults.Fault, files: list[Path], plain: dict[Path, str]) -> None:
        """Planted where it touches files enough: those are looked for first, since a plan costs little.

        Not in all of them where it changes nothing in the first two: an initializer, a name.
        """
        known = {row["file"] for row in self.log.rows if row["kind"] == fault.name}
        touched = dict(islice(self._touched(fault, files, plain, known), self.per_kind - len(known)))
        if len(known) + len(touched) < self.per_kind:
            self.log.add(kind=fault.name, family=fault.family, file="", status=FEW)
            return
        for path, bad in touched.items():
            with case(path) as here:
                found = self.proved(here, bad, "outputs")
                here.write(self.good)
                guilty = {name for each in changed(self.good, bad) for name in owners(here.plan, each)}
                self.add(fault.name, fault.family, here, found, guilty, bad=bad)
            said = [row["status"] for row in self.log.rows if row["kind"] == fault.name]
            if said[:2] == ["equivalent"] * 2:
                self.log.add(kind=fault.name, family=fault.family, file="", status=FEW)
                return

    def _touched(
        self, fault: rule_faults.Fault, files: list[Path], plain: dict[Path, str], known: set[str]
    ) -> Iterator[tuple[Path, Path]]:
        """Files whose plan the fault changes, and the wrong archive of each."""
        hits = 0
        for tried, path in enumerate(files[:TRIED]):
            if tried >= HOPELESS and not hits:
                return
            bad = self.folder / f"bad{hits}.keras"
            if path.stem not in known and self._written(fault, path, plain[path], bad):
                hits += 1
                yield path, bad

    def _written(self, fault: rule_faults.Fault, path: Path, plain: str, bad: Path) -> bool:
        """Whether a conversion by a wrong rule is another; a refused one tells nobody anything wrong."""
        with rule_faults.planted(fault) as taken:
            if not taken:
                return False
            try:
                with deadline(20), case(path) as here:
                    if told(here.plan) == plain:
                        return False
                    here.write(bad)
            except (Exception, Late):
                return False
        return True

    @contextmanager
    def _case(self, path: Path) -> Iterator[Case | None]:
        """The file opened and its archive written, or None where it cannot be."""
        with ExitStack() as stack:
            found = None
            try:
                found = stack.enter_context(case(path))
                found.write(self.good)
            except K2to3Error:
                found = None
            yield found

    def proved(self, here: Case, archive: Path, level: str) -> Verdict:
        try:
            return here.proved(archive, self.judge, level)
        except (Exception, Late) as error:
            return Verdict("broke", f"{type(error).__name__}: {error}"[:300])

    def add(
        self,
        kind: str,
        family: str,
        here: Case,
        verdict: Verdict,
        guilty: set[str] | None,
        weights: bool = False,
        bad: Path | None = None,
    ) -> None:
        status = verdict.status
        if guilty is not None and status in ("proved", "open"):
            try:
                with deadline():
                    other = differ(here.path, self.good, bad or self.bad, self.folder)
            except Late:
                other = None
            status = {True: "survived", False: "equivalent", None: "unknown"}[other] if status == "proved" else status
            status = "equivalent" if other is False else status
        named = {part.split(":")[0] for part in f"{verdict.layer}/{verdict.mask_since}".split("/")}
        clean = {name.replace(".", "_") for name in named}
        self.log.add(
            kind=kind,
            family=family,
            file=here.path.stem,
            status=status,
            weights=weights,
            text=verdict.text[:400],
            named=verdict.layer,
            guilty=sorted(guilty or ())[:12],
            right=bool(guilty and (named | clean) & guilty),
        )


def told_of(path: Path) -> str:
    with case(path) as here:
        return told(here.plan)


def planted(source: Path, target: Path, kind: Kind, chance: random.Random) -> str | None:
    """A copy with the fault in it, and who is guilty."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    buffer = io.BytesIO(members["model.weights.h5"])
    with h5py.File(buffer, "r+") as weights:
        guilty = kind.plant(config, weights, chance)
    if guilty is None:
        return None
    members |= {"config.json": json.dumps(config).encode(), "model.weights.h5": buffer.getvalue()}
    with zipfile.ZipFile(target, "w") as written:
        for name, data in members.items():
            written.writestr(name, data)
    return guilty


def told(plan: Plan) -> str:
    """All of a plan that is written."""
    variables = [(group.path, [str(expression) for expression in group.variables]) for group in plan.groups]
    return json.dumps([plan.config, variables], default=str, sort_keys=True)


def owners(plan: Plan, guilty: str) -> set[str]:
    """Who may be named for a variable, an op or a layer: itself, what holds it, and the layer of Keras 2."""
    name = guilty.removeprefix("weights:")
    if name != guilty:
        fitting = [group for group in plan.groups if group.path and name.startswith(group.path + "/")]
        found = {group.layer.name for group in fitting}
    else:
        found = {name}
    # Two layers may be made of ops of one name.
    found |= {behind for name, behind in _origins(plan.model) if name in found}
    return found | {holder for name in found for holder in _holders(plan.config["config"], name, ())}


def _holders(node: Any, name: str, around: tuple[str, ...]) -> Iterator[str]:
    """The wrappers and nested models that a layer or a cell of that name stands in: inside of some only the whole is
    compared."""
    if isinstance(node, list):
        for item in node:
            yield from _holders(item, name, around)
    elif isinstance(node, dict):
        config = node.get("config")
        own = config.get("name") if isinstance(config, dict) and "class_name" in node else None
        if own == name:
            yield from around
        for item in node.values():
            yield from _holders(item, name, (*around, own) if isinstance(own, str) else around)


def _origins(model: Submodel) -> Iterator[tuple[str, str]]:
    """Name of an operation → the layer of Keras 2 whose call it is part of."""
    ends = {tensor.node: origin for origin in model.graph.origins for tensor in origin.outputs}
    for node, origin in ends.items():
        waiting, seen = [node], {node}
        while waiting:
            here = waiting.pop()
            yield here.operation.name, origin.path[-1][0]
            if isinstance(here.operation, Submodel) and not here.operation.graph.origins:
                yield from ((inner.operation.name, origin.path[-1][0]) for inner in here.operation.graph.nodes)
            before = {t.node for t in here.tensors() if t.node not in ends and t.node not in seen}
            seen |= before
            waiting += before
        if isinstance(node.operation, Submodel):
            yield from _origins(node.operation)


def changed(good: Path, bad: Path) -> set[str]:
    """Names of the layers whose config, inputs or variables differ between two archives."""
    first, second = entries(good), entries(bad)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def entries(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as opened:
        config = json.loads(opened.read("config.json"))
        found: dict[str, str] = {}
        _entries(config, found)
        with h5py.File(io.BytesIO(opened.read("model.weights.h5")), "r") as weights:
            weights.visititems(lambda name, x: _variable(name, x, found))
    return found


def _entries(node: Any, found: dict[str, str]) -> None:
    for item in node["config"].get("layers", []):
        name = str(item.get("name") or item["config"].get("name"))
        if item["class_name"] in ("Functional", "Sequential"):
            _entries(item, found)
        found[name] = json.dumps([item["class_name"], item["config"], item.get("inbound_nodes")], sort_keys=True)


def _variable(name: str, item: Any, found: dict[str, str]) -> None:
    """Variables go by their place, which the plan knows the layer of."""
    if isinstance(item, h5py.Dataset):
        found[f"weights:{name}"] = str(hash(item[()].tobytes()))
