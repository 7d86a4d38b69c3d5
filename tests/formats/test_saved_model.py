"""SavedModels and checkpoints of genuine TensorFlow 2.0 to 2.15 against the HDF5 file that the same process wrote.

The whole matrix: `fixtures/authoring/saved_models.py`, then `tests/conformance/saved_models.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES, members
from k2to3.errors import K2to3Error, NotKeras2, Refused, UnsupportedLayer
from k2to3.sources.read import read_checkpoint

FOLDER = FIXTURES / "saved_model"
ALL = sorted(path.stem for path in FOLDER.glob("*.zip"))
FOREIGN = {
    "keras-3__export": "TFSMLayer",
    "tf-2.15__export": "TFSMLayer",
    "tf-2.15__graph": "TFSMLayer",
    "tf-2.15__module": "TFSMLayer",
    "tf-2.15__layer": "put the layer into a model",
    "tf-2.15__subclassed": "write it as a Functional model",
}
CUSTOM = "tf-2.15__custom_layer"
GOOD = [name for name in ALL if name not in FOREIGN and name != CUSTOM]
EMPTY_TABLE = "tf-2.2__text_vectorization_adapted"
OWN_TABLES = ("lookup", "vectorization")


def unpacked(name: str, folder: Path) -> Path:
    """All files of a case; the SavedModel is the folder of its name."""
    with zipfile.ZipFile(FOLDER / f"{name}.zip") as archive:
        archive.extractall(folder)
    return folder / name


def archive_of(source: Path, target: Path, **options) -> dict[str, bytes]:
    k2to3.convert(source, target, verify="weights", **options)
    return members(target)


def test_the_fixtures_are_all_there():
    assert len(ALL) >= 28 and set(FOREIGN) < set(ALL)
    assert {name.split("__")[0] for name in GOOD} == {f"tf-2.{n}" for n in (0, 2, 4, 6, 8, 10, 12, 15)}


@pytest.mark.parametrize("name", GOOD)
def test_the_same_archive_as_from_hdf5(name, tmp_path):
    """Configuration, every variable and the optimizer's, byte for byte."""
    model = unpacked(name, tmp_path)
    found = archive_of(model, tmp_path / "new.keras")
    h5 = model.with_name(f"{name}.h5")
    if not h5.exists():
        # Tables and weights of one name are what HDF5 cannot hold.
        assert any(word in name for word in (*OWN_TABLES, "same_names"))
        return
    assert found == archive_of(h5, tmp_path / "h5.keras")


@pytest.mark.parametrize("name", [name for name in GOOD if "sharded" not in name])
def test_a_checkpoint_is_the_same_without_training(name, tmp_path):
    model = unpacked(name, tmp_path)
    index, architecture = (model.with_name(name + end) for end in (".ckpt.index", ".arch.json"))
    try:
        found = archive_of(index, tmp_path / "new.keras", architecture=architecture)
    except K2to3Error as error:
        # Adapted tables lie in the graph, which a checkpoint has none of.
        assert any(word in name for word in OWN_TABLES) and error.exit_code == 1
        return
    assert found == archive_of(model, tmp_path / "whole.keras", compile=False)


@pytest.mark.parametrize(
    "name, words",
    [
        ("tf-2.12__string_lookup_adapted", ["three", "two", "one"]),
        # Its weights of tf-idf are in the checkpoint, in a part of the layer.
        ("tf-2.8__text_vectorization_tf_idf", ["hello", "you", "world"]),
    ],
)
def test_a_vocabulary_that_a_checkpoint_lacks_may_be_given(name, words, tmp_path):
    model = unpacked(name, tmp_path)
    index, architecture = (model.with_name(model.name + end) for end in (".ckpt.index", ".arch.json"))
    with pytest.raises(K2to3Error, match="--vocabulary words=FILE"):
        archive_of(index, tmp_path / "new.keras", architecture=architecture)
    found = archive_of(index, tmp_path / "new.keras", architecture=architecture, vocabularies={"words": words})
    assert found == archive_of(model, tmp_path / "whole.keras")


def test_only_what_losses_and_metrics_brought_along_may_lack_in_a_checkpoint(tmp_path):
    """TensorFlow 2.0 listed such layers in the architecture alone."""
    model = unpacked("tf-2.0__metrics_inside", tmp_path)
    index, architecture = (model.with_name(model.name + end) for end in (".ckpt.index", ".arch.json"))
    config = json.loads(architecture.read_text())
    late = [layer["class_name"] for layer in config["config"]["layers"][3:]]
    assert late == ["TensorFlowOpLayer", "AddLoss", "TensorFlowOpLayer", "AddMetric"]
    config["config"]["layers"][-1].update(class_name="Activation", config={"name": "add_metric", "activation": "tanh"})
    architecture.write_text(json.dumps(config))
    with pytest.raises(K2to3Error, match="3 layers under 'the model', the architecture 7"):
        archive_of(index, tmp_path / "new.keras", architecture=architecture)


def test_the_optimizer_comes_along(tmp_path):
    with read_checkpoint(unpacked("tf-2.10__optimizer_momentum", tmp_path)) as found:
        names = [tensor.name for tensor in found.optimizer_weights()]
    assert names[0] == "SGD/iter:0" and "SGD/alpha/kernel/momentum:0" in names
    report = k2to3.plan(tmp_path / "tf-2.10__optimizer_momentum")
    assert not any("afresh" in finding.text for finding in report.findings)


def test_two_data_files(tmp_path):
    with read_checkpoint(unpacked("tf-2.15__sharded", tmp_path)) as found:
        used = {tensor.extent()[0].path.name for group in found.weights.values() for tensor in group}
    assert used == {f"variables.data-0000{index}-of-00002" for index in range(2)}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_none_of_keras(name, tmp_path):
    model = unpacked(name, tmp_path)
    with pytest.raises(Refused) as caught:
        k2to3.convert(model, tmp_path / "new.keras")
    assert isinstance(caught.value, NotKeras2) == ("subclassed" not in name)
    assert FOREIGN[name] in caught.value.hint and "PATH" not in str(caught.value)
    assert not (tmp_path / "new.keras").exists()


def test_a_custom_layer_is_refused_as_in_hdf5(tmp_path):
    model = unpacked(CUSTOM, tmp_path)
    errors = []
    for source in (model, model.with_name(f"{CUSTOM}.h5")):
        with pytest.raises(UnsupportedLayer) as caught:
            k2to3.plan(source)
        errors.append((caught.value.message, caught.value.hint, caught.value.layer))
    assert errors[0][1:] == errors[1][1:] and "Scaled" in errors[0][0]


def test_inspect_and_diff(tmp_path):
    model = unpacked("tf-2.8__frozen_after", tmp_path)
    found, twin = k2to3.inspect(model), k2to3.inspect(model.with_name(f"{model.name}.h5"))
    assert (found.kind, found.convertible, found.layers) == ("saved_model", True, twin.layers)
    assert k2to3.diff(model, model.with_name(f"{model.name}.h5")).equal
    bare = k2to3.inspect(model.with_name(f"{model.name}.ckpt.index"))
    assert bare.kind == "checkpoint" and not bare.convertible and bare.parameters == found.parameters


def test_a_batch_finds_folders_and_checkpoints(tmp_path):
    models = tmp_path / "models"
    unpacked("tf-2.8__frozen_after", models / "1.0")
    (models / "1.0" / "tf-2.8__frozen_after.npz").unlink()
    shutil.move(models / "1.0" / "tf-2.8__frozen_after", models / "net.v1")
    reports = k2to3.batch(models, tmp_path / "out", verify="weights", keep_suffix=True)
    assert [report.status for report in reports] == ["proved"] * 3
    written = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.keras"))
    name = "1.0/tf-2.8__frozen_after"
    assert written == [f"{name}.ckpt.index.keras", f"{name}.h5.keras", "net.v1.keras"]
    # A folder that is one model is one checkpoint.
    (report,) = k2to3.batch(models / "net.v1", tmp_path / "one", verify="none")
    assert report.target == str(tmp_path / "one" / "net.v1.keras")


@pytest.mark.keras
@pytest.mark.parametrize("kind", ["model", "checkpoint"])
def test_the_judges_take_it(kind, tmp_path):
    """Without recorded outputs: the specification and tf-keras, each from the handed arrays."""
    model = unpacked("tf-2.4__multi_head", tmp_path)
    options = {}
    if kind == "checkpoint":
        options["architecture"] = model.with_name(f"{model.name}.arch.json")
        model = model.with_name(f"{model.name}.ckpt.index")
    report = k2to3.convert(model, tmp_path / "new.keras", **options)
    assert report.status == "proved" and "tf-keras" in report.evidence.oracle
    assert "the specification" in report.evidence.oracle


@pytest.mark.keras
def test_recorded_outputs_and_tensorflows_own_signature(tmp_path):
    """TensorFlow runs the graph of the file, which k2to3 never reads."""
    # The graph that TensorFlow 2.2 exported looks up in a table that stays empty: it finds unknown tokens alone.
    names = [name for name in GOOD if "sharded" not in name and name != EMPTY_TABLE]
    jobs = []
    for name in names:
        model = unpacked(name, tmp_path)
        k2to3.convert(model, tmp_path / f"{name}.keras", verify="none")
        jobs.append({"folder": str(model), "archive": str(tmp_path / f"{name}.keras"), "npz": str(model) + ".npz"})
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("signature_worker.py")],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(zip(names, json.loads(done.stdout.strip().rsplit("\n", 1)[-1]), strict=True))
    assert {name: text for name, text in found.items() if text} == {}
    folder = str(tmp_path / EMPTY_TABLE)
    report = k2to3.convert(unpacked(EMPTY_TABLE, tmp_path), tmp_path / "new.keras", reference=f"{folder}.npz")
    assert report.status == "proved"
