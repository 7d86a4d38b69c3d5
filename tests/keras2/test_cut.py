"""A model cut to what some of its layers compute."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.cli.main import main
from k2to3.errors import UsageError, WeightMismatch
from k2to3.keras2.cut import cut
from k2to3.keras2.model import Ref
from k2to3.keras2.parse import parse_model
from safetensors.numpy import load_file

FORMATS = Path(__file__).parents[2] / "fixtures" / "formats"


def layer(class_name, name, *nodes, **config):
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": list(nodes)}


def inputs(name):
    return layer("InputLayer", name, batch_input_shape=[None, 4], dtype="float32")


def dense(name, *nodes):
    return layer("Dense", name, *nodes, units=4, activation="linear", use_bias=True)


def model(layers, ins, outs):
    ends = {"input_layers": [[name, 0, 0] for name in ins], "output_layers": outs}
    return {"class_name": "Model", "config": {"name": "model", "layers": layers, **ends}}


def siamese():
    """`shared` on `a`, then on `b`; `join` has both, `loss` needs labels as well."""
    layers = [
        inputs("a"),
        inputs("b"),
        inputs("labels"),
        dense("shared", [["a", 0, 0, {}]], [["b", 0, 0, {}]]),
        dense("top", [["shared", 1, 0, {}]]),
        layer("Add", "join", [["shared", 0, 0, {}], ["top", 0, 0, {}]]),
        layer("Add", "loss", [["join", 0, 0, {}], ["labels", 0, 0, {}]]),
    ]
    return model(layers, ["a", "b", "labels"], [["loss", 0, 0]])


def weights(*names):
    generator = np.random.default_rng(0)
    return {
        name: {f"{name}/kernel:0": generator.normal(size=(4, 4)).astype("float32"), f"{name}/bias:0": np.ones(4, "f4")}
        for name in names
    }


def test_layers_and_inputs_that_nothing_needs_are_gone():
    found = cut(siamese(), ["join"])
    assert found.gone == ("labels", "loss")
    left = parse_model(found.config)
    assert [ref.layer for ref in left.inputs] == ["a", "b"] and left.outputs == [Ref("join")]


def test_calls_that_nothing_needs_are_gone_and_the_others_count_anew():
    found = cut(siamese(), ["top"])
    left = parse_model(found.config)
    assert [ref.layer for ref in left.inputs] == ["b"]
    assert [call.args for call in left.layer("shared").calls] == [Ref("b")]
    assert left.layer("top").calls[0].args == Ref("shared", 0)


def test_a_nested_model_keeps_the_number_its_calls_begin_with():
    inner = {**model([inputs("x"), dense("d", [["x", 0, 0, {}]])], ["x"], [["d", 0, 0]]), "name": "inner"}
    inner["inbound_nodes"] = [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]
    ends = [dense("one", [["inner", 1, 0, {}]]), dense("two", [["inner", 2, 0, {}]])]
    whole = model([inputs("a"), inputs("b"), inner, *ends], ["a", "b"], [["one", 0, 0], ["two", 0, 0]])
    found = cut(whole, ["two"]).config["config"]["layers"]
    assert [item["inbound_nodes"] for item in found[1:]] == [[[["b", 0, 0, {}]]], [[["inner", 1, 0, {}]]]]


def test_what_an_argument_refers_to_is_needed_and_renumbered():
    layers = siamese()["config"]["layers"]
    layers.append(layer("Dot", "kw", [["a", 0, 0, {"other": ["shared", 1, 0], "axes": 1}]]))
    found = parse_model(cut(model(layers, ["a", "b", "labels"], [["loss", 0, 0]]), ["kw"]).config)
    assert found.layer("kw").calls[0].kwargs == {"other": Ref("shared", 0), "axes": 1}


def test_one_call_of_a_shared_layer():
    with pytest.raises(UsageError, match=r"called 2 times.*shared:0:0"):
        cut(siamese(), ["shared"])
    left = parse_model(cut(siamese(), ["shared:1:0"]).config)
    assert [ref.layer for ref in left.inputs] == ["b"] and left.outputs == [Ref("shared")]


def test_a_layer_of_several_tensors_says_which():
    lstm = layer("LSTM", "lstm", [["a", 0, 0, {}]], units=2, return_state=True)
    whole = model([inputs("a"), lstm, dense("out", [["lstm", 0, 0, {}]])], ["a"], [["out", 0, 0]])
    with pytest.raises(UsageError, match="several tensors"):
        cut(whole, ["lstm"])
    assert parse_model(cut(whole, ["lstm:0:1", "lstm:0:2"]).config).outputs == [Ref("lstm", 0, 1), Ref("lstm", 0, 2)]


@pytest.mark.parametrize("outputs", [["nobody"], ["shared:2:0"], ["join", "join"]])
def test_refuses_what_is_not_there(outputs):
    with pytest.raises(UsageError):
        cut(siamese(), outputs)


def test_weights_of_what_is_gone_go_too_and_a_finding_says_so(tmp_path):
    source = write_checkpoint(tmp_path / "old.h5", siamese(), weights("shared", "top"))
    report = convert(source, tmp_path / "new.keras", verify="weights", outputs="shared:0:0")
    assert "cut to the outputs of shared:0:0" in str(report.findings) and "top" in str(report.findings)
    config = json.loads(zipfile.ZipFile(tmp_path / "new.keras").read("config.json"))
    assert [item["config"]["name"] for item in config["config"]["layers"]] == ["a", "shared"]


def test_weights_of_nobody_are_still_refused(tmp_path):
    source = write_checkpoint(tmp_path / "old.h5", siamese(), weights("shared", "top", "stranger"))
    with pytest.raises(WeightMismatch, match="stranger"):
        convert(source, tmp_path / "new.keras", verify="none", outputs="join")


def test_a_sequential_is_shortened(checkpoint, tmp_path):
    assert main(["convert", str(checkpoint), str(tmp_path / "a.keras"), "--verify", "none", "--outputs", "nobody"]) == 2
    assert main(["convert", str(checkpoint), str(tmp_path / "a.keras"), "--verify", "none", "--outputs", "dense"]) == 0


def test_an_open_input_gets_its_extent_by_name(tmp_path):
    whole = siamese()
    for item in whole["config"]["layers"][:3]:
        item["config"]["batch_input_shape"] = [None, None, 4]
    source = write_checkpoint(tmp_path / "old.h5", whole, weights("shared", "top"))
    convert(source, tmp_path / "new.keras", verify="none", input_shape=["a=7,4", "b=7,4"], outputs="join")
    config = json.loads(zipfile.ZipFile(tmp_path / "new.keras").read("config.json"))
    assert [item["config"]["batch_shape"] for item in config["config"]["layers"][:2]] == [[None, 7, 4]] * 2


@pytest.mark.parametrize("given, problem", [("a=5", r"the file says \[4\]"), ("z=4", "no input"), ("5", "NAME=")])
def test_an_input_shape_that_cannot_be(tmp_path, given, problem):
    source = write_checkpoint(tmp_path / "old.h5", siamese(), weights("shared", "top"))
    with pytest.raises(UsageError, match=problem):
        convert(source, tmp_path / "new.keras", verify="none", input_shape=given)


@pytest.mark.keras
def test_both_judges_compute_the_same_cut(tmp_path):
    source = write_checkpoint(tmp_path / "old.h5", siamese(), weights("shared", "top"))
    report = convert(source, tmp_path / "new.keras", outputs="top")
    assert report.status == "proved" and report.evidence.outputs and "tf-keras" in report.evidence.oracle


def nested():
    """`inner` computes first, then second; `top` follows."""
    chain = [inputs("x"), dense("first", [["x", 0, 0, {}]]), dense("second", [["first", 0, 0, {}]])]
    inner = {**model(chain, ["x"], [["second", 0, 0]]), "name": "inner", "inbound_nodes": [[["a", 0, 0, {}]]]}
    inner["config"]["name"] = "inner"
    return model([inputs("a"), inner, dense("top", [["inner", 1, 0, {}]])], ["a"], [["top", 0, 0]])


def nested_weights():
    found = weights("first", "second", "top")
    return {"inner": {**found["first"], **found["second"]}, "top": found["top"]}


def test_a_layer_of_a_model_inside(tmp_path):
    found = cut(nested(), ["inner/first"])
    assert found.gone == ("top", "inner/second")
    source = write_checkpoint(tmp_path / "old.h5", nested(), nested_weights())
    convert(source, tmp_path / "new.keras", verify="weights", outputs="inner/first")
    config = zipfile.ZipFile(tmp_path / "new.keras").read("config.json").decode()
    assert '"first"' in config and '"second"' not in config and '"top"' not in config


def test_what_follows_from_a_model_that_is_cut_cannot_be_had(tmp_path):
    with pytest.raises(UsageError, match="and what follows"):
        cut(nested(), ["inner/first", "top"])


def test_layers_of_other_names_are_cut_by_order(tmp_path):
    source = write_checkpoint(tmp_path / "w.h5", siamese(), weights("dense_7", "dense_8"), whole=False)
    (tmp_path / "m.json").write_text(json.dumps({**siamese(), "keras_version": "2.4.0", "backend": "tensorflow"}))
    report = convert(
        source, tmp_path / "new.keras", verify="weights", outputs="shared:0:0", architecture=tmp_path / "m.json"
    )
    assert report.status == "proved" and "dense_8" not in str(report.variables)


@pytest.mark.parametrize("author", ["k212", "k215"])
def test_files_that_number_their_weights_are_numbered_anew(tmp_path, author):
    """`one` and `two` have the same shape: without `one`, `two` is the third Dense and not the fourth."""
    source = FORMATS / f"{author}_graph.keras"
    convert(source, tmp_path / "both.safetensors", verify="weights", outputs="one,two")
    convert(source, tmp_path / "two.safetensors", verify="weights", outputs="two")
    both, two = (load_file(tmp_path / f"{name}.safetensors") for name in ("both", "two"))
    assert np.array_equal(two["layers/dense_2/vars/0"], both["layers/dense_3/vars/0"])
    assert not np.array_equal(two["layers/dense_2/vars/0"], both["layers/dense_2/vars/0"])


def test_numbers_inside_of_models_stay(tmp_path):
    with pytest.raises(UsageError, match="inside of models"):
        convert(FORMATS / "k215_nested_vocabulary.keras", tmp_path / "none.keras", outputs="one/one_table")
