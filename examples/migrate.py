"""Migrate a folder of checkpoints, and say what is left to do: python migrate.py OLD NEW"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import k2to3


def main(old: str, new: str, level: str = "outputs") -> int:
    def done(report: k2to3.Report, count: int, total: int) -> None:
        print(f"{count}/{total} {report.source}: {report.status}")

    reports = k2to3.batch(old, new, verify=level, done=done)  # type: ignore[arg-type]
    failed = [report for report in reports if report.error is not None]
    for message, count in Counter(str(report.error and report.error["message"]) for report in failed).most_common():
        print(f"{count} × {message}")
    (Path(new) / "left.txt").write_text("".join(f"{report.source}\n" for report in failed))
    return 1 if failed else 0


# The processes of the batch import this file.
if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
