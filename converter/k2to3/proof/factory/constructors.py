"""Constructors of tf-keras as the author's Keras had them: old words, and the defaults of then."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from k2to3.keras2.constructor_defaults import Default, defaults_of
from k2to3.proof.factory.words import translated
from k2to3.sources.author import Writer

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Undecided(Exception):
    """A default that the file does not tell."""

    def __init__(self, text: str, example: str) -> None:
        super().__init__(text)
        self.hint = f"say it in the function, or which Keras it was, as in --keras-version {example}"


@dataclass
class Era:
    """The author's time; `supplied` collects (layer, class, text) of every default that was filled in."""

    writer: Writer
    image_data_format: Callable[[], str]
    supplied: list[tuple[str, str, str]] = field(default_factory=list)

    def install(self, layers: Any) -> None:
        """Change the classes of a namespace; those that only inherit a constructor follow by themselves."""
        defaults: dict[str, list[Default]] = {}
        for default in defaults_of(self.writer):
            defaults.setdefault(default.class_name, []).append(default)
        for name in dir(layers):
            found = getattr(layers, name)
            if isinstance(found, type) and "__init__" in vars(found) and found.__name__ == name:
                self._change(found, defaults.get(name, []))

    def _change(self, owner: Any, defaults: list[Default]) -> None:
        original = owner.__init__
        positions = [name for name in inspect.signature(original).parameters if name != "self"]

        @functools.wraps(original)
        def constructor(layer: Any, *args: Any, **kwargs: Any) -> None:
            if not _is_users(layer, owner):
                original(layer, *args, **kwargs)
                return
            extra: Mapping[str, Any] = {}
            if self.writer.standalone:
                args, kwargs, extra = translated(owner.__name__, args, kwargs, self.writer.keras1)
            given = {*positions[: len(args)], *kwargs}
            missing = [default for default in defaults if default.argument not in given]
            original(layer, *args, **{**kwargs, **{default.argument: self._value(default) for default in missing}})
            self._report(layer, owner.__name__, missing)
            if extra:
                own = layer.get_config
                layer.get_config = lambda: {**own(), **extra}

        owner.__init__ = constructor

    def _value(self, default: Default) -> Any:
        if not default.certain:
            first, last = (".".join(map(str, release)) for release in self.writer.releases)
            values = " or ".join(repr(value) for value in default.values)
            raise Undecided(
                f"{default.class_name} is built without {default.argument}, which stood for {values}, "
                f"and the file fits {'TensorFlow' if self.writer.tensorflow else 'Keras'} {first} to {last}",
                f"tf-{last}" if self.writer.tensorflow else last,
            )
        return default.value

    def _report(self, layer: Any, class_name: str, missing: list[Default]) -> None:
        for default in missing:
            if default.argument == "data_format" and default.value == self.image_data_format():
                continue
            text = f"{default.argument}={default.value!r}, which {self.writer} took where the code does not say it"
            self.supplied.append((layer.name, class_name, text))


def _is_users(layer: Any, owner: type) -> bool:
    """Whether code of the user's calls it, not a class of tf-keras that builds upon `owner`."""
    return type(layer) is owner or not type(layer).__module__.startswith("tf_keras.")
