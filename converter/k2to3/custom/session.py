"""The rules of one run: the built-in ones and what the user adds."""

from __future__ import annotations

import ast
import importlib.util
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from k2to3.errors import UsageError, no_such_file
from k2to3.options.records import ModelOptions
from k2to3.rules.language import Rule
from k2to3.rules.registry import built_in, by_class, rules_in
from k2to3.rules.rulebook import Rulebook


@contextmanager
def opened_rules(options: ModelOptions) -> Iterator[Rulebook]:
    """The rulebook of a run; the worker that knows the user's classes ends with the block.

    Raises:
        UsageError: rules or classes cannot be loaded, or a name is unknown.
        FileError: a file is missing.
    """
    for name, target in options.treat_as.items():
        if target not in built_in():
            text = f"--treat-as {name}={target}: there is no rule for {target!r}"
            raise UsageError(text, hint="k2to3 rules lists them")
    own = load_rules(options.rules)
    if options.custom_objects is None:
        yield Rulebook(own, options.treat_as)
        return
    from k2to3.custom.cell import GivenClasses
    from k2to3.custom.rule import CUSTOM

    with GivenClasses(options.custom_objects) as classes:
        yield Rulebook(own, options.treat_as, classes, CUSTOM)


def load_rules(paths: Iterable[Path]) -> dict[str, Rule]:
    """Run the Python files that the user named and take their `@k2to3.rule`s.

    Raises:
        FileError: no such file.
        UsageError: it fails to import, or holds no rule.
    """
    found: dict[str, Rule] = {}
    for number, path in zip(itertools.count(), paths, strict=False):
        rules = _load(path, f"k2to3_rules_{number}")
        for name in rules.keys() & found.keys():
            raise UsageError(f"two rules for {name}", file=str(path))
        found.update(rules)
    return found


def _load(path: Path, name: str) -> dict[str, Rule]:
    if not path.is_file():
        raise no_such_file(str(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError("rules are Python files", file=str(path), hint="--rules my_rules.py")
    module = importlib.util.module_from_spec(spec)
    _check_names(path)
    try:
        spec.loader.exec_module(module)
        rules = by_class(rules_in(module))
    except Exception as error:
        raise UsageError(f"the rules cannot be loaded: {type(error).__name__}: {error}", file=str(path)) from error
    if not rules:
        raise UsageError("holds no rule", file=str(path), hint="decorate a function with @k2to3.rule(...)")
    return rules


def _check_names(path: Path) -> None:
    """A rule is what its file calls it in the end: of two functions of one name the first would be lost.

    Raises:
        UsageError: two functions have one name.
    """
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        # Python itself will say what is wrong.
        return
    counted = Counter(node.name for node in body if isinstance(node, ast.FunctionDef))
    for name in (name for name, count in counted.items() if count > 1):
        raise UsageError(f"two functions are called {name!r}, of which only one could be a rule", file=str(path))
