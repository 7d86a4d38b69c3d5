"""The table of constructor defaults against the source of genuine Kerases, by their signatures alone.

    python tests/conformance/constructor_defaults.py keras-2.2.4=FOLDER tf-1.15=FOLDER ...

FOLDER is the package as it was published: `keras/` of multi-backend Keras or of TensorFlow 2.6 and later,
`tensorflow/python/keras` before. Nothing of it is imported: default values are read out of the syntax, whichever
Python it was written for. Each argument of each layer that tf-keras has under that name is compared.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "converter")]

from k2to3.api.reading import read_author  # noqa: E402
from k2to3.keras2.constructor_defaults import defaults_of  # noqa: E402
from k2to3.sources.author import parse_writer  # noqa: E402

Signature = dict[str, Any]
ABSENT, REQUIRED = "(absent)", "(required)"
# The same in two spellings, or of how training begins and is run alone.
SAME = ((None, "linear"), (None, False), ({}, None), ("BINARY", "multi_hot"), ("INT", "int"))
SPELLED = {
    "index_lookup.INT": "int",
    "SPLIT_ON_WHITESPACE": "whitespace",
    "LOWER_AND_STRIP_PUNCTUATION": "lower_and_strip_punctuation",
}
IGNORED = frozenset({"name", "dtype", "trainable", "implementation", "weights", "encoding", "batch_input_shape"})


@dataclass
class Source:
    """The classes of one Keras, by file and name."""

    folder: Path
    tensorflow: bool
    generation: int
    classes: dict[tuple[Path, str], ast.ClassDef] = field(default_factory=dict)

    def read(self) -> dict[str, Signature]:
        patterns = ("layers/**/*.py", "engine/*.py", "feature_column/*.py", "legacy/layers.py")
        for path in sorted(found for pattern in patterns for found in self.folder.glob(pattern)):
            if not path.stem.endswith("_test"):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                self.classes |= {(path, n.name): n for n in tree.body if isinstance(n, ast.ClassDef)}
        return {
            name: arguments(constructor)
            for key, node in self.classes.items()
            for name in self._names(key[1], node)
            if (constructor := self._constructor(key)) is not None
        }

    def _names(self, name: str, node: ast.ClassDef) -> Iterator[str]:
        if not self.tensorflow:
            yield name
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(("keras_export", "tf_export")):
                own = [literal(value) for value in call.args]
                first = next((literal(word.value) for word in call.keywords if word.arg == "v1"), own)
                exported = own if self.generation > 1 else first
                yield from (path.split(".")[-1] for path in exported if path.startswith("keras.layers."))

    def _constructor(self, key: tuple[Path, str]) -> ast.FunctionDef | None:
        """A class's own, or that of the first base that has one."""
        for _ in range(10):
            node = self.classes.get(key)
            if node is None:
                return None
            own = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
            if own:
                return own[0]
            base = ast.unparse(node.bases[0]).split(".")[-1] if node.bases else ""
            found = [other for other in self.classes if other[1] == base]
            key = next((other for other in found if other[0] == key[0]), found[0] if found else (key[0], ""))
        return None


def arguments(function: ast.FunctionDef) -> Signature:
    given = function.args
    names = [item.arg for item in (*given.posonlyargs, *given.args)][1:]
    values = [literal(item) for item in given.defaults]
    return {**dict.fromkeys(names, REQUIRED), **dict(zip(names[len(names) - len(values) :], values, strict=True))}


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def same(one: Any, other: Any) -> bool:
    one, other = SPELLED.get(str(one), one), SPELLED.get(str(other), other)
    return one == other or any({repr(one), repr(other)} == {repr(a), repr(b)} for a, b in SAME)


def differences(label: str, genuine: dict[str, Signature], today: dict[str, Signature]) -> Iterator[str]:
    """What the table does not say of a Keras, or says without reason."""
    kind, _, version = label.partition("-")
    said = read_author(label if kind == "tf" else version, None)
    release = said.release
    writer = parse_writer(said.version, "tensorflow", None if release is None else (release, release))
    table = {(d.class_name, d.argument): d.value for d in defaults_of(writer)}
    for name in sorted(genuine.keys() & today.keys()):
        for argument in today[name]:
            then = genuine[name].get(argument, ABSENT)
            if argument in IGNORED or then in (ABSENT, REQUIRED) or today[name][argument] == REQUIRED:
                continue
            expected = table.get((name, argument), today[name][argument])
            if not same(expected, then):
                yield f"{label}: {name}({argument}={then!r}), the table says {expected!r}"


def main() -> int:
    spec = importlib.util.find_spec("tf_keras")
    assert spec is not None and spec.submodule_search_locations
    today = Source(Path(spec.submodule_search_locations[0]) / "src", True, 2).read()
    bad = 0
    for given in sys.argv[1:]:
        label, _, folder = given.partition("=")
        tensorflow = label.startswith("tf-")
        genuine = Source(Path(folder), tensorflow, 1 if label.startswith("tf-1.") else 2).read()
        compared = sum(len(genuine[name]) for name in genuine.keys() & today.keys())
        found = list(differences(label, genuine, today))
        bad += len(found)
        print(
            f"{label}: {len(genuine)} layers, {compared} arguments compared, {len(found)} differences",
            *found,
            sep="\n  ",
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
