"""Messages that people pasted into public threads find their page, and the commands of pages fix such files."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import FIXTURES, ROOT, dense_layer, sequential, small_model, write_checkpoint
from k2to3.cli.main import main
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from k2to3.explain.find import explain
from k2to3.explain.table import entries

THREADS = Path(__file__).with_name("error_threads.tsv")
ALL = entries()
PAGES = {entry.name: entry for entry in ALL}
RIGHT = 0.95


def threads() -> list[dict[str, str]]:
    with THREADS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_texts_of_public_threads_find_the_right_page():
    rows = threads()
    assert len(rows) >= 60 and len({row["thread"] for row in rows}) == len(rows)
    found = [(row, explain(row["text"], ALL)) for row in rows]
    wrong = [
        f"{row['text'][:80]}: {page and page.name}, not {row['page']}"
        for row, page in found
        if not page or page.name != row["page"]
    ]
    assert len(wrong) <= (1 - RIGHT) * len(rows), wrong


def test_the_page_is_found_inside_of_a_traceback_too():
    around = (
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    model = load_model("m.h5")\n{}\n'
    )
    for row in threads()[:20]:
        page = explain(around.format(row["text"]), ALL)
        assert page is not None and page.name == row["page"]


def test_every_heading_finds_its_own_page():
    assert [
        entry.name for entry in ALL if (found := explain(entry.heading, ALL)) is None or found.name != entry.name
    ] == []


def test_a_text_of_something_else_finds_none(capsys):
    assert explain("CUDA error: out of memory") is None
    assert main(["explain", "CUDA error: out of memory"]) == 1
    assert "no page" in capsys.readouterr().out


def test_names_are_unique_and_commands_are_understood():
    assert len(PAGES) == len(ALL)
    grammar = parser(VERBS)
    for entry in ALL:
        for command in entry.commands:
            parts = shlex.split(command)
            assert parts[0] == "k2to3"
            grammar.parse_args(parts[1:])


def test_as_json(capsys, monkeypatch):
    import jsonschema

    schema = json.loads((ROOT / "schemas" / "explain.schema.json").read_text())
    for text in ("bad marshal data", "nothing of Keras"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        main(["explain", "-", "--json"])
        jsonschema.validate(json.loads(capsys.readouterr().out), schema)


def depthwise(folder: Path) -> Path:
    own = {"name": "depthwise", "kernel_size": [3, 3], "groups": 1, "batch_input_shape": [None, 8, 8, 2]}
    config = sequential({"class_name": "DepthwiseConv2D", "config": own})
    weights = {
        "depthwise": {"depthwise/depthwise_kernel:0": np.ones((3, 3, 2, 1), "f4"), "depthwise/bias:0": np.ones(2, "f4")}
    }
    return write_checkpoint(folder / "old.h5", config, weights, version="2.7.0")


def gru(folder: Path) -> Path:
    own = {
        "name": "gru",
        "units": 2,
        "time_major": False,
        "reset_after": True,
        "recurrent_activation": "sigmoid",
        "batch_input_shape": [None, 5, 3],
    }
    config = sequential({"class_name": "GRU", "config": own})
    weights = {
        "gru": {
            "gru/gru_cell/kernel:0": np.ones((3, 6), "f4"),
            "gru/gru_cell/recurrent_kernel:0": np.ones((2, 6), "f4"),
            "gru/gru_cell/bias:0": np.ones((2, 6), "f4"),
        }
    }
    return write_checkpoint(folder / "old.h5", config, weights, version="2.7.0")


def weights_alone(folder: Path) -> Path:
    config, weights = small_model()
    (folder / "model.json").write_text(json.dumps(config), encoding="utf-8")
    return write_checkpoint(folder / "weights.h5", None, weights, whole=False)


def custom_loss(folder: Path) -> Path:
    import h5py

    path = write_checkpoint(folder / "old.h5", *small_model())
    training = {
        "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.1}},
        "loss": "focal_loss",
        "metrics": ["f1"],
    }
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training).encode()
    return path


def custom_class(folder: Path) -> Path:
    config, weights = small_model()
    config["config"]["layers"][0]["class_name"] = "MyDense"
    return write_checkpoint(folder / "old.h5", config, weights)


def custom_activation(folder: Path) -> Path:
    config = sequential(dense_layer(activation="my_swish", batch_input_shape=[None, 4]))
    return write_checkpoint(folder / "old.h5", config, small_model()[1])


def genuine(name: str) -> Callable[[Path], Path]:
    def copy(folder: Path) -> Path:
        path = folder / "old.h5"
        path.write_bytes((FIXTURES / f"{name}.h5").read_bytes())
        return path

    return copy


FIXES: list[tuple[str, Callable[[Path], Path], int]] = [
    ("groups", depthwise, 0),
    ("time-major", gru, 0),
    ("batch-input-shape", genuine("keras-2.2.4__text_lstm"), 0),
    ("not-understood", genuine("tf-2.12__trained"), 0),
    ("functional", genuine("keras-2.2.4__shared_nested"), 0),
    ("nested-node", genuine("keras-2.2.4__shared_nested"), 0),
    ("cudnn", genuine("keras-2.2.4__cudnn"), 0),
    ("gone", genuine("keras-1.2.2__gone"), 0),
    ("str-decode", genuine("keras-2.0.2__cnn"), 0),
    ("loss-name", genuine("tf-2.10__trained"), 0),
    ("weight-shape", genuine("keras-1.2.2-theano__cnn"), 0),
    ("weight-count", genuine("keras-2.2.4__bidirectional"), 0),
    ("no-config", weights_alone, 0),
    ("layer-count", weights_alone, 1),
    ("weights-ending", weights_alone, 0),
    ("loss-function", custom_loss, 0),
    ("custom-class", custom_class, 2),
    ("activation", custom_activation, 0),
]


@pytest.mark.parametrize(("name", "make", "which"), FIXES, ids=[name for name, *_ in FIXES])
def test_the_command_of_a_page_fixes_a_file_that_shows_the_message(tmp_path, monkeypatch, capsys, name, make, which):
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    command = shlex.split(PAGES[name].commands[which])[1:]
    assert main([*command, "--verify", "weights"]) == 0, capsys.readouterr().err
    assert "proved to the level 'weights'" in capsys.readouterr().out


def test_the_inspect_command_of_a_page_says_what_a_file_is(tmp_path, monkeypatch, capsys):
    (tmp_path / "old.h5").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(PAGES["signature"].commands[0])[1:]) != 0
    assert "Git LFS" in capsys.readouterr().err
