"""Three ratios on this machine, in one run: python benchmarks/run.py [--gigabytes 1] [--out FILE.md]

* `k2to3 convert --verify none` of a model of about 1 MB beside a bare `import h5py` (target: 1.3 times).
* `k2to3 convert --verify none` and `--verify weights` of an Embedding table of 1 GB beside `cp` and `sync` of the
  same file (targets: 1.3 and 2.2 times, 64 MB above an idle process).
* The default proof of a small model beside a bare `import tensorflow`.

Each is the best of several rounds, the two sides in turn, so that another load on the machine
weighs on both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
K2TO3 = [sys.executable, "-m", "k2to3"]
# An installed package has its bytecode compiled.
KEPT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT = {**KEPT, "PYTHONPATH": str(ROOT / "converter"), "TF_CPP_MIN_LOG_LEVEL": "3"}


# A process begins with the peak of the one that it was forked from: what starts the others is small.
LAUNCHER = """
import json, os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
began = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
took = time.monotonic() - began
print(json.dumps([status, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class Run:
    """One process: wall and processor seconds, peak resident memory in MB."""

    wall: float
    cpu: float
    memory: float


def measured(command: list[str]) -> Run:
    """
    Raises:
        SystemExit: the command failed.
    """
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]
    done = subprocess.run(launcher, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    status, *found = json.loads(done.stdout)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Run(*found)


def best(*commands: list[str], rounds: int) -> list[Run]:
    """The fastest run of each command; the commands take turns."""
    runs = [[measured(command) for command in commands] for _ in range(rounds)]
    return [min(column, key=lambda run: run.wall) for column in zip(*runs, strict=True)]


def attempted(commands: list[list[str]], rounds: int) -> list[Run | None]:
    """The same; None for a command that fails, which takes no second turn."""
    found: list[list[Run] | None] = [[] for _ in commands]
    for _ in range(rounds):
        for number, command in enumerate(commands):
            runs = found[number]
            if runs is None:
                continue
            try:
                runs.append(measured(command))
            except SystemExit:
                found[number] = None
    return [min(runs, key=lambda run: run.wall) if runs else None for runs in found]


def table(path: Path, rows: int, width: int) -> None:
    """A checkpoint of tf.keras 2.4 with one Embedding, written in pieces."""
    layer = {"name": "e", "input_dim": rows, "output_dim": width, "batch_input_shape": [None, 5], "mask_zero": True}
    config = {"name": "m", "layers": [{"class_name": "Embedding", "config": layer}]}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config})
        group = file.create_group("model_weights")
        for holder in (file, group):
            holder.attrs["keras_version"], holder.attrs["backend"] = b"2.4.0", b"tensorflow"
        group.attrs["layer_names"] = [b"e"]
        layer_group = group.create_group("e")
        layer_group.attrs["weight_names"] = [b"e/embeddings:0"]
        data = layer_group.create_dataset("e/embeddings:0", (rows, width), "float32")
        for start in range(0, rows, 1 << 16):
            stop = min(rows, start + (1 << 16))
            data[start:stop] = np.random.default_rng(start).standard_normal((stop - start, width), dtype="float32")


def anew(target: str, command: list[str]) -> list[str]:
    """The command, after what it wrote before is removed: then all ways find the same memory free."""
    return ["sh", "-c", 'rm -f "$1"; shift; exec "$@"', "-", target, *command]


def copied_to(source: str, target: str) -> list[str]:
    """`cp`, and `sync` of what was written, as a conversion ends."""
    return anew(target, ["sh", "-c", 'cp "$0" "$1" && sync "$1"', source, target])


def small(folder: Path, rounds: int) -> list[str]:
    table(folder / "small.h5", 4096, 64)
    convert = [*K2TO3, "convert", str(folder / "small.h5"), str(folder / "small.keras"), "--overwrite"]
    (run,) = best([*convert, "--verify", "none"], rounds=rounds)
    (bare,) = best([sys.executable, "-c", "import h5py"], rounds=rounds)
    return [
        f"convert --verify none, 1 MB: {run.wall:.2f} s (processor {run.cpu:.2f} s, {run.memory:.0f} MB); "
        f"{run.wall / bare.wall:.1f} times a bare `import h5py` ({bare.wall:.2f} s)"
    ]


def large(folder: Path, rounds: int, gigabytes: float) -> list[str]:
    source = folder / "large.h5"
    table(source, int(gigabytes * (1 << 30) / 1024), 256)
    archive = str(folder / "large.keras")
    convert = [*K2TO3, "convert", str(source), archive, "--verify"]
    ways = [anew(archive, [*convert, level]) for level in ("none", "weights")]
    copied, converted, proved = best(copied_to(str(source), archive), *ways, rounds=rounds)
    return [
        f"convert --verify {level}, Embedding of {gigabytes:g} GB: {run.wall:.2f} s (processor {run.cpu:.2f} s), "
        f"{run.wall / copied.wall:.1f} times cp and sync ({copied.wall:.2f} s, processor {copied.cpu:.2f} s), "
        f"{run.memory:.0f} MB resident"
        for level, run in (("none", converted), ("weights", proved))
    ]


def proof(folder: Path, rounds: int) -> list[str]:
    source = ROOT / "fixtures" / "keras-2.2.4__text_lstm.h5"
    convert = [*K2TO3, "convert", str(source), str(folder / "proof.keras"), "--overwrite"]
    bare, proved, none = best(
        [sys.executable, "-c", "import tensorflow"], convert, [*convert, "--verify", "none"], rounds=rounds
    )
    return [
        f"default proof of a small LSTM: {proved.wall:.2f} s (processor {proved.cpu:.2f} s), "
        f"{proved.wall / bare.wall:.1f} times a bare `import tensorflow` "
        f"({bare.wall:.2f} s, processor {bare.cpu:.2f} s); without proof {none.wall:.2f} s"
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the large table")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="write the numbers as Markdown")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = small(folder, options.rounds)
        lines += large(folder, options.rounds, options.gigabytes)
        lines += proof(folder, max(2, options.rounds // 2))
    lines.append(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("\n".join(lines))
    if options.out:
        text = "# Benchmarks\n\n`python benchmarks/run.py` printed:\n\n"
        options.out.write_text(text + "".join(f"* {line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
