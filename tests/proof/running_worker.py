"""Small models of both Kerases, by `predict` and by the way of the proof."""

from __future__ import annotations

import json
import os
import sys
import tempfile

import numpy as np


def models(keras):
    layers = keras.layers

    def convolution():
        x = keras.Input((8, 8, 2))
        return keras.Model(x, layers.Flatten()(layers.BatchNormalization()(layers.Conv2D(3, 3)(x))))

    def recurrences():
        x = keras.Input((None,), dtype="int32")
        y = layers.Embedding(9, 4, mask_zero=True)(x)
        return keras.Model(x, layers.GRU(3)(layers.Bidirectional(layers.LSTM(2, return_sequences=True))(y)))

    def two():
        a, b = keras.Input((3,)), keras.Input((3,))
        return keras.Model([a, b], [layers.Add()([a, b]), layers.Dense(2)(b)])

    def double():
        x = keras.Input((3,), dtype="float64")
        return keras.Model(x, layers.Dense(2, dtype="float64")(x))

    return {"convolution": convolution, "masked recurrences": recurrences, "two inputs": two, "float64": double}


def batches(name, generator):
    for size, length in ((3, 6), (1, 6), (2, 9)):
        if name == "convolution":
            yield [generator.standard_normal((size, 8, 8, 2)).astype("float32")]
        elif name == "masked recurrences":
            yield [generator.integers(0, 9, (size, length)).astype("int32")]
        else:
            dtype = "float64" if name == "float64" else "float32"
            yield [generator.standard_normal((size, 3)).astype(dtype) for _ in range(2 if name == "two inputs" else 1)]


def same(one, other):
    return all(a.dtype == b.dtype and np.allclose(a, b, 1e-5, 1e-6) for a, b in zip(one, other, strict=True))


def steps(keras, keras3):
    """Keras 3.15 itself counts samples for steps where the length is open, as `predict` leaves it at the second."""
    x = keras.Input((None, 3))
    model = keras.Model(x, keras.layers.TimeDistributed(keras.layers.Dense(2))(x))
    ours, generator = keras3(model), np.random.default_rng(1)
    every = [generator.standard_normal((4, length, 3)).astype("float32") for length in (6, 9, 4)]
    found = [same([keras.ops.convert_to_numpy(model(values))], ours.predict([values])) for values in every]
    known = keras3(keras.Model(model.inputs, keras.layers.Dense(2)(model.inputs[0])))
    known.predict([every[0]])
    return [*found, ours.miscounts, known.miscounts]


class Odd:
    """What only `predict` can run."""

    inputs = ()

    def __call__(self, values, training):
        raise TypeError("no symbolic tensors here")

    def predict(self, values, batch_size, verbose):
        return np.array(["predicted"])


def stateful(keras, way):
    x = keras.Input(batch_shape=(2, 4, 1))
    model = keras.Model(x, keras.layers.LSTM(2, stateful=True)(x))
    data = [np.ones((2, 4, 1), "float32")]
    first = [way(model, data)[0] for _ in range(2)]
    model.layers[1].reset_states() if hasattr(model.layers[1], "reset_states") else model.layers[1].reset_state()
    second = [model.predict(data[0], verbose=0) for _ in range(2)]
    moves = not np.allclose(first[0], first[1])
    return moves and all(np.allclose(a, b, 1e-5, 1e-6) for a, b in zip(first, second, strict=True))


def named(tf_keras):
    """Whose class a name means: Keras's own, nobody's, the user's."""
    from k2to3.proof.old_layers import DRAWN
    from k2to3.proof.rebuild import rebuild

    def built(name):
        layer = {"class_name": name, "config": {"name": "l", "units": 2, "batch_input_shape": [None, 4, 3]}}
        try:
            model = rebuild({"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}, DRAWN)
        except ValueError:
            return "unknown"
        return type(model.layers[0]).__module__.rpartition(".")[2]

    own = type("Own", (tf_keras.layers.LSTM,), {"__module__": "mine"})
    found = [built("LSTM"), built("mine>LSTM")]
    with tf_keras.utils.custom_object_scope({"LSTM": own}):
        return [*found, built("LSTM"), built("mine>LSTM")]


def loaded(keras):
    """A Sequential in a Sequential, as Keras loads it by itself and as the proof has it loaded."""
    from k2to3.proof.loaded import load

    layers = keras.layers
    inner = keras.Sequential([keras.Input((4, 3)), layers.LSTM(2, return_sequences=True), layers.Dense(3)])
    model = keras.Sequential([keras.Input((4, 3)), inner, layers.Flatten(), layers.Dense(2), layers.Dropout(0.1)])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "both.keras")
        model.save(path)
        return compared(keras, model, inner, path, load)


def compared(keras, model, inner, path, load):
    plain, built = keras.saving.load_model(path), []

    before, add, drawn = keras.Sequential.build, keras.Sequential.add, keras.initializers.VarianceScaling.__call__
    keras.Sequential.build = lambda self, shape=None: (built.append(self.name), before(self, shape))[1]
    try:
        ours = load(path, {}, compile=False)
    finally:
        keras.Sequential.build = before
    data = [np.random.default_rng(1).standard_normal((2, 4, 3)).astype("float32")]
    return {
        "built": sorted(built) == sorted([model.name, inner.name]),
        "config": plain.get_config() == ours.get_config(),
        "names": [v.path for v in plain.weights] == [v.path for v in ours.weights],
        "weights": all(np.array_equal(a, b) for a, b in zip(plain.get_weights(), ours.get_weights(), strict=True)),
        "outputs": same([plain.predict(data[0], verbose=0)], [ours.predict(data[0], verbose=0)]),
        "keras as it was": keras.Sequential.add is add and keras.initializers.VarianceScaling.__call__ is drawn,
    }


def drawn(tf_keras, layer):
    """How often the steps of a recurrent layer are drawn: while a model is built, and when it runs."""
    backend, found = sys.modules["tf_keras.src.backend"], []
    before = backend.rnn
    backend.rnn = lambda *args, **kwargs: (found.append(len(found)), before(*args, **kwargs))[1]
    try:
        x = tf_keras.Input((4, 3))
        model = tf_keras.Model(x, layer(2, recurrent_activation="relu", return_state=True)(x))
        shapes, built = [tuple(item.shape) for item in model.outputs], len(found)
        model(np.ones((1, 4, 3), "float32"))
        return shapes, built, len(found)
    finally:
        backend.rnn = before


def answer():
    import gc

    import keras
    import tf_keras
    from k2to3.proof import worker
    from k2to3.proof.old_layers import GRU, LSTM
    from k2to3.proof.running import Keras3, call, predict

    tf_keras.layers.LSTM, tf_keras.layers.GRU = LSTM, GRU
    found = {"same": {"keras3": {}, "tf-keras": {}}}
    for name, build in models(keras).items():
        model, generator = build(), np.random.default_rng(1)
        ours = Keras3(model)
        pairs = [(predict(model, values), ours.predict(values)) for values in batches(name, generator)]
        found["same"]["keras3"][name] = [same(*pair) and ours._whole for pair in pairs]
        if name == "masked recurrences":
            found["traces"] = ours._graphs[None].experimental_get_tracing_count()
    for name, build in models(tf_keras).items():
        model, generator = build(), np.random.default_rng(1)
        pairs = [(predict(model, values), call(model, values)) for values in batches(name, generator)]
        found["same"]["tf-keras"][name] = [same(*pair) for pair in pairs]
    odd = Odd()
    found["long"] = str(call(odd, [np.zeros((1, 500), "float32")])[0][0])
    odd.inputs = (keras.KerasTensor((None, 3)),)
    found["undrawn"] = str(Keras3(odd).predict([np.zeros((1, 3), "float32")])[0][0])
    found["named"] = named(tf_keras)
    found["steps"] = steps(keras, Keras3)
    found["loaded"] = loaded(keras)
    found["drawn"] = drawn(tf_keras, LSTM)
    worker.prepare(judged=True)
    found["garbage"] = gc.isenabled(), gc.get_freeze_count() > 100_000
    found["stateful"] = [stateful(tf_keras, call), stateful(keras, lambda model, data: Keras3(model).predict(data))]
    return found


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    out.write("{}\n")
    out.flush()
    for _ in sys.stdin:
        out.write(json.dumps(answer()) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
