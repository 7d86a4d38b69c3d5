"""What `--rules`, `--treat-as` and `--custom-objects` mean for the length of one call."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from k2to3.custom.client import CustomObjects
from k2to3.keras2.given_vocabulary import read_vocabularies
from k2to3.rules.core.lambdas import Given, read_globals, read_lambdas
from k2to3.rules.extras import Extras, current, load_rules, read_input_shape, read_treat_as, using

Vocabulary = str | os.PathLike[str] | Sequence[str | int]
PathLike = str | os.PathLike[str]


@contextmanager
def customised(
    *,
    rules: Sequence[PathLike] | PathLike = (),
    treat_as: Mapping[str, str] | Sequence[str] = (),
    custom_objects: PathLike | None = None,
    lambdas: Mapping[str, Given] | Sequence[str] = (),
    lambda_globals: Mapping[str, Any] | Sequence[str] = (),
    accept_noise_off: bool = False,
    drop: Sequence[str] | str = (),
    input_shape: str | Sequence[int | None] | None = None,
    vocabularies: Mapping[str, Vocabulary] | Sequence[str] = (),
) -> Iterator[None]:
    """Let the user's rules, names and classes hold inside the block.

    Args:
        rules: Python files with `@k2to3.rule`s; run in this process.
        treat_as: class name in the file → class name that has a rule.
        custom_objects: a module name or a `.py` file with Keras 3 classes; run in a worker.
        lambdas: layer name → source text of the function of a Lambda; parsed, never run.
        lambda_globals: module globals that the stored functions use.
        accept_noise_off: layers that are random at inference may return their mean.
        drop: regularizers and constraints of the author's that the archive may go without.
        input_shape: of one sample, for a Sequential model whose file does not tell.
        vocabularies: lookup layer name → tokens or a file of them, where the checkpoint holds none.

    Raises:
        UsageError: rules or classes cannot be loaded, or a name is unknown.
        FileError: a file is missing.
    """
    paths = [Path(p) for p in ([rules] if isinstance(rules, (str, os.PathLike)) else rules)]
    pairs = [f"{k}={v}" for k, v in treat_as.items()] if isinstance(treat_as, Mapping) else list(treat_as)
    functions, names = read_lambdas(lambdas), read_globals(lambda_globals)
    dropped = frozenset([drop] if isinstance(drop, str) else drop)
    shape, tokens = read_input_shape(input_shape), read_vocabularies(vocabularies)
    given = paths or pairs or functions or names or accept_noise_off or dropped or shape is not None or tokens
    if not given and custom_objects is None:
        # Whoever called us may have said it already.
        yield
        return
    outer = current()
    with ExitStack() as stack:
        custom = (
            outer.custom if custom_objects is None else stack.enter_context(CustomObjects(os.fspath(custom_objects)))
        )
        own = {**outer.rules, **load_rules(paths)}
        extras = Extras(
            own,
            {**outer.treat_as, **read_treat_as(pairs)},
            custom,
            {**outer.lambdas, **functions},
            {**outer.lambda_globals, **names},
            accept_noise_off or outer.accept_noise_off,
            dropped | outer.drop,
            outer.input_shape if shape is None else shape,
            {**outer.vocabularies, **tokens},
        )
        stack.enter_context(using(extras))
        yield
