"""Files and folders that are no Keras 2 checkpoint: named, and refused with the recipe."""

from __future__ import annotations

import io
import pickle
import zipfile

import k2to3
import numpy as np
import pytest
from k2to3.errors import K2to3Error


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


CASES = {
    "keras SavedModel 2.5": (
        {"m/saved_model.pb": b"x", "m/keras_metadata.pb": b"x"},
        "m",
        "tf_keras.models.load_model",
    ),
    "damaged SavedModel": ({"m/saved_model.pb": b"\x12\x7f"}, "m", 'load_model("{root}/m")'),
    "its graph file": ({"m/saved_model.pb": b"x"}, "m/saved_model.pb", "k2to3 convert {root}/m NEW.keras"),
    "its metadata": ({"m/keras_metadata.pb": b"x"}, "m/keras_metadata.pb", "k2to3 convert {root}/m NEW.keras"),
    "SavedModel without objects": ({"m/saved_model.pb": b"\x12\x00"}, "m", 'TFSMLayer("{root}/m"'),
    "SavedModel without graphs": ({"m/saved_model.pb": b"\x08\x01"}, "m", 'TFSMLayer("{root}/m"'),
    "TF-Hub module of TF 1": ({"m/saved_model.pb": b"x", "m/tfhub_module.pb": b"x"}, "m", "a TF-Hub module"),
    "checkpoint folder": ({"m/checkpoint": b"model_", "m/w.index": b"x"}, "m", 'load_weights("{root}/m/w")'),
    "checkpoint index": ({"w.index": b"x"}, "w.index", 'load_weights("{root}/w")'),
    "checkpoint data": ({"w.data-00000-of-00001": b"x"}, "w.data-00000-of-00001", 'load_weights("{root}/w")'),
    "checkpoint list": ({"checkpoint": b'model_checkpoint_path: "w"'}, "checkpoint", "a TensorFlow checkpoint"),
    "frozen graph": ({"g.pb": b"\x0a\x01"}, "g.pb", "import_graph_def"),
    "TFLite": ({"m.tflite": b"\x1c\0\0\0TFL3"}, "m.tflite", "TensorFlow Lite"),
    "TensorFlow.js, without its shards": (
        {"model.json": b'{"format": "layers-model", "modelTopology": {"keras_version": "2.4.0"}}'},
        "model.json",
        "tensorflowjs_converter",
    ),
    "TensorFlow.js": (
        {"m/model.json": b"{}", "m/group1-shard1of1.bin": b"x"},
        "m/model.json",
        "tensorflowjs_converter",
    ),
    "pickle": ({"m.pkl": pickle.dumps([1])}, "m.pkl", "can run code"),
    "PyTorch": ({"m.pt": zipped(**{"m/data.pkl": b""})}, "m.pt", "PyTorch"),
    "NumPy": ({"m.npy": array()}, "m.npy", "set_weights"),
    "NumPy zip": ({"m.npz": zipped(**{"a.npy": b""})}, "m.npz", "set_weights"),
    "zip around a checkpoint": ({"m.zip": zipped(**{"x/model.h5": b""})}, "m.zip", "around model.h5"),
    "gzip": ({"m.h5.gz": b"\x1f\x8b\x08"}, "m.h5.gz", "unpack"),
    "tar": ({"m.tar": b"\0" * 257 + b"ustar" + b"\0" * 250}, "m.tar", "unpack"),
    "safetensors": ({"m.safetensors": b"\x02\0\0\0\0\0\0\0{}"}, "m.safetensors", "without an architecture"),
    "YAML": ({"m.yaml": b"class_name: Model"}, "m.yaml", "--architecture"),
    "Python": ({"m.py": b"import keras"}, "m.py", "file.py:function"),
    "ONNX": ({"m.onnx": b"\x08\x07"}, "m.onnx", "ONNX"),
    "unpacked archive": ({"m/config.json": b"{}", "m/metadata.json": b"{}"}, "m", "zip -0"),
}
BROKEN = ("keras SavedModel 2.5", "damaged SavedModel")


@pytest.mark.parametrize("name", CASES)
def test_named_and_refused(tmp_path, name):
    files, target, text = CASES[name]
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    with pytest.raises(K2to3Error) as caught:
        k2to3.convert(tmp_path / target, tmp_path / "new.keras")
    assert text.format(root=tmp_path) in str(caught.value), str(caught.value)
    assert caught.value.exit_code == (4 if name in BROKEN else 9)
