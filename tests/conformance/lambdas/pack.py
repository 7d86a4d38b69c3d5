"""Packs what `author.py` wrote under several interpreters into the fixture of the tests.

usage: python pack.py corpus.json.gz 2.7=py27.json 3.6=py36.json ...
"""

import gzip
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(target: str, *sources: str) -> None:
    codes = {}
    for source in sources:
        version, path = source.split("=")
        codes[version] = json.loads(Path(path).read_text())
    text = json.dumps(codes, sort_keys=True, separators=(",", ":"))
    with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
