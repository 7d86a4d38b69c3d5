"""Both readings of a case beside what its author recorded: the specification in NumPy, and the conversion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
from k2to3.api.reading import read_author
from k2to3.engine.plan import make_plan
from k2to3.errors import K2to3Error
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.keras2.specification import Specification
from k2to3.sources import hdf5
from k2to3.sources.author import parse_writer
from k2to3.sources.read import read_checkpoint

from .corpus import Case

TOLERANCE = 2e-5
STATUSES = ("equal", "equal, told", "refused", "explained", "fails", "differs")
# What TensorFlow itself got wrong: (generations, a word of the source) → why.
EXPLAINED = {
    ("tf1.13 tf1.15 tf2.0", "K.zeros((4,)), K.ones((4,))"): "two variables made in one Lambda of tf.keras up to 2.0 "
    "are one resource: K.zeros holds ones, or the other way round",
}


@dataclass(frozen=True)
class Verdict:
    """`equal, told`: once the user has said which TensorFlow it was."""

    generation: str
    name: str
    source: str
    status: str
    detail: str = ""

    @property
    def function(self) -> str:
        return self.name.rpartition("-")[0]


def verdict(case: Case, status: str, detail: str = "") -> Verdict:
    """One that differs may be explained."""
    for (which, part), why in EXPLAINED.items():
        if status == "differs" and case.generation in which.split() and part in case.source:
            return Verdict(case.generation, case.name, case.source, "explained", why)
    return Verdict(case.generation, case.name, case.source, status, detail)


def difference(wanted: Sequence[Any], found: Sequence[Any]) -> str:
    """What is not the same, element by element; nothing where all is."""
    if len(wanted) != len(found):
        return f"{len(found)} outputs for {len(wanted)}"
    return next(filter(None, map(_difference, wanted, found)), "")


def _difference(want: Any, have: Any) -> str:
    if want.shape != have.shape:
        return f"shape {have.shape}, recorded {want.shape}"
    if want.dtype.kind.replace("u", "i") != have.dtype.kind.replace("u", "i"):
        return f"dtype {have.dtype}, recorded {want.dtype}"
    if want.dtype.kind != "f":
        return "" if np.array_equal(want, have) else f"{int((want != have).sum())} other values"
    limit = 2e-3 if want.dtype == np.float16 else TOLERANCE
    same = np.isclose(have.astype("f8"), want.astype("f8"), rtol=limit, atol=limit, equal_nan=True)
    if same.all():
        return ""
    at = tuple(int(n[0]) for n in np.nonzero(~same))
    return f"{int((~same).sum())} of {same.size} values, {have[at]:.6g} at {at}, recorded {want[at]:.6g}"


def told(case: Case) -> str | None:
    """What the user can say of the author, where tf.keras wrote one version for several releases."""
    release = case.generation.removeprefix("tf")
    ambiguous = case.generation.startswith("tf") and tuple(map(int, release.split("."))) < (2, 5)
    return f"tf-{release}" if ambiguous else None


def first_accepted(case: Case, attempt: Callable[[str | None], Verdict]) -> Verdict:
    """As it is; else with the release said, if that helps."""
    plain = attempt(None)
    release = told(case)
    if plain.status != "refused" or release is None:
        return plain
    found = attempt(release)
    if found.status == "equal":
        return verdict(case, "equal, told", plain.detail)
    return found


def specified(case: Case) -> Verdict:
    """What the specification computes."""
    config, version, backend = case.texts

    def attempt(said: str | None) -> Verdict:
        release = None if said is None else tuple(map(int, said.removeprefix("tf-").split(".")))
        writer = parse_writer(version, backend, None if release is None else (release, release))
        try:
            specification = Specification(read_model(json.loads(config), writer), writer, {})
            found = specification.predict(case.inputs(), "float32")
        except K2to3Error as error:
            return verdict(case, "refused", _short(error.message))
        except Exception as error:  # a bug, to be shown in the table
            return verdict(case, "fails", f"{type(error).__name__}: {error}")
        problem = difference(case.outputs, found)
        return verdict(case, "differs" if problem else "equal", problem)

    return first_accepted(case, attempt)


@contextmanager
def no_children() -> Iterator[None]:
    """HDF5 is examined in this process: the files are our own, and there are thousands."""
    kept = hdf5.survives
    hdf5.survives = lambda action, *_: b"".join(action(lambda *_: None))
    try:
        yield
    finally:
        hdf5.survives = kept


def planned(source: Path, said: str | None) -> str:
    """What the conversion would write: every layer and the values of all variables."""
    with no_children(), read_checkpoint(source, said=read_author(said, None)) as checkpoint:
        plan = make_plan(checkpoint)
        arrays = [expression.evaluate() for group in plan.groups for expression in group.variables]
    return json.dumps([plan.config, [[str(a.dtype), a.tolist()] for a in arrays]], sort_keys=True)


class Conversion:
    """Converts and runs in the Keras 3 of this process; what is planned alike runs once on the same inputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran: dict[tuple[str, tuple[str, ...]], list[Any] | str] = {}

    def __call__(self, case: Case) -> Verdict:
        source = self.folder / "it.h5"
        case.write(source)

        def attempt(said: str | None) -> Verdict:
            try:
                found = self.outputs(case, source, said)
            except K2to3Error as error:
                return verdict(case, "refused", _short(error.message))
            except Exception as error:  # a bug, to be shown in the table
                return verdict(case, "fails", f"{type(error).__name__}: {error}")
            if isinstance(found, str):
                return verdict(case, "fails", found)
            problem = difference(case.outputs, found)
            return verdict(case, "differs" if problem else "equal", problem)

        return first_accepted(case, attempt)

    def outputs(self, case: Case, source: Path, said: str | None) -> list[Any] | str:
        key = (planned(source, said), case.specs)
        if key not in self.ran:
            target = self.folder / "it.keras"
            with no_children():
                k2to3.convert(source, target, verify="none", keras_version=said, overwrite=True)
            self.ran[key] = run(target, case.inputs())
        return self.ran[key]


def run(target: Path, inputs: list[Any]) -> list[Any] | str:
    """Outputs of Keras 3, or what it says."""
    import keras

    try:
        model = keras.saving.load_model(target, compile=False, safe_mode=True)
        found = model(inputs if len(inputs) > 1 else inputs[0])
    except Exception as error:  # anything that a loader or a backend throws is a failure
        return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
    found = found if isinstance(found, (list, tuple)) else [found]
    return [keras.ops.convert_to_numpy(x) for x in found]


def _short(message: str) -> str:
    """The reason, without the listing of the function."""
    first = message.strip().splitlines()[0]
    return re.sub(r"^its Python function cannot be recovered: ", "", first)
