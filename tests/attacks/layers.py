"""Layers that run, open or load what their config holds, at the top, in a nested model and in a wrapper."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conftest import sequential

from attacks.attack import Attack, Made
from attacks.objects import BYTECODE, CLASS, ELSEWHERE, MODULE, checkpoint

Json = dict[str, Any]
FUNCTION = {"function_type": "lambda", "output_shape_type": "raw", "output_shape": None, "arguments": {}}


def lambda_(function: Any, **more: Any) -> Json:
    return {"class_name": "Lambda", "config": {"name": "l", "function": function, **FUNCTION, **more}}


def named(module: str, name: str) -> Json:
    return lambda_(name, function_type="function", module=module)


LAYERS: dict[str, tuple[str, Json]] = {
    "a Lambda of bytecode": ("CVE-2024-3660, CVE-2025-9905", lambda_([BYTECODE, None, None])),
    "a Lambda of bytecode as an object": (
        "CVE-2024-3660",
        lambda_({"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}),
    ),
    "a Lambda whose output shape is bytecode": (
        "keras PR 23048",
        lambda_([BYTECODE, None, None], output_shape_type="lambda", output_shape=[BYTECODE, None, None]),
    ),
    "a Lambda whose mask is bytecode": ("keras PR 23048", lambda_([BYTECODE, None, None], mask=[BYTECODE, None, None])),
    "a Lambda of os.system": ("CVE-2025-1550", named("os", "system")),
    "a Lambda of a module beside the file": ("tf-keras: `Lambda._parse_function_from_config`", named(MODULE, "run")),
    "a Lambda with an object among its arguments": (
        "tf-keras PR 910",
        lambda_([BYTECODE, None, None], arguments=CLASS),
    ),
    "a Lambda of marshal that is no code": ("marshal bombs", lambda_(["WwAAAP8=", None, None])),
    "a Lambda of a megabyte": ("marshal bombs", lambda_(["A" * (8 << 20), None, None])),
    "a Lambda with a class as its default": ("tf-keras PR 910", lambda_([BYTECODE, [CLASS], [CLASS]])),
    "a TFSMLayer": (
        "keras PR 22035",
        {"class_name": "TFSMLayer", "config": {"name": "l", "filepath": "/etc", "call_endpoint": "serve"}},
    ),
    "a TorchModuleWrapper": (
        "keras PR 23017: torch.load",
        {"class_name": "TorchModuleWrapper", "config": {"name": "l", "module": "gASV"}},
    ),
    "a FlaxLayer": ("pickled modules", {"class_name": "FlaxLayer", "config": {"name": "l", "module": CLASS}}),
    "a vocabulary that is a path": (
        "CVE-2025-12058",
        {
            "class_name": "StringLookup",
            "config": {"name": "l", "vocabulary": ELSEWHERE, "batch_input_shape": [None, 1]},
        },
    ),
    "a vocabulary that is a URL": (
        "CVE-2025-12058: SSRF",
        {"class_name": "IntegerLookup", "config": {"name": "l", "vocabulary": "gs://attacker.invalid/x"}},
    ),
    "a vocabulary of text that is a path": (
        "CVE-2025-12058",
        {"class_name": "TextVectorization", "config": {"name": "l", "vocabulary": ELSEWHERE}},
    ),
    "weights of a vocabulary that are a path": (
        "CVE-2025-12058",
        {"class_name": "StringLookup", "config": {"name": "l", "vocabulary": ["a"], "idf_weights": ELSEWHERE}},
    ),
    "a vocabulary that is an object": (
        "CVE-2025-12058",
        {
            "class_name": "StringLookup",
            "config": {"name": "l", "vocabulary": {"class_name": "__tensor__", "config": CLASS}},
        },
    ),
    "a layer of a module beside the file": (
        "CVE-2025-1550",
        {"module": MODULE, "class_name": "x", "registered_name": f"{MODULE}>x", "config": {"name": "l"}},
    ),
    "a layer of Keras's own helpers": (
        "CVE-2025-8747",
        {
            "module": "keras.utils",
            "class_name": "get_file",
            "config": {"name": "l", "fname": "x", "origin": "file:///etc/passwd"},
        },
    ),
    "a layer whose class is a dotted path": (
        "CVE-2025-1550",
        {"class_name": "os.system", "config": {"name": "l"}},
    ),
    "a wrapper around a function": (
        "tf-keras: wrappers deserialise what they hold",
        {
            "class_name": "TimeDistributed",
            "config": {"name": "l", "layer": {"class_name": "function", "module": "os", "config": "system"}},
        },
    ),
    "an op that reads a file": (
        "found here: TFOpLambda file access",
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "io.read_file"}},
    ),
    "an op that writes a file": (
        "found here: TFOpLambda file access",
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "io.write_file"}},
    ),
    "an op that runs Python": (
        "found here",
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "py_function"}},
    ),
    "an op that lists files": (
        "found here",
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "io.matching_files"}},
    ),
    "an op of a path with dots": (
        "found here",
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "keras.utils.get_file"}},
    ),
    "a call of a class method": (
        "TFOpLambda",
        {"class_name": "ClassMethod", "config": {"name": "l", "cls_ref": "os", "method_name": "system"}},
    ),
}
NODES = (
    "ReadFile",
    "WriteFile",
    "PyFunc",
    "EagerPyFunc",
    "MatchingFiles",
    "PrintV2",
    "LookupTableImportV2",
    "RestoreV2",
)


def node(op: str) -> Json:
    text = json.dumps({"name": "x", "op": op, "input": ["in"], "attr": {"T": {"type": "DT_STRING"}}})
    return {"class_name": "TensorFlowOpLayer", "config": {"name": "l", "node_def": text, "constants": {"0": ELSEWHERE}}}


def top(layer: Json) -> Json:
    inner = {"batch_input_shape": [None, 4], **layer["config"]}
    return sequential({**layer, "config": inner})


def nested(layer: Json) -> Json:
    return sequential(
        {"class_name": "Sequential", "config": {"name": "inner", "layers": top(layer)["config"]["layers"]}}
    )


def wrapped(layer: Json) -> Json:
    config = {"name": "td", "batch_input_shape": [None, 5, 4], "layer": layer}
    return sequential({"class_name": "TimeDistributed", "config": config})


POSITIONS: dict[str, Callable[[Json], Json]] = {
    "at the top": top,
    "in a nested model": nested,
    "in TimeDistributed": wrapped,
}


def _made(config: Json) -> Callable[[Path], Made]:
    return lambda folder: Made(checkpoint(folder, config, {}))


def _attacks() -> Iterator[Attack]:
    listed = {**LAYERS, **{f"a node {op}": ("found here: NodeDefs", node(op)) for op in NODES}}
    for what, (stands_for, layer) in listed.items():
        for where, position in POSITIONS.items():
            yield Attack(f"{what} {where}", stands_for, _made(position(layer)), REFUSED)


REFUSED = "BadConfig|UnsupportedLayer|UnsafeFile"
ATTACKS = list(_attacks())
