"""The command line: exit codes, help, JSON after the schemas."""

from __future__ import annotations

import json
import zipfile

import jsonschema
import k2to3
import pytest
from conftest import FIXTURES, ROOT, small_model, write_checkpoint
from k2to3.cli.main import main
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from referencing import Registry, Resource

SCHEMAS = {
    name: json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()) for name in ("report", "batch", "inspect")
}
REGISTRY = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in SCHEMAS.values())


def valid(name, value):
    jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(value)


def test_convert_json(capsys, tmp_path, checkpoint):
    code = main(
        [
            "convert",
            str(checkpoint),
            str(tmp_path / "n.keras"),
            "--verify",
            "weights",
            "--json",
            "--report",
            str(tmp_path / "report.json"),
        ]
    )
    printed = json.loads(capsys.readouterr().out)
    valid("report", printed)
    assert code == 0 and printed["status"] == "proved"
    assert json.loads((tmp_path / "report.json").read_text()) == printed


def test_refusal_is_reported_in_json_too(capsys, tmp_path):
    config, weights = small_model()
    config["config"]["layers"][0]["config"]["activation"] = "mine"
    path = write_checkpoint(tmp_path / "old.h5", config, weights)
    code = main(["convert", str(path), str(tmp_path / "n.keras"), "--json"])
    printed = json.loads(capsys.readouterr().out)
    valid("report", printed)
    assert code == 1 and printed["status"] == "refused" and printed["error"]["layer"] == "dense"


def test_inspect(capsys, checkpoint):
    assert main(["inspect", str(checkpoint), "--weights"]) == 0
    text = capsys.readouterr().out
    assert "tf.keras 2.4.0" in text and "dense/kernel:0" in text and text.rstrip().endswith("convertible")
    assert main(["inspect", str(checkpoint), "--json"]) == 0
    valid("inspect", json.loads(capsys.readouterr().out))


def test_dry_run_prints_the_plan(capsys, checkpoint, tmp_path):
    assert main(["convert", str(checkpoint), "--dry-run"]) == 0
    assert "planned" in capsys.readouterr().out


def test_verify_finds_another_archive(capsys, tmp_path, checkpoint):
    config, weights = small_model()
    weights["dense"]["dense/bias:0"] += 1
    other = write_checkpoint(tmp_path / "other.h5", config, weights)
    k2to3.convert(other, tmp_path / "new.keras", verify="none")
    assert main(["verify", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "weights"]) == 5
    assert "differs" in capsys.readouterr().err


def test_batch(capsys, tmp_path, checkpoint):
    zoo = tmp_path / "zoo" / "deep"
    zoo.mkdir(parents=True)
    (zoo / "good.h5").write_bytes(checkpoint.read_bytes())
    (zoo / "bad.h5").write_bytes(b"no")
    code = main(
        [
            "batch",
            str(tmp_path / "zoo"),
            "--out",
            str(tmp_path / "out"),
            "--verify",
            "weights",
            "--jobs",
            "1",
            "--report",
            str(tmp_path / "batch.json"),
        ]
    )
    found = json.loads((tmp_path / "batch.json").read_text())
    valid("batch", found)
    assert code == 9 and found["counts"] == {"proved": 1, "refused": 1}
    assert (tmp_path / "out" / "deep" / "good.keras").exists()


@pytest.mark.parametrize("command", ["convert", "inspect", "verify", "batch", "rules"])
def test_help_shows_examples_and_exit_codes(capsys, command):
    with pytest.raises(SystemExit) as done:
        parser(VERBS).parse_args([command, "--help"])
    text = capsys.readouterr().out
    assert done.value.code == 0 and "examples:" in text and "exit codes:" in text


def test_rules_are_listed(capsys):
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert "ThresholdedReLU" in text and "LSTM" in text
    assert main(["rules", "--json"]) == 0
    assert [row for row in json.loads(capsys.readouterr().out)["rules"] if not row["text"]] == []


def test_batch_goes_on_after_bad_files_and_leaves_the_sources_alone(capsys, tmp_path, checkpoint):
    zoo = tmp_path / "zoo"
    (zoo / "a" / "b").mkdir(parents=True)
    config, weights = small_model()
    config["config"]["layers"][0]["config"]["activation"] = "mine"
    write_checkpoint(zoo / "a" / "custom.h5", config, weights)
    (zoo / "a" / "b" / "cut.hdf5").write_bytes(checkpoint.read_bytes()[:700])
    (zoo / "empty.h5").touch()
    (zoo / "notes.txt").write_text("not a checkpoint")
    (zoo / "z.h5").write_bytes(checkpoint.read_bytes())
    before = {path: path.read_bytes() for path in zoo.rglob("*") if path.is_file()}
    assert (
        main(["batch", str(zoo), "--out", str(tmp_path / "out"), "--verify", "weights", "--jobs", "1", "--json"]) == 4
    )
    found = json.loads(capsys.readouterr().out)
    valid("batch", found)
    assert [report["source"].removeprefix(str(zoo)) for report in found["reports"]] == [
        "/empty.h5",
        "/z.h5",
        "/a/custom.h5",
        "/a/b/cut.hdf5",
    ]
    assert found["counts"]["proved"] == 1 and sum(found["counts"].values()) == 4
    assert sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file()) == ["k2to3.sqlite", "z.keras"]
    assert before == {path: path.read_bytes() for path in zoo.rglob("*") if path.is_file()}


def test_a_batch_of_nothing_says_so(capsys, tmp_path):
    (tmp_path / "zoo").mkdir()
    assert main(["batch", str(tmp_path / "zoo"), "--out", str(tmp_path / "out")]) == 3
    assert "no checkpoints" in capsys.readouterr().out


def test_not_equal_is_reported_in_json(capsys, tmp_path, checkpoint):
    config, weights = small_model()
    weights["dense"]["dense/bias:0"] += 1
    other = write_checkpoint(tmp_path / "other.h5", config, weights)
    k2to3.convert(other, tmp_path / "new.keras", verify="none")
    report = tmp_path / "report.json"
    arguments = ["verify", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "weights", "--report", str(report)]
    assert main(arguments) == 5
    found = json.loads(report.read_text())
    valid("report", found)
    assert found["status"] == "not equal" and found["exit_code"] == 5 and found["error"]["layer"] == "dense"


def test_schemas_are_in_the_wheel():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["schemas"] == "k2to3/schemas"
    assert (ROOT / "converter" / "k2to3" / "py.typed").exists()


def test_min_keras_asks_for_the_older_form(tmp_path):
    """Keras 3.3 reads lists of inputs; the bare form of one input came with 3.4."""
    ends = {}
    source = FIXTURES / "tf-2.4__bidirectional.h5"
    for minimum in ("3.3", "3.4"):
        target = tmp_path / f"{minimum}.keras"
        assert main(["convert", str(source), str(target), "--verify", "none", "--min-keras", minimum]) == 0
        ends[minimum] = json.loads(zipfile.ZipFile(target).read("config.json"))["config"]["output_layers"]
    assert isinstance(ends["3.3"][0], list) and isinstance(ends["3.4"][0], str)


def test_more_than_one_source_is_a_batch(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["convert", "a.h5", "b.h5", "c d.h5"])
    assert "k2to3 batch a.h5 b.h5 'c d.h5' --out converted" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["convert", "a.h5", "b.h5", "--fast"])
    assert "batch" not in capsys.readouterr().err.replace("usage", "")
