"""Inside the worker: the checkpoint compiled in tf-keras, its optimizer's state restored.

tf-keras keeps the optimizers of TensorFlow 2.10 beside its own, with the formulas of
every Keras 2 before. What it does not know of standalone Keras is done here: `clipnorm`
was the norm of all gradients, a table's gradient had all its rows, RMSprop, Adagrad and
Adadelta did not store the number of steps, and Adam without AMSGrad stored placeholders.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.engine.plan import make_plan
from k2to3.proof.comparable import Arrays, NotComparable
from k2to3.proof.handed import read_array
from k2to3.proof.oracle import load_oracle
from k2to3.sources.dialects.given import Asked
from k2to3.sources.hdf5 import read_own
from k2to3.sources.opened import open_file
from k2to3.sources.read import checkpoint_of

Json = dict[str, Any]


def compiled_oracle(job: Json, nudge: bool) -> Any:
    """The Keras 2 model, ready to go on; with `nudge`, its weights one part in 2^23 off.

    Raises:
        NotComparable: tf-keras would not continue as the file's own Keras.
    """
    import tf_keras
    from tf_keras.src.saving.legacy import saving_utils

    model, label = load_oracle(job, {})
    if "flipped" in label:
        raise NotComparable("Theano's kernels are flipped in tf-keras, their optimizer arrays are not")
    if nudge:
        model.set_weights([_nudged(w) for w in model.get_weights()])
    given = json.loads(json.dumps(job["training"]["config"]))
    config = given["optimizer_config"]
    if job["training"]["standalone"]:
        _standalone(config["config"])
    given["optimizer_config"] = json.loads(json.dumps(config))
    arguments = saving_utils.compile_args_from_training_config(given)
    arguments["optimizer"] = optimizer = tf_keras.optimizers.deserialize(config)
    if job["training"]["standalone"]:
        optimizer._transform_unaggregated_gradients = _whole
    arguments.update(metrics=None, weighted_metrics=None)
    model.compile(**arguments)
    _restore(model, [read_array(item, job["files"]) for item in job["optimizer"]])
    return model


def _whole(pairs: Any) -> Any:
    """Gradients of all rows of a table: standalone Keras moved on the rows of absent tokens too."""
    import tensorflow as tf

    return [(None if gradient is None else tf.convert_to_tensor(gradient), variable) for gradient, variable in pairs]


def _nudged(value: Any) -> Any:
    return value * np.float32(1 + 2**-23) if value.dtype.kind == "f" else value


def _standalone(config: Json) -> None:
    norm = config.pop("clipnorm", None)
    if norm:
        config["global_clipnorm"] = norm
    if not config.get("clipvalue"):
        config.pop("clipvalue", None)


def _restore(model: Any, values: list[Any]) -> None:
    optimizer = model.optimizer
    if hasattr(optimizer, "build"):
        optimizer.build(model.trainable_variables)
        wanted = list(optimizer.variables)
    else:
        optimizer._create_all_weights(model.trainable_variables)
        wanted = list(optimizer.weights)
    if len(values) <= 1 and all(value.shape == () and value == 0 for value in values):
        # Compiled and never trained: no step was counted, and tf-keras, too, starts with what it has just built.
        return
    if len(values) == len(wanted) - 1:
        values = [np.array(0), *values]
    if type(optimizer).__name__ == "Adam" and len(values) > len(wanted):
        values = values[: len(wanted)]
    if [tuple(v.shape) for v in values] != [tuple(w.shape) for w in wanted]:
        raise NotComparable("tf-keras orders the optimizer's arrays otherwise than this file")
    for variable, value in zip(wanted, values, strict=True):
        variable.assign(value)


def converted_weights(model: Any, folder: Path) -> Arrays:
    """The model's weights as the archive would hold them."""
    path = folder / "trained.h5"
    model.save(path, save_format="h5", include_optimizer=False)
    file = open_file(path)
    # This process wrote the file itself: there is nothing to examine.
    with checkpoint_of(file, read_own(file), Asked()) as checkpoint:
        groups = make_plan(checkpoint, compile=False).groups
        return {f"{g.path}/vars/{i}".lstrip("/"): e.evaluate() for g in groups for i, e in enumerate(g.variables)}
