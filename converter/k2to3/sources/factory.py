"""An architecture from the user's own function, run in a process of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from k2to3.errors import BadConfig, no_such_file
from k2to3.findings import Finding
from k2to3.isolation.launch import started
from k2to3.limits import DEFAULT, Limits
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json, parse_object


def is_factory(given: Path) -> bool:
    """Whether `given` reads as `module:function` or `file.py:function`."""
    left, colon, function = str(given).rpartition(":")
    named = left.endswith(".py") or all(part.isidentifier() for part in left.split("."))
    return bool(colon) and function.isidentifier() and named and not given.exists()


def build(given: str, limits: Limits = DEFAULT, writer: Writer | None = None) -> tuple[Json, tuple[Finding, ...]]:
    """Call the function and return `model.to_json()` of what it returns, and which defaults it was given.

    Raises:
        FileError: the file does not exist.
        BadConfig: the code failed; the message is its own.
    """
    left, _, function = given.rpartition(":")
    if left.endswith(".py"):
        if not Path(left).is_file():
            raise no_such_file(left)
        left = str(Path(left).resolve())
    # `tf.keras` is then tf-keras, which is what such code was written for.
    environment = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    job = json.dumps({"source": left, "function": function, "author": None if writer is None else asdict(writer)})
    with started(
        "k2to3.proof.factory.worker",
        environment=environment,
        everything=True,
        folder=Path.cwd(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            out, problems = process.communicate(job, timeout=limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise BadConfig(f"{given} did not return within {limits.seconds} seconds") from error
        status = process.returncode
    line = out.strip().rsplit("\n", 1)[-1]
    if status != 0 or not line.startswith("{"):
        last = (problems.strip().rsplit("\n", 1)[-1] or f"exit code {status}")[:500]
        raise BadConfig(f"{given} failed: {last}")
    answer = json.loads(line)
    if answer["error"]:
        raise BadConfig(f"{given} failed: {answer['error']}", hint=answer["hint"])
    findings = tuple(Finding("drift", *finding) for finding in answer["supplied"])
    return parse_object(answer["model"], f"what {given} returned", limits), findings
