"""A batch that an earlier run finished: most runs over a zoo find nothing to do, and should say so at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG

from k2to3.migration.beside import ARCHITECTURES
from k2to3.migration.find import Pair
from k2to3.migration.ledger import NAME, Known, opened
from k2to3.migration.resume import as_text, source_text
from k2to3.publish.listing import Listing
from k2to3.version import __version__


def finished(pairs: Sequence[Pair], out: Path, said: str, seen: Listing) -> list[Known] | None:
    """What came of each of `pairs`, where all were done with the options `said` and lie as they were left; else None.

    Nothing has to be read or written then, and nothing to be locked or told apart.

    Raises:
        FileError: the ledger cannot be used.
    """
    if not pairs or not (out / NAME).is_file() or any(pair.given or pair.remote is not None for pair in pairs):
        return None
    if any(seen.holds(folder, ARCHITECTURES) for folder in seen.folders()):
        return None
    with opened(out / NAME, create=True) as ledger:
        if ledger.count_done(said, __version__) < len(pairs):
            return None
        done = ledger.done(said, __version__)
    sources = seen.stats([pair.source_path for pair in pairs])
    targets = seen.stats([pair.target_path for pair in pairs])
    below, found = os.path.join(out, ""), []
    for pair, old, new in zip(pairs, sources, targets, strict=True):
        known = done.get(as_text(pair.target_path.removeprefix(below)))
        if known is None or old is None or new is None or not (S_ISREG(old.st_mode) and S_ISREG(new.st_mode)):
            return None
        lies = old.st_size, old.st_mtime_ns, new.st_size, new.st_mtime_ns
        # Sizes and times are 2 to 6; by name they cost a third of the loop.
        if lies != known[2:6] or source_text(pair) != known.source:
            return None
        found.append(known)
    return found
