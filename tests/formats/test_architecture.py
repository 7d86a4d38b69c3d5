"""The architecture of a weights-only file: JSON, YAML, or the user's own function."""

from __future__ import annotations

import json
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES, small_model, write_checkpoint
from k2to3.errors import BadConfig, FileError, NothingToDo, UnsafeFile, UsageError
from k2to3.sources.architecture import read_architecture
from k2to3.sources.yaml_text import parse_yaml

FOLDER = FIXTURES / "formats"
YAML = sorted(path.stem for path in FOLDER.glob("*_yaml.h5"))


@pytest.mark.parametrize("name", YAML)
def test_genuine_yaml(tmp_path, name):
    report = k2to3.convert(
        FOLDER / f"{name}.h5", tmp_path / "new.keras", architecture=FOLDER / f"{name}.yaml", verify="weights"
    )
    assert report.status == "proved" and report.weights.variables == 10


@pytest.mark.keras
def test_genuine_yaml_computes_the_same(tmp_path):
    name = "tf115_yaml"
    report = k2to3.convert(
        FOLDER / f"{name}.h5",
        tmp_path / "new.keras",
        architecture=FOLDER / f"{name}.yaml",
        reference=FOLDER / f"{name}.npz",
    )
    assert report.status == "proved" and report.evidence.outputs


def test_a_list_as_tensorflow_holds_it():
    tag = "!!python/object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper"
    assert parse_yaml(f"axis: {tag}\n- - 3\n", "x") == {"axis": [3]}
    for text in ("- - 3\n- - 4\n", "- 3\n"):
        with pytest.raises(BadConfig, match="ListWrapper"):
            parse_yaml(f"axis: {tag}\n{text}", "x")


def test_python_tags_become_plain_values():
    text = "a: !!python/tuple [1, 2]\nb: !!python/unicode 'x'\nc: !!python/long '5L'\nd: {e: 1.0e-05}\n"
    assert parse_yaml(text, "x") == {"a": [1, 2], "b": "x", "c": 5, "d": {"e": 1e-5}}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch /tmp/owned']",
        "a: !!python/object/new:subprocess.Popen [[ls]]",
        "a: !!python/name:os.system",
        "a: !!python/module:os",
        "a: 2001-01-01",
        "a: 1\na: 2",
        "1: a",
        "- a",
        "a: [",
        "a: !!binary aGk=",
    ],
)
def test_yaml_that_is_no_architecture(text):
    with pytest.raises((BadConfig, UnsafeFile)):
        parse_yaml(text, "x")


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
        "a: &a [*a]",
        "a: " + "[" * 5000 + "]" * 5000,
    ],
)
def test_yaml_bombs(text):
    with pytest.raises((UnsafeFile, BadConfig)):
        parse_yaml(text, "x")


FACTORY = """
import keras
from keras.layers import Dense
from tensorflow.keras.models import Sequential

print("noise on standard output")

def model():
    import tensorflow as tf
    assert keras.layers.Dense is tf.keras.layers.Dense
    return Sequential([Dense(3, input_shape=(4,), name="dense")], name="model")

def broken():
    raise RuntimeError("no weather today")

def nothing():
    return 5

def text():
    return '{"class_name": "Sequential", "config": {"name": "m", "layers": []}}'
"""


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "w.h5", None, small_model()[1], whole=False)


@pytest.mark.keras
def test_factory(tmp_path, weights):
    """Code of the Keras 2 era runs as it is: `keras` and `tf.keras` are tf-keras."""
    (tmp_path / "mine.py").write_text(FACTORY)
    report = k2to3.convert(weights, tmp_path / "new.keras", architecture=f"{tmp_path}/mine.py:model", verify="weights")
    assert report.status == "proved" and report.variables[0]["shape"] == [4, 3]
    with pytest.raises(BadConfig, match=r"RuntimeError: no weather today \(mine\.py, line 14\)"):
        k2to3.plan(weights, architecture=f"{tmp_path}/mine.py:broken")


def test_factory_that_is_not_there(tmp_path, weights):
    with pytest.raises(FileError, match="no such file"):
        k2to3.plan(weights, architecture=f"{tmp_path}/mine.py:model")


def test_refusal_says_what_is_needed(weights):
    with pytest.raises(UsageError) as caught:
        k2to3.plan(weights)
    for word in ("--architecture", "to_json()", "to_yaml()", "file.py:function", "k2to3 inspect"):
        assert word in str(caught.value)


def test_architecture_of_keras_3(tmp_path, weights):
    given = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"layers": [{"config": {"batch_shape": [None, 4]}}]},
    }
    (tmp_path / "model.json").write_text(json.dumps(given))
    with pytest.raises(NothingToDo, match="Keras 3"):
        k2to3.plan(weights, architecture=tmp_path / "model.json")


@pytest.mark.parametrize("data", [b"\x89HDF\r\n\x1a\n", b"\x80\x04\x95", b"PK\x03\x04"])
def test_architecture_that_is_no_text(tmp_path, data):
    path = tmp_path / "model.json"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="not a text file"):
        read_architecture(path)


def test_inspect_lists_layers_without_an_architecture(weights):
    found = k2to3.inspect(weights)
    assert [(layer["name"], layer["class"], layer["parameters"]) for layer in found.layers] == [
        ("dense", "Dense(3)?", 15)
    ]
    assert not found.convertible and "--architecture" in found.blockers[0]


def test_inspect_by_path():
    found = k2to3.inspect(FOLDER / "k212_text.weights.h5")
    assert found.kind == "variables" and "gru" in {layer["class"] for layer in found.layers}


def test_batch_finds_the_architecture_beside_the_weights(tmp_path):
    for name in ("k224_yaml.h5", "k224_yaml.yaml", "k212_text.weights.h5", "k212_text.arch.json", "k215_cells.keras"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    reports = k2to3.batch(tmp_path, tmp_path / "out", jobs=1, verify="weights")
    assert [(report.status, report.kind) for report in reports] == [
        ("proved", "variables"),
        ("proved", "archive"),
        ("proved", "weights"),
    ]
