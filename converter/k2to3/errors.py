"""Everything k2to3 raises on purpose, and the exit code each maps to.

K2to3Error
├── UsageError          2  the command or call itself is wrong
├── Refused             1  the file is sound, but cannot be converted exactly
│   ├── NotKeras2       9  not a Keras 1/2 checkpoint (says what it is)
│   │   └── Damaged     4  the file was cut off or changed: nothing can be said of what it was
│   ├── BadConfig          the architecture contradicts itself or cannot be read
│   ├── UnsupportedLayer   no rule for this class (custom layer, Lambda, ...)
│   ├── UnsupportedOption  a rule exists, but not for this key and value
│   ├── WeightMismatch     weights missing, left over, or of another shape
│   └── NotSpecified       proof/keras2 has no entry for what the model does
├── NothingToDo         3  already a Keras 3 file
├── UnsafeFile          4  the file could read other files, exhaust memory, ...
├── NotEqual            5  the archive does not compute what Keras 2 computes
├── FileError           6  missing, unreadable, already exists, disk full
├── ProofFailed         7  the proof that was asked for could not be run
│   └── TimedOut           a file of a batch took longer than it may
├── Interrupted       130  stopped before this file was converted
└── InternalError      70  a fault of k2to3: no user is meant to see it
    └── WorkerDied         a process of a batch was ended from outside, or crashed

No error, but an exit code of its own: 8, written, but not proved to the level that was asked for.
"""

from __future__ import annotations

from typing import Any

from k2to3.printable import listing, printable

NOT_REACHED = 8


class K2to3Error(Exception):
    """Base of every error that k2to3 raises on purpose.

    >>> try:
    ...     raise UnsupportedLayer("no rule for layer class 'Foo'", layer="foo_1")
    ... except K2to3Error as error:
    ...     print(error.exit_code, error)
    1 layer 'foo_1': no rule for layer class 'Foo'
    """

    exit_code = 1
    advice = "k2to3 inspect FILE says what the file is and what blocks"
    """What helps where an error has no hint of its own."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        layer: str | None = None,
        key: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.layer = layer
        self.key = key
        self.hint = hint

    def __str__(self) -> str:
        where = [f"layer {self.layer!r}"] if self.layer else []
        where += [f"key {self.key!r}"] if self.key else []
        text = f"{printable(', '.join(where))}: {listing(self.message)}" if where else listing(self.message)
        text = f"{printable(self.file)}: {text}" if self.file else text
        return f"{text} ({printable(self.hint)})" if self.hint else text

    @property
    def way_out(self) -> str:
        """What to do: the hint, or what helps with errors of this kind."""
        return self.hint or self.advice

    def told(self) -> str:
        """What happened, where, and what to do."""
        return str(self) if self.hint else f"{self} ({self.advice})"

    def located(self, *, file: str | None = None, layer: str | None = None) -> K2to3Error:
        """Fill in the file and layer where an inner function could not know them."""
        self.file = self.file or file
        self.layer = self.layer or layer
        return self


class UsageError(K2to3Error):
    """The command line or the call is wrong."""

    exit_code = 2
    advice = "k2to3 --help and k2to3 COMMAND --help say what may be given"


class Refused(K2to3Error):
    """The file is sound, but cannot be converted to something that computes the same."""


class NotKeras2(Refused):
    """The file is not a Keras 1/2 checkpoint."""

    exit_code = 9
    advice = "name what Keras 1 or 2 saved: an .h5, .hdf5 or .keras file, a SavedModel folder"


class Damaged(NotKeras2):
    """The bytes of the file do not add up: it was cut off, or changed."""

    exit_code = 4
    advice = "get the file again from where it is whole, and compare its size"


class BadConfig(Refused):
    """The architecture in the file is damaged or contradicts itself."""

    advice = "save it again with the Keras that wrote it; where that Keras opens the file, please report it"


class UnsupportedLayer(Refused):
    """No rule converts this layer class."""

    advice = "--rules my_rules.py adds a conversion of your own"


class UnsupportedOption(Refused):
    """A rule exists for the layer, but not for this key and value."""

    advice = "--rules my_rules.py adds a conversion of your own"


class WeightMismatch(Refused):
    """Weights are missing, left over, or have another shape than the architecture says."""

    advice = "weights and architecture must have been saved from the same model"


class NotSpecified(Refused):
    """The specification of Keras 2 has no entry for a layer, option or op: no claim is made."""


class NothingToDo(K2to3Error):
    """The file is already a Keras 3 file."""

    exit_code = 3
    advice = "Keras 3 opens it as it is"


class UnsafeFile(K2to3Error):
    """The file asks for something that no honest checkpoint needs."""

    exit_code = 4
    advice = "do not open it elsewhere either, unless you know who made it and why it is so"


class NotEqual(K2to3Error):
    """The written archive does not compute what Keras 2 computes.

    `divergence` is the first call of a layer that differs while its inputs agree, where one was found.
    """

    exit_code = 5
    advice = "convert the checkpoint again; where the result is not equal either, please report it"

    def __init__(self, message: str, *, divergence: dict[str, Any] | None = None, **place: str | None) -> None:
        super().__init__(message, **place)
        self.divergence = divergence


class FileError(K2to3Error):
    """The file system said no."""

    exit_code = 6
    advice = "see to that, and run the same command again"


class ProofFailed(K2to3Error):
    """The proof that was asked for could not be run: not installed, a crash, too little memory or time."""

    exit_code = 7
    advice = "--verify weights needs no framework"


class TimedOut(ProofFailed):
    """A file of a batch took longer than it may."""


class Interrupted(K2to3Error):
    """The run was stopped before this file was converted."""

    exit_code = 130
    advice = "run the same command again: what is done is not done twice"


class InternalError(K2to3Error):
    """Something went wrong that should not: a fault of k2to3."""

    exit_code = 70

    def __init__(self, message: str, *, file: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, file=file, hint=hint or "please report it; K2TO3_TRACEBACK=1 shows where it was")


class WorkerDied(InternalError):
    """A process of a batch ended without an answer."""


def no_such_file(path: str) -> FileError:
    """What was named and is not there."""
    return FileError("no such file", file=path, hint="a relative name starts from the current folder")


def by_name(name: str) -> type[K2to3Error]:
    """The class of that name in the tree above, for errors that another process reports."""
    kinds = {cls.__name__: cls for cls in _descendants(K2to3Error)}
    return kinds[name]


def _descendants(cls: type[K2to3Error]) -> list[type[K2to3Error]]:
    return [cls, *(each for child in cls.__subclasses__() for each in _descendants(child))]
