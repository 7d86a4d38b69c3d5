"""Options: declared once, the same in Python and on the command line, judged over all files of a batch."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import k2to3
import numpy as np
import pytest
from conftest import ROOT, write_checkpoint
from k2to3.api.reading import read_options
from k2to3.cli.main import main
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from k2to3.errors import UsageError
from k2to3.limits import Limits
from k2to3.migration.run import OWN
from k2to3.options import words
from k2to3.options.records import Options

OF_VERBS = {
    "convert": words.ConvertOptions,
    "verify": words.VerifyOptions,
    "inspect": words.InspectOptions,
    "batch": words.BatchOptions,
    "diff": words.DiffOptions,
}
PLAIN = ROOT / "fixtures" / "tf-2.4__text_gru.h5"


@pytest.mark.parametrize("verb", OF_VERBS)
def test_the_command_line_has_every_word(verb: str) -> None:
    known = vars(parser(VERBS).parse_args([verb, "a", *(["b"] if verb in ("convert", "verify", "diff") else []),
                                           *(["--out", "c"] if verb == "batch" else [])]))  # fmt: skip
    for name, _, word in words.words(OF_VERBS[verb]):
        assert (name in known) == word.spoken and word.help, name
        if word.spoken and not word.repeated:
            assert known[name] == word.default, name


@pytest.mark.parametrize("verb", OF_VERBS.values())
def test_defaults_are_read(verb: type) -> None:
    assert read_options({}, verb) == read_options(words.defaults(verb), verb)


def test_an_unknown_word_is_an_error_of_the_caller() -> None:
    with pytest.raises(TypeError, match="tolerence"):
        read_options({"tolerence": 1.0}, words.ConvertOptions)
    with pytest.raises(UsageError, match="ouputs"):
        read_options({"verify": "ouputs"}, words.ConvertOptions)


def test_every_level_and_judge_is_a_literal() -> None:
    assert get_args(words.Level) == ("none", "weights", "embedding", "outputs", "layers", "training")
    assert get_args(words.Judge) == ("both", "specification", "tf-keras")


def test_a_word_means_the_same_in_every_verb() -> None:
    """Nothing is declared twice with two meanings, but for a tolerance (relative, absolute) and the oldest Keras."""
    hints = [get_type_hints(verb, include_extras=True) for verb in OF_VERBS.values()]
    for name in {name for found in hints for name in found} - {"tolerance", "min_keras"}:
        assert len({repr(found[name]) for found in hints if name in found}) == 1, name


def test_records_hold_every_word() -> None:
    held = {
        field.name for record in (Options, type(Options().model), type(Options().proof)) for field in fields(record)
    }
    # Words of a run over many files, which no conversion knows.
    renamed = {"verify": "level", "keras_version": "author", "backend_of_author": "author", **dict.fromkeys(OWN)}
    for verb in OF_VERBS.values():
        for name, _, _ in words.words(verb):
            assert renamed.get(name, name) in held | {None}, name
    assert all(item.name in words.LIMITS for item in fields(Limits))


def _zoo(tmp_path: Path) -> Path:
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    for name in ("a", "b"):
        shutil.copy(PLAIN, zoo / f"{name}.h5")
    return zoo


def test_what_one_file_uses_is_no_error_in_the_others(tmp_path: Path) -> None:
    zoo = _zoo(tmp_path)
    _with_own_regularizer(zoo / "c.h5")
    reports = k2to3.batch(zoo, tmp_path / "out", verify="none", drop=["Mine"], jobs=1)
    assert [report.status for report in reports] == ["converted"] * 3
    # Alone, a file that does not have it says so.
    with pytest.raises(UsageError, match="Mine"):
        k2to3.convert(PLAIN, tmp_path / "alone.keras", verify="none", drop=["Mine"])


def test_what_no_file_uses_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zoo = _zoo(tmp_path)
    with pytest.warns(UserWarning, match="--drop Nobody: the files have no custom regularizer"):
        k2to3.batch(zoo, tmp_path / "out", verify="none", drop=["Nobody"], jobs=1)
    arguments = ["batch", str(zoo), "--out", str(tmp_path / "two"), "--verify", "none", "--jobs", "1"]
    code = main([*arguments, "--lambda", "n=lambda x: x"])
    printed = capsys.readouterr()
    assert code == UsageError.exit_code and printed.err.count("--lambda n: the files have no Lambda layer") == 1
    assert len(list((tmp_path / "two").glob("*.keras"))) == 2


def _with_own_regularizer(path: Path) -> None:
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "layers": [
                {
                    "class_name": "Dense",
                    "config": {
                        "name": "d",
                        "units": 2,
                        "activation": "linear",
                        "use_bias": True,
                        "batch_input_shape": [None, 3],
                        "kernel_regularizer": {"class_name": "Mine", "config": {}},
                    },
                }
            ],
        },
    }
    weights = {"d": {"d/kernel:0": np.ones((3, 2), "float32"), "d/bias:0": np.zeros(2, "float32")}}
    write_checkpoint(path, config, weights)
