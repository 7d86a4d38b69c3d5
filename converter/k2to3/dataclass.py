"""`dataclass` as the standard library has it, for classes of which most runs need few.

The standard library writes up to six methods of each class as text and compiles them: a third of a millisecond a class,
and a small conversion declares a hundred, more than it takes otherwise. Here a class gets its methods when the first
of them is asked for, `__init__` alone is compiled, and the others are shared. Type checkers see the standard library's;
fields, `replace`, `asdict` and `match` are its own; tests/test_dataclass.py compares the rest.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from reprlib import recursive_repr
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, **options):
        """As `dataclasses.dataclass` with `frozen`, `eq`, `repr`, `kw_only`; of a class and its bases all or none."""
        return partial(_declared, **options) if cls is None else _declared(cls, **options)


Values = Callable[[Any], tuple[Any, ...]]
TABLES = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
# A worker runs isolated, and once it is sealed nothing more is compiled.
AT_ONCE = bool(sys.flags.isolated)
# Held while a class gets its methods; its bases get theirs meanwhile.
MAKING = RLock()


class Options(NamedTuple):
    """As the standard library explains them."""

    frozen: bool = False
    eq: bool = True
    repr: bool = True
    kw_only: bool = False

    @property
    def methods(self) -> list[str]:
        """What a class gets that has not written it."""
        asked = {"__repr__": self.repr, "__eq__": self.eq, "__hash__": self.eq}
        frozen = dict.fromkeys(("__setattr__", "__delattr__"), self.frozen)
        return ["__init__", *(name for name, wanted in {**asked, **frozen}.items() if wanted)]


class Late:
    """Stands for an attribute of a class until one of them is asked for; then the class gets all."""

    __slots__ = ("cls", "name", "names", "options")

    def __init__(self, cls: type, name: str, names: list[str], options: Options) -> None:
        self.cls, self.name, self.names, self.options = cls, name, names, options

    def __get__(self, made: object, owner: type | None = None) -> Any:
        with MAKING:
            # Another thread may have been faster.
            if vars(self.cls).get(self.name) is self:
                _make(self.cls, self.names, self.options)
        found = vars(self.cls)[self.name]
        return found.__get__(made, owner) if hasattr(found, "__get__") else found


class _Factory:
    """What stands for a value that is made anew for each object."""

    def __repr__(self) -> str:
        return "<factory>"


FACTORY = _Factory()


def _declared(cls: type, **given: bool) -> type:
    options = Options(**given)
    written = vars(cls)
    # A class that compares has `__hash__ = None` written by Python.
    names = [name for name in options.methods if written.get(name) is None]
    if AT_ONCE:
        _make(cls, names, options)
        return cls
    for name in (*TABLES, *names):
        setattr(cls, name, Late(cls, name, names, options))
    return cls


def _make(cls: Any, names: list[str], options: Options) -> None:
    """Give `cls` what it has declared."""
    told = cls.__doc__
    # Where there is none the standard library writes the signature, of which it knows nothing here.
    cls.__doc__ = told or cls.__name__
    declare = dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False, kw_only=options.kw_only)
    fields = dataclasses.fields(declare(cls))
    cls.__doc__ = told
    made = _attributes(cls, fields, options)
    for name in ("__match_args__", *names):
        setattr(cls, name, made[name])


def _attributes(cls: type, fields: tuple[dataclasses.Field[Any], ...], options: Options) -> dict[str, Any]:
    compared = [item for item in fields if item.compare]
    hashed = [item for item in fields if (item.compare if item.hash is None else item.hash)]
    return {
        "__match_args__": tuple(item.name for item in fields if not item.kw_only),
        "__init__": _init(cls, fields, options.frozen),
        "__repr__": _repr(fields),
        "__eq__": _eq(_values(compared)),
        "__hash__": _hash(_values(hashed)) if options.frozen else None,
        **_frozen(cls, frozenset(item.name for item in fields)),
    }


def _init(cls: type, fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> Any:
    known: dict[str, Any] = {"FACTORY": FACTORY, "put": object.__setattr__}
    plain: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for item in fields:
        name, value = item.name, item.name
        argument = name
        if item.default_factory is not dataclasses.MISSING:
            known[f"make_{name}"] = item.default_factory
            argument, value = f"{name}=FACTORY", f"make_{name}() if {name} is FACTORY else {name}"
        elif item.default is not dataclasses.MISSING:
            known[f"default_{name}"] = item.default
            argument = f"{name}=default_{name}"
        (named if item.kw_only else plain).append(argument)
        body.append(f"put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    arguments = ", ".join(["self", *plain, *(["*", *named] if named else [])])
    exec(f"def __init__({arguments}):\n " + "\n ".join(body or ["pass"]), known)
    found = known["__init__"]
    found.__qualname__, found.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    found.__annotations__ = {**{item.name: item.type for item in fields}, "return": None}
    return found


def _values(fields: list[dataclasses.Field[Any]]) -> Values:
    """What of an object is compared, as a tuple."""
    names = [item.name for item in fields]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _eq(values: Values) -> Any:
    def __eq__(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash(values: Values) -> Any:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _repr(fields: tuple[dataclasses.Field[Any], ...]) -> Any:
    @recursive_repr()
    def __repr__(self: Any) -> str:
        shown = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields if item.repr)
        return f"{self.__class__.__qualname__}({shown})"

    return __repr__


def _frozen(cls: type, names: frozenset[str]) -> dict[str, Any]:
    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        object.__delattr__(self, name)

    return {"__setattr__": __setattr__, "__delattr__": __delattr__}
