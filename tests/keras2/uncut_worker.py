"""Compares a cut archive with tf-keras on the whole file, which tf-keras itself is asked for inner tensors of."""

from __future__ import annotations

import json
import sys

import keras
import numpy as np
import tensorflow as tf
import tf_keras

LENGTH = 4


def sample(tensor, generator):
    shape = [2 if axis == 0 else n or LENGTH for axis, n in enumerate(tensor.shape)]
    values = generator.integers(0, 3, shape) if "int" in str(tensor.dtype) else generator.normal(size=shape)
    # Some whole steps are zeros, which masks look for.
    values[..., :1] = 0
    return np.abs(np.round(values)).astype(tf.as_dtype(tensor.dtype).as_numpy_dtype)


def compare(job):
    whole = tf_keras.models.load_model(job["source"], compile=False)
    cut = keras.saving.load_model(job["archive"], compile=False)
    inner = tf_keras.Model(whole.inputs, whole.get_layer(job["layer"]).get_output_at(-1))
    generator = np.random.default_rng(0)
    feed = {tensor.name.split(":")[0]: sample(tensor, generator) for tensor in whole.inputs}
    want = inner.predict([feed[tensor.name.split(":")[0]] for tensor in whole.inputs], verbose=0)
    given = [feed[tensor.name] for tensor in cut.inputs]
    have = cut.predict(given if len(given) > 1 else given[0], verbose=0)
    want, have = np.asarray(want, np.float64), np.asarray(have, np.float64)
    return {
        "same": want.shape == have.shape,
        "error": float(np.abs(want - have).max(initial=0)),
        "scale": float(np.abs(want).max(initial=0)),
        "inputs": [len(whole.inputs), len(given)],
    }


print(json.dumps({"keras": keras.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps([compare(job) for job in json.loads(line)["jobs"]]), flush=True)
