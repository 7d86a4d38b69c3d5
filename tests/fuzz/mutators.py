"""Each makes one mutant of a seed: how to plan it, and what to keep so that it can be made again."""

from __future__ import annotations

import base64
import codecs
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from k2to3.engine.plan import Plan, make_plan
from k2to3.sources.json_text import parse_object
from k2to3.sources.read import read_checkpoint
from k2to3.sources.yaml_text import parse_yaml

from . import hdf5, trees, zips
from .corpus import Corpus
from .seeds import Seed

Json = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    plan: Callable[[], Plan]
    keep: dict[str, Any]
    """What was changed, for the reproducer."""
    tree: Any = None
    path: trees.Path = ()
    """The one place that was changed, where there is one."""


Maker = Callable[[Seed, Corpus, random.Random, Path], Mutant | None]


def _of_tree(seed: Seed, tree: Any, path: trees.Path) -> Mutant:
    return Mutant(lambda: seed.planned(tree), {"tree": tree, "path": list(path)}, tree, path)


def config(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """One change, sometimes more, of the architecture."""
    base = corpus.tree(seed, generator)
    places = corpus.places(seed, base, "model_config")
    path, tree = trees.mutate(base, places, generator)
    if base is not seed.tree:
        path = ()
    if generator.random() < 0.15:
        path, (_, tree) = (), trees.mutate(tree, list(trees.paths(tree)) or [()], generator)
    return _of_tree(seed, tree, path)


def training(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """One change of the training config."""
    if not seed.tree["training_config"]:
        return None
    path, tree = trees.mutate(seed.tree, corpus.places(seed, seed.tree, "training_config"), generator)
    return _of_tree(seed, tree, path)


def node_def(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """One change inside of a NodeDef, its constants or the arguments of a TensorFlow op."""
    words = ("node_def", "constants", "inbound_nodes", "function")
    places = [p for p in corpus.places(seed, seed.tree, "model_config") if any(w in p for w in words)]
    if not places:
        return None
    return _of_tree(seed, *reversed(trees.mutate(seed.tree, places, generator)))


def bytecode(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """Bytes of a stored function changed, cut or doubled."""
    places = [p for p in corpus.places(seed, seed.tree, "model_config") if _is_code(trees.at(seed.tree, p))]
    if not places:
        return None
    path = generator.choice(places)
    tree = trees.changed(seed.tree, path, lambda text: _recoded(text, generator))
    return _of_tree(seed, tree, path)


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 60 and value[:2] in ("4w", "YwA")


def _recoded(text: str, generator: random.Random) -> str:
    return codecs.encode(raw(base64.b64decode(text), generator), "base64").decode()


def text(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """The JSON text: characters changed, keys doubled, numbers that are none."""
    source = json.dumps(seed.tree["model_config"])
    spot = generator.randrange(len(source))
    kind = generator.randrange(4)
    if kind == 0:
        found = source[:spot]
    elif kind == 1:
        found = source[:spot] + generator.choice('{}[]",:0-e\\\x00\ufeff') + source[spot + 1 :]
    elif kind == 2:
        found = source.replace('"name":', '"name": 1, "name":', 1)
    else:
        found = source.replace(": 1", generator.choice((": 1e400", ": NaN", ": -Infinity", ": " + "9" * 5000)), 1)

    def plan() -> Plan:
        return seed.planned({**seed.tree, "model_config": parse_object(found, "model_config")})

    return Mutant(plan, {"text": found})


def yaml(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """An architecture as YAML: tags, anchors, indentation, characters."""
    source = corpus.yaml(seed)
    if len(source) > 6000:
        return None
    lines = source.split("\n")
    spot = generator.randrange(len(lines))
    line = lines[spot]
    lines[spot] = generator.choice(
        (
            "  " + line, line.strip(), line + ": x", line.replace(":", ": &a"), line.replace(": ", ": *a "), "",
            line.replace(": ", ": !!python/object:os.system "), line.replace(": ", ": !!python/tuple "), line + line,
            line.replace(": ", ": ["), "- " * 300 + "x", line.replace("null", ".nan"), line.replace("1", ".inf"),
        )
    )  # fmt: skip
    found = "\n".join(lines)

    def plan() -> Plan:
        return seed.planned({**seed.tree, "model_config": parse_yaml(found, "architecture")})

    return Mutant(plan, {"yaml": found})


def _file(seed: Seed, path: Path) -> Mutant:
    def plan() -> Plan:
        with read_checkpoint(path, seed.architecture) as checkpoint:
            return make_plan(checkpoint)

    return Mutant(plan, {"file": str(path)})


def structure(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """HDF5: shapes, dtypes, names, groups, attributes."""
    if seed.path.suffix != ".h5":
        return None
    path = folder / "mutant.h5"
    shutil.copyfile(seed.path, path)
    hdf5.mutate(path, generator)
    return _file(seed, path)


def raw(data: bytes, generator: random.Random) -> bytes:
    """A few bytes changed, cut out, doubled."""
    found = bytearray(data)
    for _ in range(generator.choice((1, 1, 2, 8))):
        spot = generator.randrange(len(found) or 1)
        kind = generator.randrange(4)
        if kind < 2 and found:
            found[spot] = generator.choice((0, 1, 255, 127, generator.randrange(256)))
        elif kind == 2:
            del found[spot : spot + generator.randrange(1, 9)]
        else:
            found[spot:spot] = found[spot : spot + generator.randrange(1, 9)]
    return bytes(found)


def contents(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """Bytes of the file changed in place."""
    path = folder / f"mutant{seed.path.suffix}"
    data = bytearray(seed.path.read_bytes())
    end = generator.choice((2048, len(data)))
    for _ in range(generator.choice((1, 1, 4, 32))):
        data[generator.randrange(min(end, len(data)))] = generator.choice((0, 255, generator.randrange(256)))
    path.write_bytes(data)
    return _file(seed, path)


def truncation(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    path = folder / f"mutant{seed.path.suffix}"
    data = seed.path.read_bytes()
    path.write_bytes(data[: generator.randrange(len(data))])
    return _file(seed, path)


def archive(seed: Seed, corpus: Corpus, generator: random.Random, folder: Path) -> Mutant | None:
    """A Keras 2 zip: members missing, doubled, renamed, changed."""
    if seed.path.suffix != ".keras":
        return None
    path = folder / "mutant.keras"
    zips.mutate(seed.path, path, generator)
    return _file(seed, path)


# How often each is drawn.
MAKERS: dict[str, tuple[Maker, int]] = {
    "config": (config, 60),
    "training": (training, 9),
    "node_def": (node_def, 6),
    "bytecode": (bytecode, 4),
    "text": (text, 5),
    "yaml": (yaml, 2),
    "hdf5": (structure, 5),
    "bytes": (contents, 2),
    "truncation": (truncation, 2),
    "zip": (archive, 3),
}
