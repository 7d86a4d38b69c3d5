"""The command that does it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.options.words import ConvertOptions, VerifyOptions, Word, words

VERBS = {"convert": ConvertOptions, "plan": ConvertOptions, "verify": VerifyOptions}


def replay(record: Mapping[str, Any]) -> list[str]:
    """Shell commands: what was run, and the proof alone."""
    given = record["options"]
    files = [record["source"], *([record["target"]] if record["target"] else [])]
    verb = "verify" if record["verb"] == "verify" else "convert"
    found = [_command(verb, files, given)]
    if verb == "convert" and not record["target"]:
        found = [f"{found[0]} --dry-run"]
    if verb == "convert" and record["status"] in ("proved", "converted") and record["target"]:
        found.append(_command("verify", files, given))
    return found


def _command(verb: str, files: list[str], given: Mapping[str, Any]) -> str:
    known = {name: word for name, _, word in words(VERBS[verb]) if word.spoken}
    parts = [part for name, value in given.items() if name in known for part in _argument(name, value, known[name])]
    return shlex.join(["k2to3", verb, *files, *parts])


def _argument(name: str, value: Any, word: Word) -> Iterator[str]:
    flag = word.flag or f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        yield from [flag] if value != word.default else []
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (flag, f"{key}={item}")
    elif isinstance(value, (list, tuple)) and word.repeated:
        for item in value:
            yield from (flag, str(item))
    elif value is not None:
        yield from (flag, ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value))
