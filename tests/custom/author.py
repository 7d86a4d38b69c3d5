"""Saves models of the twins in both.py, with random weights."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
import tf_keras as k
from both import KERAS2 as OWN


def models():
    inputs = k.Input((7, 5))
    x = OWN["Block"](4, rate=0.2, name="two")(OWN["Block"](4, name="one")(k.layers.Masking()(inputs)))
    y = k.layers.Dense(4, activation=OWN["wave"])(x)
    yield "whole", k.Model(inputs, OWN["MaskedSum"]()(OWN["Pair"]()([x, y], bias=k.layers.Dense(4)(x))))
    inputs = k.Input((7, 5))
    yield "masked", k.Model(inputs, OWN["MaskedSum"]()(k.layers.Masking()(inputs)))
    inputs = k.Input((7, 5))
    yield "own_mask", k.Model(inputs, OWN["OwnMask"]()(k.layers.Masking()(inputs)))
    inputs = k.Input((5,))
    own = {"kernel_constraint": OWN["AtLeast"](0.1), "kernel_initializer": OWN["Sevens"]()}
    yield "trained", k.Model(inputs, k.layers.Dense(4, kernel_regularizer=OWN["Penalty"](0.5), **own)(inputs))
    inputs = k.Input((7, 5))
    x = k.layers.TimeDistributed(OWN["Block"](4, name="inside"), name="each")(inputs)
    yield "wrapped", k.Model(inputs, k.layers.Dense(2)(x))
    inputs = k.Input((7, 5))
    yield "cell", k.Model(inputs, k.layers.RNN(OWN["PlainCell"](3), return_sequences=True)(inputs))
    inputs = k.Input((7, 5))
    yield "both_ways", k.Model(inputs, k.layers.Bidirectional(k.layers.RNN(OWN["PlainCell"](3)))(inputs))


for label, model in models():
    generator = np.random.default_rng(0)
    model.set_weights([generator.random(w.shape) for w in model.get_weights()])
    model.save(f"{sys.argv[1]}/{label}.h5")
