"""Our `dataclass` and the standard library's, side by side."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field
from typing import Any, ClassVar, Generic, TypeVar

import pytest
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
