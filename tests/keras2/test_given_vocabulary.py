"""A vocabulary that the checkpoint lacks can be given, and must be that of the layer."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import sequential, write_checkpoint
from k2to3 import convert
from k2to3.cli.main import main
from k2to3.errors import BadConfig, FileError, UnsupportedOption, UsageError

WORDS = ["earth", "wind", "and", "fire"]


def lookup(class_name="StringLookup", **config):
    given = {"name": "words", "vocabulary": "/not/here/vocab.txt", "num_oov_indices": 1, "oov_token": "[UNK]",
             "mask_token": None, "output_mode": "int", "vocabulary_size": 5, "dtype": "int64", **config}  # fmt: skip
    return {"class_name": class_name, "config": given}


def text(**config):
    given = {"name": "words", "vocabulary": None, "output_mode": "int", "dtype": "string", "split": "whitespace",
             "standardize": "lower", "vocabulary_size": 6, **config}  # fmt: skip
    return {"class_name": "TextVectorization", "config": given}


def file(path, layer, kind="string"):
    start = {"class_name": "InputLayer",
             "config": {"name": "in", "batch_input_shape": [None, 1], "dtype": kind}}  # fmt: skip
    return write_checkpoint(path / "old.h5", sequential(start, layer), {}, version="2.15.0")


def converted(path, layer, tokens, kind="string"):
    options = {"verify": "none", "vocabularies": {"words": tokens}, "overwrite": True}
    report = convert(file(path, layer, kind), path / "new.keras", **options)
    layers = json.loads(zipfile.ZipFile(path / "new.keras").read("config.json"))["config"]["layers"]
    assert [f.kind for f in report.findings if f.layer == "words"] == ["accepted"]
    return next(each["config"] for each in layers if each["class_name"] != "InputLayer")["vocabulary"]


def test_without_it_the_way_out_is_named(tmp_path):
    with pytest.raises(UnsupportedOption, match=r"only the path.*--vocabulary words=FILE"):
        convert(file(tmp_path, lookup()), tmp_path / "new.keras", verify="none")


@pytest.mark.parametrize("content", ["earth\nwind\nand\nfire\n", "earth\r\nwind\r\nand\r\nfire"])
def test_from_a_file(tmp_path, content):
    (tmp_path / "words.txt").write_text(content, newline="")
    assert converted(tmp_path, lookup(), tmp_path / "words.txt") == WORDS


def test_special_tokens_may_stand_in_a_listing_of_an_adapted_layer(tmp_path):
    assert converted(tmp_path, lookup(vocabulary=None), ["[UNK]", *WORDS]) == ["[UNK]", *WORDS]
    assert converted(tmp_path / "..", text(), ["", "[UNK]", *WORDS]) == ["", "[UNK]", *WORDS]


def test_numbers(tmp_path):
    layer = lookup("IntegerLookup", oov_token=-1, vocabulary_size=3)
    assert converted(tmp_path, layer, ["7", "5"], "int64") == [7, 5]
    with pytest.raises(BadConfig, match="whole numbers"):
        converted(tmp_path, layer, ["7", "five"], "int64")


@pytest.mark.parametrize(
    ("layer", "tokens", "error"),
    [
        (lookup(), WORDS[:3], "4 tokens where the layer had 5"),
        (lookup(), ["[UNK]", *WORDS], "adds to a vocabulary file by itself"),
    ],
)
def test_another_vocabulary_is_refused(tmp_path, layer, tokens, error):
    with pytest.raises(BadConfig, match=error):
        converted(tmp_path, layer, tokens)


@pytest.mark.parametrize("layer", [lookup(vocabulary=WORDS), text(name="other")])
def test_only_for_layers_that_lack_theirs(tmp_path, layer):
    with pytest.raises(UsageError, match="no layer of that name lacks"):
        converted(tmp_path, layer, WORDS)


def test_the_command_line(tmp_path, capsys):
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    command = ["convert", str(file(tmp_path, lookup())), str(tmp_path / "new.keras"), "--verify", "none"]
    assert main([*command, "--vocabulary", f"words={tmp_path / 'words.txt'}"]) == 0
    assert "its vocabulary is the one given, 4 tokens" in capsys.readouterr().out
    assert main([*command, "--overwrite", "--vocabulary", "words"]) == 2
    assert main([*command, "--overwrite", "--vocabulary", "words=nowhere.txt"]) == FileError.exit_code


@pytest.mark.keras
def test_it_is_proved(tmp_path):
    np.savez(tmp_path / "seen.npz", in0=np.array([["wind"], ["x"]]), out0=np.array([[2], [0]]))
    source = file(tmp_path, lookup())
    report = convert(source, tmp_path / "a.keras", vocabularies={"words": WORDS}, reference=tmp_path / "seen.npz")
    assert report.status == "proved"
    assert convert(source, tmp_path / "b.keras", vocabularies={"words": WORDS}).status == "proved"
