"""Functions that the user gives for a Lambda: in the words of `keras.ops`, as text and as Python functions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import k2to3
import pytest
from conftest import Json, members, write_checkpoint

TABLE = Path(__file__).with_name("keras_ops.txt")
TEXTS = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
# Stand-ins: nothing of them may ever be called.
ops, os_like = ModuleType("keras.src.ops"), ModuleType("os")
SCALE = 2.5
CALLED: list[Any] = []


def named_model(shape: tuple[int, ...]) -> Json:
    """A Lambda of which only the name of its function is stored."""
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["lam", 0, 0]]}
    layers = [
        {"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
         "config": {"name": "in", "batch_input_shape": [None, *shape], "dtype": "float32"}},
        {"class_name": "Lambda", "name": "lam", "inbound_nodes": [[["in", 0, 0, {}]]],
         "config": {"name": "lam", "function": "f", "function_type": "function", "arguments": {}}},
    ]  # fmt: skip
    return {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}


def convert(folder: Path, function: Any, name: str = "new", verify: str = "weights") -> dict[str, bytes]:
    path = write_checkpoint(folder / "old.h5", named_model((4, 4)), {}, version="2.4.0")
    k2to3.convert(path, folder / f"{name}.keras", verify=verify, overwrite=True, lambdas={"lam": function})
    return members(folder / f"{name}.keras")


def doubled(x: Any) -> Any:
    return x * 2.0


def with_default(x: Any, factor: float = SCALE) -> Any:
    CALLED.append(x)
    return ops.relu(doubled(x)) * factor + SCALE


def closure(shift: float) -> Any:
    return lambda x: ops.mean(ops.square(x - shift), axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: ops.softmax(x, axis=1) + SCALE, "lambda x: ops.softmax(x, axis=1) + 2.5"),
        (lambda x: doubled(x), "lambda x: x * 2.0"),
        (closure(0.5), "lambda x: ops.mean(ops.square(x - 0.5), axis=-1, keepdims=True)"),
    ],
)
def test_a_python_function_means_what_its_text_does(function, text, tmp_path):
    assert convert(tmp_path, function) == convert(tmp_path, text)


def test_it_is_never_run(tmp_path):
    convert(tmp_path, with_default)
    assert CALLED == []


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: os_like.system(x), "os_like"),
        (lambda x: ops.argmax(x), "without an axis"),
        (lambda x: ops.add(ops.cast(x, "int32"), x), "two dtypes"),
        (lambda x: missing(x), "missing"),  # noqa: F821
        (print, "source text"),
    ],
)
def test_refused(function, message, tmp_path):
    with pytest.raises(k2to3.K2to3Error, match=message):
        convert(tmp_path, function)


@pytest.mark.keras
@pytest.mark.parametrize("backend", ["tensorflow"])
def test_keras_ops_are_those_of_keras_3(backend, tmp_path):
    for index, text in enumerate(TEXTS):
        convert(tmp_path, text, str(index), "none")
    worker = Path(__file__).with_name("keras_ops_worker.py")
    environment = {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, str(worker), str(tmp_path), str(TABLE)]
    found = json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout)
    assert len(found) == len(TEXTS)
    assert {text: verdict for text, verdict in found.items() if verdict != "equal"} == {}
