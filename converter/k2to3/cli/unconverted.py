"""`k2to3-unconverted FILE…`: a hook of pre-commit, or a step of CI, that fails where a Keras 2 checkpoint is left.

Prints nothing and exits with 0 where there is none, else with 1 and the command for each.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from k2to3.api.inspect import inspect
from k2to3.cli.console import Console
from k2to3.errors import Damaged, K2to3Error, NothingToDo, NotKeras2


def main(argv: Sequence[str] | None = None) -> int:
    """Look at each file of the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="k2to3-unconverted", description="fails where a Keras 2 checkpoint is left")
    parser.add_argument("files", nargs="*", type=Path, help="what git holds: *.h5, *.hdf5, *.keras")
    console = Console()
    left = [line for path in parser.parse_args(argv).files if (line := complaint(path)) is not None]
    for line in left:
        console.say(line)
    return console.finish(1 if left else 0)


def complaint(path: Path) -> str | None:
    """What to do about a file; None for one that is no Keras 2 checkpoint, an archive of Keras 3 among them."""
    try:
        found = inspect(path)
    except (NotKeras2, NothingToDo) as error:
        return f"{path}: {error.message}" if isinstance(error, Damaged) else None
    except K2to3Error as error:
        return f"{path}: cannot be read: {error.message}"
    target = path.with_suffix(".3.keras" if path.suffix == ".keras" else ".keras")
    command = shlex.join(["k2to3", "convert", str(path), str(target)])
    if found.kind in ("weights", "variables"):
        command += " --architecture model.json"
    return f"{path}: {found.writer or 'Keras 2'} wrote it; {command}"


if __name__ == "__main__":
    sys.exit(main())
