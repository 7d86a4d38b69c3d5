"""Many files in one run: what a batch costs for each, and what it costs to find that nothing is left to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from pathlib import Path

from run import K2TO3, ROOT, Run, attempted

HEAD = ["| way | wall s | processor s | peak MB | processor s a file | files |", "|---|---|---|---|---|---|"]
LOADER = """
import sys, pathlib, keras
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.h5")):
    try:
        keras.saving.load_model(path, compile=False).save(pathlib.Path(sys.argv[2]) / f"{path.stem}.keras")
    except Exception:
        pass
"""
# The least that any program has to do: list both trees, ask for every file, read every row.
FLOOR = """
import os, sqlite3, sys
for top in sys.argv[1:3]:
    for folder in [top, *(entry.path for entry in os.scandir(top) if entry.is_dir())]:
        for entry in os.scandir(folder):
            entry.stat()
rows = sqlite3.connect(os.path.join(sys.argv[2], "k2to3.sqlite")).execute(
    "SELECT target, source, size, mtime_ns, target_size, target_mtime_ns, status FROM files").fetchall()
"""


def zoo(folder: Path, count: int, rounds: int) -> list[str]:
    """Small checkpoints that Kerases wrote, by a batch at several levels and by a loop over Keras 3's loader."""
    source, out = folder / "zoo", folder / "new"
    source.mkdir()
    real = sorted((ROOT / "fixtures").glob("*.h5"), key=lambda path: path.stat().st_size)[:count]
    for path in real:
        shutil.copy(path, source)
    lines = [f"### {len(real)} small files", "", *HEAD]
    for name, command in _ways(source, out).items():
        runs = []
        for _ in range(rounds):
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            runs += [run for run in attempted([command], 1) if run is not None]
        written = sum(path.suffix == ".keras" for path in out.iterdir())
        lines.append(_row(name, min(runs, key=lambda run: run.wall, default=None), len(real), f"{written}"))
    return [*lines, ""]


def _ways(source: Path, out: Path) -> dict[str, list[str]]:
    batch = [*K2TO3, "batch", str(source), "--out", str(out), "--quiet"]
    # A file that is refused makes the whole run end with its code: these are ways that go on.
    shell = ["sh", "-c", '"$@"; true', "-"]
    return {
        "k2to3 batch --verify none --jobs 1": [*shell, *batch, "--verify", "none", "--jobs", "1"],
        "k2to3 batch --jobs 1": [*shell, *batch, "--jobs", "1"],
        "k2to3 batch --jobs 2": [*shell, *batch, "--jobs", "2"],
        "a loop over Keras 3's loader": [sys.executable, "-c", LOADER, str(source), str(out)],
    }


def resume(folder: Path, count: int, rounds: int) -> list[str]:
    """A batch again, where an earlier run finished `count` files; nothing is left to do."""
    source, out = folder / "old", folder / "done"
    source.mkdir()
    shutil.copy(ROOT / "fixtures" / "keras-2.2.4__text_lstm.h5", source / "first.h5")
    batch = [*K2TO3, "batch", str(source), "--out", str(out), "--verify", "weights", "--jobs", "1", "--quiet"]
    if attempted([batch], 1) == [None]:
        return []
    _pretend(source, out, count)
    status = [*K2TO3, "batch", "--status", "--out", str(out)]
    commands = {
        "list, ask, read rows": [sys.executable, "-c", FLOOR, str(source), str(out)],
        "k2to3 batch again": batch,
        "k2to3 batch --status": status,
    }
    found = attempted(list(commands.values()), rounds)
    rows = [_row(name, run, count, f"{count}") for name, run in zip(commands, found, strict=True)]
    shutil.rmtree(source)
    shutil.rmtree(out)
    return [f"### {count} files that are done", "", *HEAD, *rows, ""]


def _pretend(source: Path, out: Path, count: int) -> None:
    """Many files that were converted as the first one was, a thousand in a folder."""
    ledger = sqlite3.connect(out / "k2to3.sqlite")
    ledger.row_factory = sqlite3.Row
    first = dict(ledger.execute("SELECT * FROM files").fetchone())
    marks = ", ".join(f":{name}" for name in first)
    for number in range(count):
        place = f"{number // 1000:05}/model_{number:06}"
        old, new = source / f"{place}.h5", out / f"{place}.keras"
        for path in (old, new):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"a file that nobody opens")
        was, now = os.stat(old), os.stat(new)
        row = {"target": f"{place}.keras", "source": str(old), "size": was.st_size, "mtime_ns": was.st_mtime_ns}
        row |= {"target_size": now.st_size, "target_mtime_ns": now.st_mtime_ns}
        ledger.execute(f"INSERT INTO files VALUES ({marks})", {**first, **row})
    ledger.commit()
    ledger.close()


def _row(name: str, run: Run | None, count: int, written: str) -> str:
    if run is None:
        return f"| {name} | fails | | | | |"
    each = f"{run.cpu / count:.3f}" if count < 1000 else f"{1e6 * run.cpu / count:.0f} millionths"
    return f"| {name} | {run.wall:.2f} | {run.cpu:.2f} | {run.memory:.0f} | {each} | {written} |"
