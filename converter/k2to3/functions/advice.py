"""What to say about an operation that has no equivalent."""

from __future__ import annotations

from k2to3.errors import UnsupportedOption
from k2to3.functions.spelling import canonical

# By part of the symbol; the first that fits speaks.
ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("__operators__.eq", "__operators__.ne"),
        "Keras 2 did not save what `x == c` compares with; write tf.equal(x, c) in the old environment and save again",
    ),
    (("einsum", "meshgrid"), "Keras 2 did not save all its operands; not even Keras 2 can load this file"),
    (
        ("random.", "random_", "dropout"),
        "Keras 3 has no operation that stays random under predict(); use GaussianNoise or Dropout layers",
    ),
    (
        ("ragged", "sparse"),
        "the operations of Keras 3 take no ragged tensors; pad to a dense tensor with a mask before the model",
    ),
    (("strings.", "string", "regex"), "strings do not exist on JAX and PyTorch; do this before the model, in tf.data"),
    (
        ("boolean_mask", "unique", "dynamic_", "setdiff", "nonzero"),
        "the shape of its result depends on the data; keep the shape and multiply by the mask instead",
    ),
    (("ctc_batch_cost", "ctc_loss"), "it is a loss, of training alone: --outputs LAYER converts up to what predicts"),
    (("lookup", "hash"), "use a StringLookup or IntegerLookup layer"),
    (("py_function", "numpy_function", "py_func"), "it calls Python code that is not in the file"),
    (("while_loop", "scan", "map_fn", "cond", "case", "foldl", "foldr"), "its body is code that is not in the file"),
    (("signal.", "spectral"), "complex tensors do not exist in a Keras 3 graph; only their real and imaginary parts"),
)
GENERAL = "replace it by a Keras layer in the old environment and save again"


def advice(symbol: str) -> str:
    """The nearest way out for a symbol."""
    name = canonical(symbol)
    return next((text for parts, text in ADVICE if any(part in name for part in parts)), GENERAL)


def unsupported(name: str, layer: str) -> UnsupportedOption:
    """The error for a symbol without an equivalent, with the nearest advice."""
    return UnsupportedOption(f"the operation {canonical(name)} has no exact equivalent", layer=layer, hint=advice(name))
