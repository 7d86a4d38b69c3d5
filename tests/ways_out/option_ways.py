"""Hints about what was asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
from k2to3.api.load import _module
from k2to3.proof.reference import check_reference
from ways import (
    Json,
    Make,
    Way,
    called,
    command,
    dense,
    dense_weights,
    file,
    functional,
    layer,
    proved,
    text_of,
    with_file,
)

WEIGHTS = {"it": dense_weights(4)}
MODEL = file(dense("it", 3, 4), weights=WEIGHTS)
GRAPH = file(architecture=functional({"in": (None,)}, called(layer("ReLU"), "in"), outputs=["it"]))
TWICE = functional(
    {"a": (4,), "b": (4,)}, called(dense("it"), "a"), called(layer("Add", name="sum"), "it", "b"), outputs=["sum"]
)
TWICE["config"]["layers"][2]["inbound_nodes"].append([["b", 0, 0, {}]])
TWICE["config"]["output_layers"].append(["it", 1, 0])
LSTM = layer("LSTM", units=3, use_bias=True, recurrent_activation="sigmoid", return_state=True)
STATES = file(
    architecture=functional({"in": (5, 4)}, called(LSTM, "in"), outputs=["it"]),
    weights={"it": {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)}},
)
WORDS = {"dtype": "string", "mask_token": None, "oov_token": "[UNK]", "num_oov_indices": 1, "output_mode": "int"}
LOOKUP = file(layer("StringLookup", 1, vocabulary="/x/words.txt", **WORDS), version="2.15.0")
CROPPED = layer("ZeroPadding2D", 4, 4, 1, padding=[1, 1])
ONE_RULE = 'import k2to3\n@k2to3.rule(\'Mine\')\ndef mine(context):\n    """Mine."""\n'


def two_of_a_name(folder: Path) -> Path:
    source = MODEL(folder)
    source.with_suffix(".hdf5").write_bytes(source.read_bytes())
    return source


def batch(source: Path, folder: Path, options: Json) -> None:
    k2to3.batch(folder, folder / "out", verify="none", jobs=1, **options)


def over_itself(source: Path, folder: Path, options: Json) -> None:
    given = source.rename(source.with_suffix(".keras"))
    k2to3.convert(given, options.pop("target", given), verify="none", **options)


def in_place_of(name: str, content: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return MODEL(folder)

    return make


def arrays(**found: Any) -> Make:
    def make(folder: Path) -> Path:
        np.savez(folder / "r.npz", **found)
        return folder / "r.npz"

    return make


def damaged(folder: Path) -> Path:
    (folder / "r.npz").write_bytes(b"PK\x03\x04")
    return folder / "r.npz"


def reference(source: Path, folder: Path, options: Json) -> None:
    check_reference(source)


def objects(place: str, found: dict[str, Any]) -> Way:
    def look(source: Path, folder: Path, options: Json) -> None:
        _module(found if not options else {})

    return Way(place, MODEL, {"custom_objects": "my_layers.py"}, verb=look, said="put your classes into one file")


GOOD = arrays(in0=np.ones((2, 4), "float32"), out0=np.ones((2, 3), "float32"))
CONVERT = ("convert", "{source}", "{folder}/new.keras", "--verify", "none")
MANIFEST = json.dumps([{"source": "old.h5", "nonsense": 1}])

WAYS = [
    Way("api/convert.py:run_conversion", MODEL, verb=command("convert", "{source}"), said="old.keras",
        again=command("convert", "{source}", "{folder}/old.keras", "--verify", "none")),
    Way("archive/forms/table.py:form_of", MODEL, verb=command("convert", "{source}", "{source}"), said="k2to3 batch",
        again=command("batch", "{source}", "--out", "{folder}/out", "--verify", "none")),
    Way("api/reading.py:_check_tolerance", MODEL, {"tolerance": None, "verify": "weights"},
        given={"tolerance": 1.5, "verify": "weights"}, verb=proved, said="leave it out"),
    Way("api/cutting.py:_named",
        with_file(file(weights={"other": dense_weights(4), "head": dense_weights(3), "more": dense_weights(3)},
                       whole=False), "m.json",
                  text_of({"class_name": "Sequential", "config": {"name": "m", "layers": [
                      dense("it", 3, 4), dense("head")]}})),
        given={"architecture": "{folder}/m.json", "outputs": ["it"]},
        mended=with_file(file(weights={"it": dense_weights(4), "head": dense_weights(3)}, whole=False), "m.json",
                         text_of({"class_name": "Sequential", "config": {"name": "m", "layers": [
                             dense("it", 3, 4), dense("head")]}})), said="as the file does"),
    objects("api/load.py:_module", {"a": Way, "b": Path}),
    objects("api/load.py:_module/2", {"a": type("Mine", (), {"__module__": "__main__"})}),
    objects("api/load.py:_module/3", {"other": Way}),
    Way("migration/find.py:check_apart", two_of_a_name, {"keep_suffix": True}, verb=batch),
    Way("migration/ledger.py:opened", MODEL, verb=command("batch", "--status", "--out", "{folder}/out"),
        again=command("batch", "{source}", "--out", "{folder}/out", "--verify", "none"), said="--out"),
    Way("migration/ledger.py:opened/2", in_place_of("out/k2to3.sqlite", b"nonsense" * 200), mended=MODEL, verb=batch,
        said="move it away"),
    Way("migration/manifest.py:read_manifest", with_file(MODEL, "m.json", MANIFEST), said="manifest.schema.json",
        mended=with_file(MODEL, "m.json", json.dumps([{"source": "old.h5"}])),
        verb=command("batch", "--manifest", "{folder}/m.json", "--out", "{folder}/out", "--verify", "none")),
    Way("migration/run.py:pairs_of", MODEL, verb=command("batch", "--out", "{folder}/out"), said="k2to3 batch FOLDER",
        again=command("batch", "{folder}", "--out", "{folder}/out", "--verify", "none")),
    Way("bytecode/options.py:read_lambdas", file(layer("Activation", 4, activation="mine")),
        {"lambdas": {"mine": "lambda x: x ** 2"}}, given={"lambdas": {"mine": 3}}, said="lambda x: x ** 2"),
    Way("cli/main.py:main", MODEL, verb=command("convert", "--json", "--nonsense"), again=command("--help"),
        said="k2to3 --help"),
    Way("cli/main.py:_announce", MODEL, {"words": ["--report", "{folder}/r.json"]},
        given={"words": ["--report", "{folder}/r.html"]}, said=".json",
        verb=command("batch", "{source}", "--out", "{folder}/out", "--verify", "none")),
    Way("report/endings.py:renderer", MODEL, {"words": ["--report", "{folder}/r.html"]},
        given={"words": ["--report", "{folder}/r.txt"]}, said=".html", verb=command(*CONVERT)),
    Way("custom/session.py:opened_rules", file(layer("Mine", 4)), {"treat_as": ["Mine=ReLU"]},
        given={"treat_as": ["Mine=Nope"]}, said="k2to3 rules"),
    Way("custom/session.py:_load", with_file(with_file(MODEL, "rules.txt", ""), "rules.py", ONE_RULE),
        {"rules": ["{folder}/rules.py"]}, given={"rules": ["{folder}/rules.txt"]}),
    Way("custom/session.py:_load/2", with_file(MODEL, "rules.py", ""), mended=with_file(MODEL, "rules.py", ONE_RULE),
        given={"rules": ["{folder}/rules.py"]}, said="@k2to3.rule"),
    Way("keras2/cut.py:_named", GRAPH, {"outputs": ["it"]}, given={"outputs": ["nope"]}, said="its layers: in, it"),
    Way("keras2/cut.py:_check_alone", file(architecture=TWICE, weights=WEIGHTS), {"outputs": ["it:1:0"]},
        given={"outputs": ["it"]}),
    Way("keras2/cut.py:_check_alone/2", STATES, {"outputs": ["it:0:1"]}, given={"outputs": ["it"]}),
    Way("keras2/given_vocabulary.py:_checked", LOOKUP, {"vocabularies": {"it": ["a", "b"]}},
        given={"vocabularies": {"it": ["[UNK]", "a", "b"]}}, said="leave them out"),
    Way("keras2/input_shape.py:with_input_shape", GRAPH, {"input_shape": "in=4"}, given={"input_shape": "4"}),
    Way("keras2/input_shape.py:_with_named", GRAPH, {"input_shape": "in=4"}, given={"input_shape": "nope=4"},
        said="its inputs: in"),
    Way("keras2/keras1_order.py:_filled", file(CROPPED, version="1.2.2"),
        mended=file(layer("ZeroPadding2D", 4, 4, 1, padding=[[1, 1], [1, 1]], data_format="channels_last"),
                    version="2.2.4"), said="save it with Keras 2"),
    Way("keras2/parse.py:parse_model", file(architecture={"class_name": "Net", "config": {"layers": []}}), mended=MODEL,
        said="Functional"),
    Way("limits.py:too_much", MODEL, {"limits": ["layers=100"]}, given={"limits": ["layers=0"]}),
    Way("limits.py:read_limits", MODEL, {"limits": ["layers=100"]}, given={"limits": ["nope=3"]}, said="layers"),
    Way("limits.py:_pair", MODEL, {"limits": ["layers=100000"]}, given={"limits": ["layers"]}),
    Way("publish/naming.py:exists_error", in_place_of("new.keras", b"mine"), {"overwrite": True}),
    Way("publish/publisher.py:_is_input", MODEL, {"target": "{folder}/other.keras"}, given={"overwrite": True},
        verb=over_itself, said="another one"),
    Way("proof/reference.py:check_reference", damaged, mended=GOOD, verb=reference, said="record.py"),
    Way("proof/reference.py:_numbered", arrays(x=np.ones(3)), mended=GOOD, verb=reference, said="record.py"),
    Way("proof/reference.py:_check_array/2", arrays(in0=np.array([None]), out0=np.ones(1)), mended=GOOD,
        verb=reference, said="record.py"),
]  # fmt: skip
