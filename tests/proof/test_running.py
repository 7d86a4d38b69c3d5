"""Models are called without a data set and a graph for every batch, and give what `predict` gives."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from workers import Worker

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def found():
    worker = Worker(Path(__file__).with_name("running_worker.py"))
    yield worker.ask({})
    worker.stop()


@pytest.mark.parametrize("kind", ["keras3", "tf-keras"])
@pytest.mark.parametrize("name", ["convolution", "masked recurrences", "two inputs", "float64"])
def test_the_same_outputs_as_predict(found, kind, name):
    assert found["same"][kind][name] == [True, True, True]


def test_one_graph_serves_batches_of_every_size_and_length(found):
    assert found["traces"] == 1


def test_what_cannot_be_drawn_is_left_to_predict(found):
    assert found["undrawn"] == "predicted"


def test_long_sequences_are_left_to_predict(found):
    assert found["long"] == "predicted"


def test_a_state_goes_on_from_batch_to_batch(found):
    assert found["stateful"] == [True, True]


def test_a_class_of_the_users_is_not_taken_for_one_of_keras(found):
    assert found["named"] == ["old_layers", "unknown", "mine", "mine"]


def test_steps_are_counted_as_steps_at_every_length(found):
    """And where the installed Keras does otherwise once a length is left open, it is known."""
    source = Path(find_spec("keras").origin).parent / "src" / "layers" / "rnn" / "time_distributed.py"
    miscounted = "ops.arange(input_shape[0])" in source.read_text()
    assert found["steps"] == [True, True, True, miscounted, False]


def test_a_sequential_is_built_once_and_is_what_keras_loads(found):
    assert found["loaded"] == dict.fromkeys(found["loaded"], True)


def test_steps_are_drawn_for_outputs_and_not_for_shapes(found):
    assert found["drawn"] == [[[None, 2]] * 3, 0, 1]


def test_what_is_imported_is_no_garbage(found):
    assert found["garbage"] == [True, True]


def test_what_plain_keras_3_does_not_open_is_not_opened_here(tmp_path):
    """A bias that should be orthogonal: Keras 3 fails before it reads the weights."""
    code = (
        "import sys, keras; from k2to3.proof.loaded import load\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]); model.save(sys.argv[1])\n"
        "import json, zipfile; source = zipfile.ZipFile(sys.argv[1]); target = zipfile.ZipFile(sys.argv[2], 'w')\n"
        "for name in source.namelist():\n"
        "    data = source.read(name)\n"
        "    if name == 'config.json':\n"
        "        data = data.replace(b'Zeros', b'OrthogonalInitializer')\n"
        "    target.writestr(name, data)\n"
        "target.close(); load(sys.argv[1], {}, compile=False)\n"
        "for opened in (lambda: load(sys.argv[2], {}, compile=False), lambda: keras.saving.load_model(sys.argv[2])):\n"
        "    try:\n"
        "        opened()\n"
        "    except Exception as error:\n"
        "        assert 'orthogonal' in str(error).lower() or 'two-dimensional' in str(error), error\n"
        "    else:\n"
        "        raise SystemExit('opened')\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "good.keras"), str(tmp_path / "bad.keras")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
