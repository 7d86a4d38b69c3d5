"""The closed world of names that a Lambda may speak of."""

from __future__ import annotations

from k2to3.bytecode.plain import BUILTINS, NUMERIC

# How people import what they use, by the name it gets.
ROOTS = {
    "K": "keras.backend",
    "KB": "keras.backend",
    "KTF": "keras.backend",
    "backend": "keras.backend",
    "tf": "tensorflow",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "tf_keras": "keras",
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
    "functools": "functools",
}
MODULES = ("keras", "tensorflow", "tf_keras", "numpy", "math", "functools")
CALLING = ("sum", "map", "filter", "reduce")
PYTHON = frozenset({*BUILTINS, *NUMERIC, *CALLING})
CONSTANTS = {"True": True, "False": False, "None": None, "Ellipsis": Ellipsis}


def extend(path: str, name: str) -> str:
    """`path.name` in its usual spelling: `keras.backend.tf` is TensorFlow."""
    found = f"{path}.{name}"
    if found in ("keras.backend.tf", "keras.backend.tensorflow_backend.tf"):
        return "tensorflow"
    if found in ("keras.backend.np", "keras.backend.numpy"):
        return "numpy"
    if found in ("keras.backend.tensorflow_backend", "keras.backend.backend"):
        return "keras.backend" if name != "backend" else found
    if found == "tensorflow.keras" or found == "tensorflow.python.keras":
        return "keras"
    if found in ("keras.src", "keras.api"):
        return "keras"
    if found == "tensorflow.compat.v2":
        return "tensorflow"
    return found


NOISE = frozenset(
    {
        "keras.backend.random_normal",
        "keras.backend.random_normal_variable",
        "keras.backend.truncated_normal",
        "keras.backend.random_uniform",
        "keras.backend.dropout",
        "tensorflow.random_normal",
        "tensorflow.random.normal",
        "tensorflow.random.truncated_normal",
        "tensorflow.truncated_normal",
        "tensorflow.random_uniform",
        "tensorflow.random.uniform",
        "tensorflow.nn.dropout",
        "tensorflow.compat.v1.nn.dropout",
        "tensorflow.compat.v1.random_normal",
        "tensorflow.compat.v1.random_uniform",
        "keras.backend.in_train_phase",
        "keras.backend.in_test_phase",
        "keras.backend.learning_phase",
    }
)
