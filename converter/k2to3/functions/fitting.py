"""Arguments that a function cannot take.

Functions of TensorFlow, NumPy and Python are called here with whatever the file holds. What they
raise for arguments that make no sense, the real ones raise as well: such a call never ran in Keras 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from k2to3.functions.emitter import Emitter

UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


@contextmanager
def fitting(emitter: Emitter, what: str) -> Iterator[None]:
    """Refuse what does not fit.

    Raises:
        UnsupportedOption: the arguments are none that `what` takes.
    """
    try:
        yield
    except UNFIT as error:
        raise emitter.refuse(f"{what} does not take what it is given: {str(error)[:120]}") from error
    except MemoryError as error:
        raise emitter.refuse(f"{what} needs more memory than there is") from error
