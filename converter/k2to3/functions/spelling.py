"""The names that one function goes by."""

from __future__ import annotations

SHORT = {"tf": "tensorflow", "K": "keras.backend", "np": "numpy"}
PREFIXES = {
    "keras.ops.numpy.": "keras.ops.",
    "keras.ops.nn.": "keras.ops.",
    "keras.ops.math.": "keras.ops.",
    "keras.ops.core.": "keras.ops.",
    "tensorflow.compat.v2.": "tensorflow.",
    "tensorflow.python.keras.": "keras.",
    "tensorflow.keras.": "keras.",
    "tensorflow._api.v2.": "tensorflow.",
    "tf_keras.src.": "keras.",
    "tf_keras.": "keras.",
    "keras.src.": "keras.",
    "keras.api.": "keras.",
    "tf.": "tensorflow.",
    "np.": "numpy.",
    "K.": "keras.backend.",
}


def canonical(name: str) -> str:
    """`tf.keras.backend.mean` → `keras.backend.mean`."""
    changed = True
    while changed:
        changed = False
        for prefix, replacement in PREFIXES.items():
            if name.startswith(prefix):
                name = replacement + name.removeprefix(prefix)
                changed = True
    return name


def spellings(name: str) -> list[str]:
    """The same function under the other names that TensorFlow exports it by."""
    found = [name]
    if name.startswith("tensorflow.compat.v1."):
        found.append("tensorflow." + name.removeprefix("tensorflow.compat.v1."))
    for spelling in list(found):
        head, _, tail = spelling.removeprefix("tensorflow.").rpartition(".")
        if spelling.startswith("tensorflow.") and head in ("", "nn", "linalg", "math"):
            found += [f"tensorflow.{part}{tail}" for part in ("math.", "linalg.", "") if head != part[:-1]]
        if spelling.startswith("tensorflow.") and head == "":
            found.append(f"tensorflow.nn.{tail}")
    return found


def full(name: str) -> str:
    """`tf.cast` → `tensorflow.cast`, `K.mean` → `keras.backend.mean`."""
    head, _, tail = name.partition(".")
    return f"{SHORT.get(head, head)}.{tail}"
