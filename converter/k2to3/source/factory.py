"""An architecture from the user's own function, run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import k2to3
from k2to3.errors import BadConfig, FileError
from k2to3.source.json_text import Json, parse_object

TIMEOUT = 1800


def is_factory(given: Path) -> bool:
    """Whether `given` reads as `module:function` or `file.py:function`."""
    left, colon, function = str(given).rpartition(":")
    named = left.endswith(".py") or all(part.isidentifier() for part in left.split("."))
    return bool(colon) and function.isidentifier() and named and not given.exists()


def build(given: str) -> Json:
    """Call the function and return `model.to_json()` of what it returns.

    Raises:
        FileError: the file does not exist.
        BadConfig: the code failed; the message is its own.
    """
    left, _, function = given.rpartition(":")
    if left.endswith(".py") and not Path(left).is_file():
        raise FileError("no such file", file=left)
    root = str(Path(k2to3.__file__).resolve().parent.parent)
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), root])
    environment = {
        **os.environ,
        # `tf.keras` is then tf-keras, which is what such code was written for.
        "TF_USE_LEGACY_KERAS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": path,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "k2to3.proof.factory", left, function],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadConfig(f"{given} did not return within {TIMEOUT} seconds") from error
    line = done.stdout.strip().rsplit("\n", 1)[-1]
    if done.returncode != 0 or not line.startswith("{"):
        last = (done.stderr.strip().rsplit("\n", 1)[-1] or f"exit code {done.returncode}")[:500]
        raise BadConfig(f"{given} failed: {last}")
    answer = json.loads(line)
    if answer["error"]:
        raise BadConfig(f"{given} failed: {answer['error']}", hint=answer["hint"])
    return parse_object(answer["model"], f"what {given} returned")
