"""A bare installation, h5py and NumPy alone: what it does, what it says of the rest, and how to get it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from conftest import FIXTURES, small_model, write_checkpoint
from k2to3.errors import ProofFailed
from k2to3.migration.summary import exit_code
from k2to3.report.record import Report

FRAMEWORKS = ("keras", "tf_keras", "tensorflow", "jax", "torch")
HELPERS = ("yaml", "safetensors", "rich", "ml_dtypes")
TEXT = FIXTURES / "keras-2.2.4__text_lstm.h5"
# None in `sys.modules` is what `import` and `find_spec` take for a package that is not there.
HIDE = "import sys; sys.modules.update(dict.fromkeys({hidden!r}));"
MAIN = HIDE + "from k2to3.cli.main import main; sys.exit(main())"


def run(hidden: tuple[str, ...], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN.format(hidden=hidden), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bare(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run(FRAMEWORKS + HELPERS, *arguments)


def test_it_can_be_imported():
    code = HIDE.format(hidden=FRAMEWORKS + HELPERS) + "import k2to3; print(k2to3.plan(sys.argv[1]).status)"
    done = subprocess.run([sys.executable, "-c", code, TEXT], capture_output=True, text=True)
    assert done.stdout == "planned\n", done.stderr


@pytest.mark.parametrize(("level", "status"), [("none", "converted"), ("weights", "proved")])
def test_it_converts_and_proves_weights(level, status, tmp_path):
    done = bare("convert", TEXT, tmp_path / "new.keras", "--verify", level, "--json")
    assert done.returncode == 0 and (tmp_path / "new.keras").exists(), done.stderr
    assert report(done)["status"] == status


@pytest.mark.parametrize("level", ["default", "outputs", "embedding"])
def test_what_could_not_be_proved_is_said(level, tmp_path):
    named = [] if level == "default" else ["--verify", level]
    done = bare("convert", TEXT, tmp_path / "new.keras", *named, "--json")
    found = report(done)
    if named:
        assert done.returncode == found["exit_code"] == 7 and not (tmp_path / "new.keras").exists()
        assert "k2to3[tensorflow]" in found["error"]["hint"]
        return
    assert (done.returncode, found["status"], found["weights"]["variables"]) == (8, "converted", 6)
    assert [text.split(":")[0] for text in found["not_proved"]] == ["embedding", "outputs"]
    assert all("k2to3[tensorflow]" in text and "k2to3[jax]" in text for text in found["not_proved"])
    assert "NOT PROVED outputs" in bare("verify", TEXT, tmp_path / "new.keras").stdout


@pytest.mark.parametrize(
    ("hidden", "arguments", "code", "says", "hint"),
    [
        (FRAMEWORKS, ["--verify", "training"], 7, "", "k2to3[tensorflow]"),
        (FRAMEWORKS, ["--backend", "jax"], 2, "Keras 3 is not installed", "k2to3[jax]"),
        (FRAMEWORKS, ["--reference", __file__], 7, "Keras 3 is not installed", "k2to3[tensorflow]"),
        (("torch",), ["--backend", "torch"], 2, "torch is not installed", "k2to3[torch]"),
        (("tf_keras",), ["--judge", "tf-keras"], 2, "tf-keras is not installed", "k2to3[tensorflow]"),
        (("tensorflow",), ["--verify", "training"], 7, "level training cannot be proved", "k2to3[tensorflow]"),
    ],
)
def test_what_was_named_must_be_there(hidden, arguments, code, says, hint, tmp_path):
    done = run(hidden, "convert", TEXT, tmp_path / "new.keras", *arguments)
    assert done.returncode == code and says in done.stderr and hint in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_batch_says_that_a_proof_could_not_be_run():
    failed, sound = Report(source="a.h5", exit_code=ProofFailed.exit_code), Report(source="b.h5")
    assert exit_code([sound, failed]) == ProofFailed.exit_code


def test_yaml_needs_its_package(tmp_path):
    config, weights = small_model()
    source = write_checkpoint(tmp_path / "w.h5", config, weights, whole=False)
    (tmp_path / "m.yaml").write_text("class_name: Sequential\nconfig: []\n")
    done = bare("convert", source, tmp_path / "new.keras", "--architecture", tmp_path / "m.yaml", "--verify", "none")
    assert done.returncode == 2 and "k2to3[yaml]" in done.stderr, done.stderr


def test_safetensors_are_written_without_their_package_and_read_with_it(tmp_path):
    done = bare("convert", TEXT, tmp_path / "a.safetensors", "--verify", "none")
    assert done.returncode == 0, done.stderr
    done = bare("verify", TEXT, tmp_path / "a.safetensors", "--verify", "weights")
    assert done.returncode == 2 and "k2to3[safetensors]" in done.stderr, done.stderr


@pytest.mark.keras
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_without_tensorflow(backend, tmp_path):
    """The specification alone judges, and the report says so; the worker itself never meets TensorFlow."""
    pytest.importorskip(backend)
    code = MAIN.format(hidden=("tensorflow", "tf_keras"))
    done = subprocess.run(
        [sys.executable, "-c", code, "convert", TEXT, tmp_path / "new.keras", "--json", "--backend", backend],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    evidence = report(done)["evidence"]
    assert report(done)["status"] == "proved" and evidence["backend"] == backend
    assert evidence["oracle"].endswith("alone: tf-keras is not installed")
    assert evidence["embeddings"] and {item["judge"] for item in evidence["outputs"]} == {"the specification"}
