"""Files that show the messages of Kerases, for each page one."""

from __future__ import annotations

import base64
import json
import marshal
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
from conftest import FIXTURES, ROOT, dense_layer, sequential, small_model, write_checkpoint
from saved_model_parts import saved_model

Make = Callable[[Path], Path]
DENSE = small_model()[1]
POLICY = {"class_name": "Policy", "config": {"name": "mixed_float16"}}


def depthwise(folder: Path) -> Path:
    own = {"name": "depthwise", "kernel_size": [3, 3], "groups": 1, "batch_input_shape": [None, 8, 8, 2]}
    config = sequential({"class_name": "DepthwiseConv2D", "config": own})
    weights = {
        "depthwise": {"depthwise/depthwise_kernel:0": np.ones((3, 3, 2, 1), "f4"), "depthwise/bias:0": np.ones(2, "f4")}
    }
    return write_checkpoint(folder / "old.h5", config, weights, version="2.7.0")


def gru(folder: Path) -> Path:
    own = {
        "name": "gru",
        "units": 2,
        "time_major": False,
        "reset_after": True,
        "recurrent_activation": "sigmoid",
        "batch_input_shape": [None, 5, 3],
    }
    config = sequential({"class_name": "GRU", "config": own})
    weights = {
        "gru": {
            "gru/gru_cell/kernel:0": np.ones((3, 6), "f4"),
            "gru/gru_cell/recurrent_kernel:0": np.ones((2, 6), "f4"),
            "gru/gru_cell/bias:0": np.ones((2, 6), "f4"),
        }
    }
    return write_checkpoint(folder / "old.h5", config, weights, version="2.7.0")


def weights_alone(folder: Path) -> Path:
    config, weights = small_model()
    (folder / "model.json").write_text(json.dumps(config), encoding="utf-8")
    return write_checkpoint(folder / "weights.h5", None, weights, whole=False)


def custom_loss(folder: Path) -> Path:
    import h5py

    path = write_checkpoint(folder / "old.h5", *small_model())
    training = {
        "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.1}},
        "loss": "focal_loss",
        "metrics": ["f1"],
    }
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training).encode()
    return path


def custom_class(folder: Path) -> Path:
    config, weights = small_model()
    config["config"]["layers"][0]["class_name"] = "MyDense"
    return write_checkpoint(folder / "old.h5", config, weights)


def custom_activation(folder: Path) -> Path:
    config = sequential(dense_layer(activation="my_swish", batch_input_shape=[None, 4]))
    return write_checkpoint(folder / "old.h5", config, small_model()[1])


def genuine(name: str) -> Callable[[Path], Path]:
    def copy(folder: Path) -> Path:
        path = folder / "old.h5"
        path.write_bytes((FIXTURES / f"{name}.h5").read_bytes())
        return path

    return copy


def model_of(*layers: dict[str, Any], version: str = "2.4.0", weights: Any = None) -> Make:
    """A Sequential of these layers."""
    return lambda folder: write_checkpoint(folder / "old.h5", sequential(*layers), weights or {}, version=version)


def of(class_name: str, *shape: int, **config: Any) -> dict[str, Any]:
    first = {"batch_input_shape": [None, *shape]} if shape else {}
    return {"class_name": class_name, "config": {"name": "it", **first, **config}}


def lambda_of(name: str, function: str) -> Make:
    """A Lambda with this bytecode, in the Keras that runs on this Python."""
    settings = {"function": [function, None, None], "function_type": "lambda", "arguments": {}}
    config = {"name": name, "batch_input_shape": [None, 4], **settings}
    return model_of({"class_name": "Lambda", "config": config}, version="2.15.0")


def bytecode(function: Any) -> str:
    return base64.encodebytes(marshal.dumps(function.__code__)).decode()


def face(folder: Path) -> Path:
    return Path(shutil.copy(ROOT / "docs" / "tutorials" / "face_embedding.h5", folder / "old.h5"))


def instance_normalization(folder: Path) -> Path:
    own = {"axis": -1, "epsilon": 1e-3, "center": True, "scale": True}
    weights = {"it": {"it/gamma:0": np.ones(4, "f4"), "it/beta:0": np.ones(4, "f4")}}
    return model_of(of("InstanceNormalization", 5, 4, **own), weights=weights)(folder)


def without_a_shape(folder: Path) -> Path:
    own = {"filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "activation": "linear"}
    kernel = {"it": {"it/kernel:0": np.ones((3, 3, 3, 2), "f4"), "it/bias:0": np.ones(2, "f4")}}
    flat = {"class_name": "GlobalAveragePooling2D", "config": {"name": "pool"}}
    return model_of(of("Conv2D", **own), flat, version="2.2.4", weights=kernel)(folder)


def folder_of_tensorflow(folder: Path) -> Path:
    return saved_model(folder / "saved_model")


FIXES: list[tuple[str, Callable[[Path], Path], int]] = [
    ("groups", depthwise, 0),
    ("time-major", gru, 0),
    ("batch-input-shape", genuine("keras-2.2.4__text_lstm"), 0),
    ("not-understood", genuine("tf-2.12__trained"), 0),
    ("functional", genuine("keras-2.2.4__shared_nested"), 0),
    ("nested-node", genuine("keras-2.2.4__shared_nested"), 0),
    ("cudnn", genuine("keras-2.2.4__cudnn"), 0),
    ("gone", genuine("keras-1.2.2__gone"), 0),
    ("str-decode", genuine("keras-2.0.2__cnn"), 0),
    ("loss-name", genuine("tf-2.10__trained"), 0),
    ("weight-shape", genuine("keras-1.2.2-theano__cnn"), 0),
    ("weight-count", genuine("keras-2.2.4__bidirectional"), 0),
    ("no-config", weights_alone, 0),
    ("layer-count", weights_alone, 1),
    ("weights-ending", weights_alone, 0),
    ("loss-function", custom_loss, 0),
    ("custom-class", custom_class, 2),
    ("activation", custom_activation, 0),
    ("bad-marshal", face, 0),
    ("bad-marshal", lambda_of("NAME", "4wEAAAAAAAAA"), 1),
    ("lambda-safe-mode", face, 0),
    ("lambda-shape", face, 0),
    ("lambda-name", lambda_of("it", bytecode(lambda x: x * batch_size)), 1),  # type: ignore[name-defined] # noqa: F821
    ("tf-op-lambda", genuine("ops/tf24-K_hard_sigmoid"), 0),
    ("keras-tensor", genuine("ops/tf24-gather_batch"), 0),
    ("policy", model_of(dense_layer(batch_input_shape=[None, 4], dtype=POLICY), weights=DENSE), 0),
    ("addons", instance_normalization, 1),
    ("axis-list", genuine("tf-2.4__cnn"), 0),
    ("lr", genuine("keras-2.2.4__trained"), 0),
    ("optimizer-state", genuine("tf-2.4__trained"), 0),
    ("saved-model", folder_of_tensorflow, 0),
    ("not-a-zip", genuine("keras-2.2.4__text_lstm"), 1),
    ("input-shape", without_a_shape, 1),
    ("module", model_of(of("LeakyReLU", 4, alpha=0.1), version="2.2.4"), 0),
    ("incompatible-input", genuine("keras-2.2.4__shared_nested"), 0),
    ("layer-list", genuine("keras-2.0.2__cnn"), 0),
    ("wrapped-class", genuine("keras-2.2.4__bidirectional"), 0),
    ("keyword", genuine("keras-2.0.2__cnn"), 0),
]
"""A page, a file that shows its message, and which of its commands converts the file."""


def of_keras_3(folder: Path) -> Path:
    k2to3.convert(face(folder), folder / "model.keras", verify="none")
    return folder / "model.keras"


def named_keras(folder: Path) -> Path:
    return Path(shutil.copy(FIXTURES / "keras-2.2.4__text_lstm.h5", folder / "model.keras"))


def cut_off(folder: Path) -> Path:
    path = folder / "old.h5"
    path.write_bytes((FIXTURES / "keras-2.2.4__text_lstm.h5").read_bytes()[:9000])
    return path


def a_pointer(folder: Path) -> Path:
    path = folder / "old.h5"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")
    return path


SEEN: list[tuple[str, Make, int, int, str]] = [
    ("batch-shape", of_keras_3, 0, 3, "Keras 3 opens it as it is"),
    ("dtype-policy", of_keras_3, 0, 3, "Keras 3 opens it as it is"),
    ("hub", model_of(of("KerasLayer", 4, handle="https://tfhub.dev/x")), 0, 1, "KerasLayer"),
    ("signature", a_pointer, 0, 9, "Git LFS"),
    ("truncated", cut_off, 0, 4, "truncated"),
    ("not-a-zip", named_keras, 0, 0, "a whole Keras model"),
    ("no-file", lambda folder: folder, 0, 6, "no such file"),
]
"""Pages whose command says what a file is: its exit code, and a piece of the answer."""
