# ruff: noqa
"""Records the cases in the Keras of the interpreter that runs this: file attributes, and what it computed.

    python author.py keras|tf.keras OUT.npz.json [--only PATTERN]

Runs on Python 3.6 and later, Keras 2.0 and later, TensorFlow 1.4 and later.
"""

import json
import os
import re
import sys
import tempfile
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import warnings

warnings.simplefilter("ignore")

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases import DTYPES, cases, values

if os.environ.get("KERAS_BACKEND") == "theano":
    tf = None
else:
    import tensorflow as tf

    (tf.get_logger() if hasattr(tf, "get_logger") else __import__("logging").getLogger("tensorflow")).setLevel("ERROR")
if sys.argv[1] == "keras":
    import keras
else:
    keras = tf.keras
K = keras.backend
EAGER = tf is not None and sys.argv[1] != "keras" and getattr(tf, "executing_eagerly", bool)()


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def saved(model, path):
    """The attributes of the genuine file, but for weights that it does not have."""
    model.save(path)
    with h5py.File(path, "r") as file:
        return {name: text(file.attrs[name]) for name in ("model_config", "keras_version", "backend")}


def computed(model, inputs):
    given = inputs if len(inputs) > 1 else inputs[0]
    if EAGER:
        found = model([tf.constant(x) for x in inputs] if len(inputs) > 1 else tf.constant(given))
    elif sys.argv[1] == "keras" or not hasattr(model, "predict_on_batch"):
        found = K.function(model.inputs + [K.learning_phase()], model.outputs)(inputs + [0])
    else:
        found = model.predict_on_batch(given)
    found = found if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(x) for x in found]


def record(source, specs, folder):
    function = eval(compile("lambda x: " + source, "<ipython-input-1>", "eval"), {"K": K, "tf": tf, "np": np})
    # Python 3.6 to 3.11 compile the same whether they read a module or an expression.
    inputs = [
        keras.layers.Input(tuple(int(n) for n in s[1:].split(",") if n), dtype=DTYPES.get(s[0], "float32"))
        for s in specs
    ]
    output = keras.layers.Lambda(function, name="it")(inputs if len(inputs) > 1 else inputs[0])
    model = keras.models.Model(inputs, output)
    attributes = saved(model, os.path.join(folder, "it.h5"))
    found = computed(model, [values(spec, place) for place, spec in enumerate(specs)])
    return attributes, [(str(x.dtype), list(x.shape), np.ascontiguousarray(x).tobytes().hex()) for x in found]


def main():
    only = sys.argv[4] if len(sys.argv) > 3 else ""
    rows, failed = {}, {}
    folder = tempfile.mkdtemp()
    for name, function, specs, source in cases():
        if only and not re.search(only, name):
            continue
        K.clear_session()
        try:
            attributes, outputs = record(source, specs, folder)
            rows[name] = {"source": source, "inputs": list(specs), "file": attributes, "outputs": outputs}
        except Exception as error:  # an author's Keras throws what it likes
            failed[name] = {
                "source": source,
                "inputs": list(specs),
                "why": "%s: %s" % (type(error).__name__, " ".join(str(error).split())[:200]),
            }
            if os.environ.get("SHOW"):
                traceback.print_exc()
    versions = {
        "keras": getattr(keras, "__version__", None),
        "tensorflow": tf.__version__ if tf else None,
        "python": sys.version.split()[0],
    }
    public = sorted(n for n in dir(K) if not n.startswith("_") and callable(getattr(K, n)))
    with open(sys.argv[2], "w") as file:
        json.dump({"versions": versions, "public": public, "rows": rows, "failed": failed}, file)
    print(versions, len(rows), "recorded,", len(failed), "failed")


main()
