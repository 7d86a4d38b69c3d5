"""What a process imports: what its work needs. To import all of k2to3 takes longer than to convert a small file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES

LISTED = "\nimport json, sys\nprint(json.dumps([*sys.modules]))"
COMMAND = "import sys\nfrom k2to3.cli.main import main\nassert main(sys.argv[1:]) == 0"
# No file of one Dense layer needs any of them.
OTHERS = (
    "k2to3.archive.reading",
    "k2to3.bytecode",
    "k2to3.comparison",
    "k2to3.explain",
    "k2to3.functions.registry",
    "k2to3.live",
    "k2to3.migration",
    "k2to3.proof.keras2",
    "k2to3.proof.outputs",
    "k2to3.report.page",
    "k2to3.rules.catalogue",
    "k2to3.rules.conv",
    "k2to3.rules.rnn.recurrent",
    "k2to3.rules.third_party",
    "k2to3.sources.keras_archive",
    "k2to3.sources.saved_model.read",
    "k2to3.training.plan",
    "k2to3.weights.quantised",
    "concurrent.futures.thread",
    "hashlib",
    "heapq",
    "importlib.metadata",
    "isal",
    "zipfile",
)


OF_THE_LIBRARY = """
import dataclasses
found = [name for name, module in sys.modules.items() if name.startswith("k2to3.") and
         getattr(module, "dataclass", None) is dataclasses.dataclass]
assert found == [], found"""


def imported(code: str, *arguments: object) -> set[str]:
    """The modules of a fresh process that ran `code`."""
    command = [sys.executable, "-c", code + LISTED, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def converted(source: Path, folder: Path, *options: str) -> set[str]:
    return imported(COMMAND, "convert", source, folder / "new.keras", "--verify", "none", "--quiet", *options)


def below(found: set[str], *packages: str) -> set[str]:
    return {name for name in found for package in packages if f"{name}.".startswith(f"{package}.")}


def test_the_package_alone():
    found = imported("import k2to3")
    assert below(found, "k2to3") == {"k2to3", "k2to3.isolation", "k2to3.isolation.command"}
    assert not below(found, "numpy", "h5py")


def test_a_name_brings_what_it_needs():
    found = imported("import k2to3\nk2to3.Refused, k2to3.errors.UsageError, k2to3.__version__")
    assert below(found, "k2to3") >= {"k2to3.errors", "k2to3.version"} and not below(found, "k2to3.api", "numpy")


@pytest.mark.parametrize("name", ["Nobody", "_Homes", "cutting"])
def test_what_the_package_does_not_have(name):
    with pytest.raises(AttributeError, match=f"module 'k2to3' has no attribute '{name}'"):
        getattr(k2to3, name)


def test_names_stand_where_the_package_says():
    """A part of the house that is named as a function would take its place once it is imported."""
    parts = {path.stem for path in Path(k2to3.__file__).parent.iterdir()}
    assert not parts & set(k2to3.__all__)
    assert sorted(dir(k2to3)) == sorted(k2to3.__all__)
    assert sorted(" ".join(k2to3._HOMES.values()).split()) == sorted(k2to3.__all__)


def test_a_dense_layer(tmp_path, checkpoint):
    found = converted(checkpoint, tmp_path)
    assert "k2to3.rules.core.core" in found
    assert not below(found, *OTHERS)


def test_a_layer_brings_its_rule_alone(tmp_path):
    found = converted(FIXTURES / "keras-2.2.4__text_lstm.h5", tmp_path)
    assert "k2to3.rules.rnn.recurrent" in found
    assert not below(found, "k2to3.rules.conv", "k2to3.rules.third_party", "k2to3.rules.preprocessing")


def test_records_are_declared_where_they_are_used(tmp_path):
    """The standard library's `dataclass` would take most of the time that is left."""
    arguments = ("convert", FIXTURES / "keras-2.2.4__text_lstm.h5", tmp_path / "new.keras", "--verify", "none", "-q")
    imported(COMMAND + OF_THE_LIBRARY, *arguments)


def test_a_proof_brings_what_proves(tmp_path, checkpoint):
    found = converted(checkpoint, tmp_path, "--verify", "weights")
    assert "k2to3.proof.weights" in found
    assert not below(found, "k2to3.proof.outputs", "k2to3.migration", "k2to3.bytecode")


@pytest.mark.parametrize("verb", ["explain", "diff", "inspect"])
def test_other_commands_bring_no_batch(tmp_path, checkpoint, verb):
    words = {"explain": ["Unknown", "layer:", "TFOpLambda"], "diff": [checkpoint] * 2, "inspect": [checkpoint]}[verb]
    found = imported(COMMAND, verb, *words)
    assert f"k2to3.cli.{verb}" in found
    assert not below(found, "k2to3.migration", "k2to3.cli.batch", "k2to3.proof.outputs")


THREADS = """
import os
print(len(os.listdir("/proc/self/task")), os.environ.get("OPENBLAS_NUM_THREADS"))"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads by /proc")
@pytest.mark.parametrize("given", [None, "3"])
def test_no_thread_of_blas_spins_and_nobody_is_told(tmp_path, checkpoint, given, monkeypatch):
    """What a command starts later has the variables of its user."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    words = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "none", "--quiet"]
    done = subprocess.run([sys.executable, "-c", COMMAND + THREADS, *words], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == str(given)
    assert given or done.stdout.split()[0] == "1"


def test_whoever_measures_is_told_of_the_end(tmp_path, checkpoint):
    words = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "none", "--quiet"]
    command = [sys.executable, "-m", "cProfile", "-m", "k2to3", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "function calls" in done.stdout


@pytest.mark.parametrize(("words", "code"), [(["rules", "--json"], 0), (["inspect", "nothing.h5"], 6)])
def test_all_is_printed_before_the_end(tmp_path, words, code):
    """To a file, which takes what is printed late."""
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        done = subprocess.run([sys.executable, "-m", "k2to3", *words], stdout=out, stderr=err, cwd=tmp_path)
    assert done.returncode == code
    printed, complained = ((tmp_path / name).read_text() for name in ("out", "err"))
    assert json.loads(printed) if code == 0 else "nothing.h5" in complained
