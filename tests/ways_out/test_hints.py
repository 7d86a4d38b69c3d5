"""Every hint that k2to3 prints was done on a case that prints it, and the case converts then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from exempt import EXEMPT
from function_ways import WAYS as FUNCTIONS
from hint_sites import places, recorded
from k2to3.errors import K2to3Error
from k2to3.options import words
from layer_ways import WAYS as LAYERS
from option_ways import WAYS as OPTIONS
from source_ways import WAYS as SOURCES
from ways import Failed, Way, placed

WAYS = [*LAYERS, *FUNCTIONS, *OPTIONS, *SOURCES]
VERBS = (words.ConvertOptions, words.BatchOptions, words.LoadWeightsOptions)
FLAGS = {name: words.flag(name, word) for verb in VERBS for name, _, word in words.words(verb)}
SPOKEN = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
"""Options of k2to3 in a hint."""
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
UNQUOTED = re.compile(r"--[a-z-]+ [^\s,)]*[<>|&$*]")
"""A value that a shell would take for something else."""
OTHERS = {"--out", "--weights", "--report", "--help", "--input", "--output"}
"""What belongs to other verbs or programs."""


def run(way: Way, folder: Path, *, after: bool) -> None:
    folder.mkdir()
    make = way.mended if after and way.mended is not None else way.make
    options = {**way.given, **(way.then if after else {})}
    verb = way.again if after and way.again is not None else way.verb
    verb(make(folder), folder, placed(options, folder))


@pytest.mark.parametrize("way", [pytest.param(way, id=way.place) for way in WAYS])
def test_what_the_hint_says_is_a_way_out(way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded(monkeypatch) as hints, pytest.raises((K2to3Error, Failed)):
        run(way, tmp_path / "before", after=False)
    assert way.place in hints
    hint = hints[way.place]
    named = set(SPOKEN.findall(hint)) - OTHERS
    assert named <= set(FLAGS.values()), hint
    assert not UNQUOTED.search(QUOTED.sub("", hint)), hint
    if way.said:
        assert way.said in hint
    else:
        assert {FLAGS[name] for name in way.then} & named, hint
    run(way, tmp_path / "after", after=True)


def test_every_hint_has_a_row() -> None:
    """A new hint needs a row here, or a reason why it cannot have one."""
    known = {place.name for place in places()}
    tried = {way.place for way in WAYS}
    assert sorted(known - tried - set(EXEMPT)) == []
    assert sorted((tried | set(EXEMPT)) - known) == []
    assert sorted(tried & set(EXEMPT)) == []
