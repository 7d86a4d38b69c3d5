"""Architectures in JSON and YAML that multiply, nest or build objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
from conftest import dense_layer, sequential, small_model, write_checkpoint

from attacks.attack import HARMLESS, Attack, Made, from_checkpoint
from attacks.hdf5_structure import newest

MB = 1 << 20


def config(make: Callable[[], str]) -> Callable[[Path], Made]:
    """A `model_config` of this text."""

    def put(file: h5py.File, path: Path) -> None:
        file.attrs["model_config"] = make()

    return newest(put)


def small_config(make: Callable[[], str]) -> Callable[[Path], Made]:
    def put(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = make()

    return from_checkpoint(put)


def given(make: Callable[[], str], name: str) -> Callable[[Path], Made]:
    """A weights-only file and an architecture of this text."""

    def write(folder: Path) -> Made:
        path = write_checkpoint(folder / "old.h5", *small_model(), whole=False)
        (folder / name).write_text(make(), encoding="utf-8")
        return Made(path, options=("--architecture", str(folder / name)))

    return write


def lined(*layers: Any, **more: Any) -> str:
    return json.dumps({**sequential(*layers), **more})


def dense(**more: Any) -> Any:
    return dense_layer(batch_input_shape=[None, 4], **more)


def nested_models(depth: int) -> str:
    found: Any = json.loads(lined(dense()))
    for level in range(depth):
        found = {"class_name": "Sequential", "config": {"name": f"m{level}", "layers": [found]}}
    return json.dumps(found)


def nested_wrappers(depth: int) -> str:
    found: Any = dense_layer()
    for level in range(depth):
        found = {"class_name": "TimeDistributed", "config": {"name": f"t{level}", "layer": found}}
    found["config"]["batch_input_shape"] = [None] * (depth + 2)
    return lined(found)


def nested_kwargs(depth: int) -> str:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    inputs = {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 4]}, "name": "in"}
    layer = {**dense_layer(), "name": "dense", "inbound_nodes": [[["in", 0, 0, {"mask": value}]]]}
    layers = [{**inputs, "inbound_nodes": []}, layer]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["dense", 0, 0]]}
    return json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}})


def many_layers(count: int) -> str:
    layer = {"class_name": "Dropout", "config": {"rate": 0.1}}
    return lined(dense(), *({**layer, "config": {"name": f"d{index}", "rate": 0.1}} for index in range(count)))


def shared_calls(levels: int) -> str:
    """Each Add takes the one before twice: 2^n paths."""
    inputs = {"class_name": "InputLayer", "config": {"name": "x0", "batch_input_shape": [None, 4]}, "name": "x0"}
    layers = [{**inputs, "inbound_nodes": []}]
    for index in range(1, levels):
        calls = [[[f"x{index - 1}", 0, 0, {}], [f"x{index - 1}", 0, 0, {}]]]
        layers.append(
            {"class_name": "Add", "config": {"name": f"x{index}"}, "name": f"x{index}", "inbound_nodes": calls}
        )
    last = {**dense_layer(), "name": "dense", "inbound_nodes": [[[f"x{levels - 1}", 0, 0, {}]]]}
    ends = {"input_layers": [["x0", 0, 0]], "output_layers": [["dense", 0, 0]]}
    return json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": [*layers, last], **ends}})


def laughs(levels: int = 30) -> str:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, levels))]
    return "\n".join(lines) + f"\nclass_name: Sequential\nconfig: *a{levels - 1}\n"


PYTHON_OBJECT = "class_name: Sequential\nconfig: !!python/object/apply:os.system ['touch PWNED']\n"
PYTHON_NAME = "class_name: Sequential\nconfig: !!python/name:os.system\n"
PYTHON_MODULE = "class_name: Sequential\nconfig: !!python/module:evilmod\n"
PYTHON_NEW = "class_name: !!python/object/new:subprocess.Popen [['touch', 'PWNED']]\nconfig: []\n"
WRAPPED = (
    "class_name: Sequential\nconfig: !!python/object/apply:tensorflow.python.training.tracking.data_structures."
    "ListWrapper\n- !!python/object/apply:os.system ['touch PWNED']\n"
)
SELF = "class_name: Sequential\nconfig: &a\n  layers: [*a]\n"
MERGE = "base: &b {class_name: Sequential}\n<<: [" + ", ".join(["*b"] * 50_000) + "]\nconfig: []\n"
DEEP, WIDE = "stack bombs", "memory bombs"
YAML_OBJECTS = "CVE-2021-37678: YAML that builds Python objects"
ATTACKS = [
    Attack("JSON 100,000 lists deep", DEEP, config(lambda: "[" * 100_000 + "]" * 100_000)),
    Attack("JSON 100,000 objects deep", DEEP, config(lambda: '{"a":' * 100_000 + "1" + "}" * 100_000)),
    Attack(
        "JSON 900 lists deep in a layer", DEEP, small_config(lambda: lined(dense(x=json.loads("[" * 900 + "]" * 900))))
    ),
    Attack(
        "JSON in a text in a text",
        DEEP,
        small_config(lambda: json.dumps(json.dumps(json.dumps(json.dumps({}))))),
        "BadConfig",
    ),
    Attack("models 150 deep", "modelscan overlooks nested models", small_config(lambda: nested_models(45))),
    Attack(
        "wrappers 60 deep",
        DEEP,
        small_config(lambda: nested_wrappers(60)),
        "UnsafeFile|BadConfig|UnsupportedOption|UnsupportedLayer|WeightMismatch",
    ),
    Attack(
        "call arguments 190 deep", "found here: deep call arguments", small_config(lambda: nested_kwargs(180)), HARMLESS
    ),
    Attack("call arguments 900 deep", "found here: deep call arguments", small_config(lambda: nested_kwargs(900))),
    Attack("60,000 layers", "found here: layers of a Sequential", config(lambda: many_layers(60_000))),
    Attack("sixty doublings", "2^60 paths through a graph", small_config(lambda: shared_calls(60)), ""),
    Attack("16 MB of empty lists", WIDE, config(lambda: lined(dense())[:-1] + ',"x":[' + "[]," * (5 << 20) + "1]}")),
    Attack("30 MB of numbers", WIDE, config(lambda: lined(dense())[:-1] + ',"x":[' + "1.5," * (7 << 20) + "1]}")),
    Attack("30 MB of short texts", WIDE, config(lambda: lined(dense())[:-1] + ',"x":[' + '"ab",' * (6 << 20) + "1]}")),
    Attack("a text of 24 MB", WIDE, config(lambda: lined(dense(), x="a" * (24 * MB))), "BadConfig"),
    Attack(
        "a number of 100,000 digits",
        "quadratic parsing",
        small_config(lambda: lined(dense())[:-1] + ',"x":' + "9" * 50_000 + "}"),
        "BadConfig",
    ),
    Attack(
        "keys that stand twice",
        "two readers, two models",
        small_config(lambda: '{"class_name":"x",' + lined(dense())[1:]),
        "BadConfig",
    ),
    Attack(
        "half a surrogate in a name",
        "text that cannot be written",
        small_config(lambda: lined(dense(name="dense\ud800"))),
        HARMLESS,
    ),
    Attack(
        "an escape sequence in a name",
        "text that commands a terminal",
        small_config(lambda: lined(dense(name="\x1b]0;x\x07"))),
        "WeightMismatch|BadConfig",
    ),
    Attack(
        "YAML that calls os.system", YAML_OBJECTS, given(lambda: PYTHON_OBJECT, "m.yaml"), "BadConfig", {"inspect": 1}
    ),
    Attack("YAML that names a function", YAML_OBJECTS, given(lambda: PYTHON_NAME, "m.yaml"), "BadConfig"),
    Attack("YAML that imports a module", YAML_OBJECTS, given(lambda: PYTHON_MODULE, "m.yaml"), "BadConfig"),
    Attack("YAML that makes a process", YAML_OBJECTS, given(lambda: PYTHON_NEW, "m.yaml"), "BadConfig"),
    Attack("YAML that hides a call in a ListWrapper", YAML_OBJECTS, given(lambda: WRAPPED, "m.yaml"), "BadConfig"),
    Attack("YAML that holds itself", "endless copies", given(lambda: SELF, "m.yaml"), "UnsafeFile|BadConfig"),
    Attack("YAML of aliases that double", "billion laughs", given(laughs, "m.yaml")),
    Attack("YAML of 50,000 merges", "quadratic merges", given(lambda: MERGE, "m.yaml"), "BadConfig|UnsafeFile"),
    Attack(
        "YAML 500,000 lists deep",
        DEEP,
        given(lambda: "class_name: x\nconfig: " + "[" * 500_000, "m.yaml"),
        "UnsafeFile|BadConfig",
    ),
    Attack("YAML 2,000 lists deep", DEEP, given(lambda: "class_name: x\nconfig: " + "[" * 2000 + "]" * 2000, "m.yaml")),
    Attack("4.5 MB of YAML", "found here: 62 s, 1.6 GB", given(lambda: "- {a: 1}\n" * 500_000, "m.yaml")),
    Attack(
        "1 MB of YAML", "slow parsers", given(lambda: "x: [" + "a," * 520_000 + "a]", "m.yaml"), "UnsafeFile|BadConfig"
    ),
    Attack("YAML of 1 MB in JSON's name", "slow parsers", given(lambda: "a: " * 300_000, "m.json"), "BadConfig"),
    Attack("JSON of 40 MB as an architecture", WIDE, given(lambda: lined(dense(), x="a" * (40 * MB)), "m.json")),
]
