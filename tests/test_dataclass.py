"""Our `dataclass` and the standard library's, side by side."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, field
from threading import Barrier
from typing import Any, ClassVar, Generic, TypeVar

import k2to3
import pytest
from k2to3.dataclass import Late
from k2to3.dataclass import dataclass as ours

T = TypeVar("T")
BOTH = pytest.mark.parametrize("dataclass", [dataclasses.dataclass, ours], ids=["theirs", "ours"])


@ours(frozen=True)
class Kept:
    """At the top, where pickles find it."""

    name: str
    more: list[int] = field(default_factory=list)


def declared(dataclass: Any) -> dict[str, Any]:
    """Classes of every sort that the house declares."""

    @dataclass(frozen=True)
    class Frozen:
        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list, repr=False, compare=False)
        d: tuple[int, ...] = field(default=(), hash=False)
        few: ClassVar[int] = 3

    @dataclass(frozen=True)
    class Below(Frozen):
        b: str = "below"
        e: int = field(default=0, kw_only=True)

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError("less than nothing")

    @dataclass
    class Open(Generic[T]):
        """Told."""

        value: T
        seen: dict[str, int] = field(default_factory=dict)

    @dataclass(eq=False)
    class Same:
        a: int

    @dataclass(frozen=True, kw_only=True)
    class Named:
        a: int = 1
        b: int

    @dataclass(repr=False)
    class Own:
        a: int = 0

        def __repr__(self) -> str:
            return "mine"

        def __hash__(self) -> int:
            return 7

    @dataclass(frozen=True)
    class One:
        a: object

    @dataclass(frozen=True)
    class Empty:
        pass

    return {cls.__name__: cls for cls in (Frozen, Below, Open, Same, Named, Own, One, Empty)}


THEIRS, OURS = declared(dataclasses.dataclass), declared(ours)
MADE = [
    ("Frozen", (1,), {}),
    ("Frozen", (1, "x"), {"c": [1], "d": (2,)}),
    ("Below", (2,), {"e": 3}),
    ("Open", (4,), {}),
    ("Same", (1,), {}),
    ("Named", (), {"b": 2}),
    ("Own", (), {}),
    ("One", ((1, 2),), {}),
    ("Empty", (), {}),
]


@pytest.mark.parametrize(("name", "given", "named"), MADE)
def test_objects(name, given, named):
    old, new = THEIRS[name](*given, **named), OURS[name](*given, **named)
    assert repr(new) == repr(old)
    assert dataclasses.asdict(new) == dataclasses.asdict(old)
    assert (new == OURS[name](*given, **named)) == (old == THEIRS[name](*given, **named))
    assert new != old and new.__eq__(3) is old.__eq__(3)
    assert vars(copy.deepcopy(new)) == vars(old) and type(dataclasses.replace(new)) is OURS[name]


@pytest.mark.parametrize("name", THEIRS)
def test_declarations(name):
    old, new = THEIRS[name], OURS[name]
    assert str(inspect.signature(new)) == str(inspect.signature(old))
    assert [(f.name, f.type, f.compare, f.kw_only) for f in dataclasses.fields(new)] == [
        (f.name, f.type, f.compare, f.kw_only) for f in dataclasses.fields(old)
    ]
    assert new.__match_args__ == old.__match_args__ and new.__init__.__qualname__ == old.__init__.__qualname__
    assert (new.__hash__ is None) == (old.__hash__ is None)


@pytest.mark.parametrize("name", ["Frozen", "Below", "Named", "One", "Empty"])
def test_hashes(name):
    given, named = next((given, named) for label, given, named in MADE if label == name)
    old, new = THEIRS[name](*given, **named), OURS[name](*given, **named)
    assert hash(new) == hash(old)
    assert len({new, OURS[name](*given, **named)}) == 1


@BOTH
def test_what_is_frozen(dataclass):
    classes = declared(dataclass)
    for made in (classes["Frozen"](1), classes["Below"](1), classes["Empty"]()):
        with pytest.raises(FrozenInstanceError, match="cannot assign to field 'a'"):
            made.a = 2
        with pytest.raises(FrozenInstanceError, match="cannot delete field 'a'"):
            del made.a
    with pytest.raises(ValueError, match="less than nothing"):
        classes["Below"](-1)

    class Plain(classes["Frozen"]):
        pass

    plain = Plain(1)
    plain.other = 5
    with pytest.raises(FrozenInstanceError):
        plain.a = 2


@BOTH
def test_what_is_not(dataclass):
    classes = declared(dataclass)
    made = classes["Open"](1)
    made.value = 2
    assert made == classes["Open"](2) and classes["Open"](1).seen is not made.seen
    assert hash(classes["Own"]()) == 7
    for wrong in ({}, {"value": 1, "none": 2}):
        with pytest.raises(TypeError, match=r"Open\.__init__\(\)"):
            classes["Open"](**wrong)


@BOTH
def test_a_record_that_holds_itself(dataclass):
    made = declared(dataclass)["Open"](None)
    made.value = made
    assert repr(made).endswith(".Open(value=..., seen={})")


def test_pickles():
    kept = Kept("a", [1])
    assert pickle.loads(pickle.dumps(kept)) == kept
    with pytest.raises(FrozenInstanceError):
        pickle.loads(pickle.dumps(kept)).name = "b"  # type: ignore[misc]


@BOTH
@pytest.mark.parametrize("name", ["Frozen", "Below", "One", "Open"])
def test_an_object_that_no_constructor_made(dataclass, name):
    """As `pickle` and `copy` make them, perhaps before anything else was asked of the class."""
    template = declared(dataclass)[name](1)
    for ask in (repr, lambda made: made == made, lambda made: made != 3, dataclasses.asdict):
        cls = declared(dataclass)[name]
        made = cls.__new__(cls)
        vars(made).update(vars(template))
        assert ask(made) == ask(template)
    for change in (lambda made: setattr(made, "a", 2), lambda made: delattr(made, "a"), hash):
        cls = declared(dataclass)[name]
        made = cls.__new__(cls)
        vars(made).update(vars(template))
        if name == "Open":
            with pytest.raises(TypeError if change is hash else AttributeError):
                change(made) if change is hash else delattr(made, "a")
        elif change is hash:
            assert hash(made) == hash(template)
        else:
            with pytest.raises(FrozenInstanceError):
                change(made)


@pytest.fixture
def hasty():
    """Threads take turns after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_a_class_is_made_once_whoever_asks(hasty):
    def ask(barrier: Barrier, cls: Any, number: int) -> Any:
        barrier.wait()
        return [lambda: cls(number), lambda: dataclasses.fields(cls), lambda: cls.__match_args__][number % 3]()

    with ThreadPoolExecutor(6) as pool:
        for _ in range(100):
            barrier, cls = Barrier(6), declared(ours)["Below"]
            found = list(pool.map(lambda number, b=barrier, c=cls: ask(b, c, number), range(6)))
            assert found[0] == cls(0) and found[3] == cls(3) and len(found[1]) == 5 and found[2] == found[5]
            assert not any(isinstance(value, Late) for value in vars(cls).values())


def test_every_class_of_the_house_can_be_made():
    """What is wrong with a declaration shows at its first use; here all are used."""
    for found in pkgutil.walk_packages(k2to3.__path__, "k2to3."):
        if not found.name.startswith(("k2to3.proof", "k2to3.migration.dask", "k2to3.__main__")):
            importlib.import_module(found.name)
    classes = {
        value
        for name, module in list(sys.modules.items())
        if name.startswith("k2to3.")
        for value in vars(module).values()
        if isinstance(value, type) and "__dataclass_fields__" in vars(value) and value.__module__ == name
    }
    assert len(classes) > 150
    for cls in classes:
        assert dataclasses.fields(cls) is not None and cls.__init__ is not object.__init__


def test_a_worker_declares_at_once():
    """A sealed one compiles nothing more."""
    asked = "from k2to3.findings import Finding; print(type(vars(Finding)['__init__']).__name__)"
    for flag, kind in (("-I", "function"), ("-B", "Late")):
        done = subprocess.run([sys.executable, flag, "-c", asked], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == kind
