"""Changes of a Keras 2 `.keras` archive."""

from __future__ import annotations

import json
import random
import warnings
import zipfile
from pathlib import Path

from . import trees

NAMES = ("config.json", "metadata.json", "model.weights.h5", "../x", "/x", "assets/../x", "x", "assets/", "\u202ex")


def mutate(source: Path, target: Path, generator: random.Random) -> None:
    """Write `target`: `source` with one change."""
    with zipfile.ZipFile(source) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    kind = generator.randrange(6)
    index = generator.randrange(len(members))
    name, data = members[index]
    if kind == 0:
        del members[index]
    elif kind == 1:
        members[index] = (generator.choice(NAMES), data)
    elif kind == 2:
        members.append((generator.choice((name, *NAMES)), data))
    elif kind == 3 and data:
        spot = generator.randrange(len(data))
        members[index] = (name, data[:spot] + bytes([generator.randrange(256)]) + data[spot + 1 :])
    else:
        members = [(n, _json(d, generator) if n.endswith(".json") else d) for n, d in members]
    method = generator.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)


def _json(data: bytes, generator: random.Random) -> bytes:
    tree = json.loads(data)
    places = list(trees.paths(tree))
    _, found = trees.mutate(tree, places, generator) if places else ((), tree)
    return json.dumps(found).encode("utf-8", "surrogatepass")
