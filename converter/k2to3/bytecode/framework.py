"""Functions of Keras or TensorFlow that were given to a Lambda directly: `Lambda(K.abs)`."""

from __future__ import annotations

import re

from k2to3.bytecode.code import Code
from k2to3.bytecode.stored import Stored
from k2to3.bytecode.values import NotRecovered, Symbol

INSTALLED = re.compile(r"(?:site|dist)-packages/(keras|tf_keras|tensorflow|tensorflow_core)/(.*)\.py\Z")
MODULES = (
    (re.compile(r".*keras/(?:src/|_impl/keras/)?backend(?:/.*)?\Z"), "keras.backend"),
    (re.compile(r".*keras/(?:src/|_impl/keras/)?activations\Z"), "keras.activations"),
    (re.compile(r"tensorflow[^/]*/python/ops/(?:gen_)?nn(?:_\w+)?\Z"), "tensorflow.nn"),
    (re.compile(r"tensorflow[^/]*/python/ops/(?:gen_)?image(?:_\w+)?\Z"), "tensorflow.image"),
    (re.compile(r"tensorflow[^/]*/python/ops/(?:gen_)?(?:math|array)_ops\Z"), "tensorflow"),
)
# Where Keras's backend and TensorFlow mean the same by one name.
# fmt: off
SHARED = frozenset({
    "abs", "square", "exp", "log", "round", "sign", "sin", "cos", "relu", "sigmoid", "tanh", "softplus", "softsign",
    "softmax", "elu", "reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "l2_normalize", "zeros_like",
    "ones_like",
})
# fmt: on


def framework_symbol(stored: Stored) -> Symbol | None:
    """The framework's function that the code is; None for a function of the user's.

    Raises:
        NotRecovered: it is the framework's, but the file does not say which.
    """
    code = stored.code
    match = INSTALLED.search(code.filename.replace("\\", "/"))
    if match is None or code.name == "<lambda>":
        # InceptionResNetV2 in keras.applications holds one: read like the user's.
        return None
    path = f"{match[1]}/{match[2]}"
    if path.endswith(("util/dispatch", "util/traceback_utils")):
        names = {value for value in stored.closure if isinstance(value, str)}
        known = sorted(names & SHARED)
        if len(known) == 1:
            return Symbol(
                f"keras.backend.{known[0]}" if not known[0].startswith("reduce_") else f"tensorflow.{known[0]}"
            )
        raise NotRecovered("it is a function of TensorFlow's whose name is not in the file")
    return _named(path, code)


def _named(path: str, code: Code) -> Symbol:
    for pattern, module in MODULES:
        if pattern.match(path):
            return Symbol(f"{module}.{code.name}")
    raise NotRecovered(f"it is {code.name} of {path}, which has no equivalent")
