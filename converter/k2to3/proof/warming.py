"""Inside the worker, before it is sealed: what JAX and PyTorch do at their first run, on a model of our own.

They load compilers, dialects and optimizers when these are first used, never because of a file.
"""

from __future__ import annotations

import keras
import numpy as np

# Each has a file of its own on PyTorch.
OPTIMIZERS = ("Adadelta", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lion", "Nadam", "RMSprop", "SGD")


def warm() -> None:
    """Run a small model once on the backend of this process; TensorFlow does it all when it is imported."""
    if keras.backend.backend() == "tensorflow":
        return
    keras.utils.disable_interactive_logging()
    inputs = keras.Input((2,))
    # To draw numbers, JAX compiles a program.
    model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="zeros")(inputs))
    model.predict(np.zeros((1, 2), "float32"), verbose=0)
    for optimizer in OPTIMIZERS:
        getattr(keras.optimizers, optimizer)()
