"""Inside the worker: the checkpoint compiled in tf-keras, its optimizer's state restored.

tf-keras keeps the optimizers of TensorFlow 2.10 beside its own, with the formulas of
every Keras 2 before. What it does not know of standalone Keras is done here: `clipnorm`
was the norm of all gradients, RMSprop, Adagrad and Adadelta did not store the number of
steps, and Adam without AMSGrad stored placeholders.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from k2to3.proof.oracle import load_oracle
from k2to3.proof.training import Arrays, NotComparable, read_variables

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
    arguments["optimizer"] = tf_keras.optimizers.deserialize(config)
    arguments.update(metrics=None, weighted_metrics=None)
    model.compile(**arguments)
    _restore(model, job["checkpoint"])
    return model


def _nudged(value: Any) -> Any:
    return value * np.float32(1 + 2**-23) if value.dtype.kind == "f" else value


def _standalone(config: Json) -> None:
    norm = config.pop("clipnorm", None)
    if norm:
        config["global_clipnorm"] = norm
    if not config.get("clipvalue"):
        config.pop("clipvalue", None)


def _restore(model: Any, path: str) -> None:
    optimizer, values = model.optimizer, _stored(path)
    if hasattr(optimizer, "build"):
        optimizer.build(model.trainable_variables)
        wanted = list(optimizer.variables)
    else:
        optimizer._create_all_weights(model.trainable_variables)
        wanted = list(optimizer.weights)
    if len(values) == len(wanted) - 1:
        values = [np.array(0), *values]
    if type(optimizer).__name__ == "Adam" and len(values) > len(wanted):
        values = values[: len(wanted)]
    if [tuple(v.shape) for v in values] != [tuple(w.shape) for w in wanted]:
        raise NotComparable("tf-keras orders the optimizer's arrays otherwise than this file")
    for variable, value in zip(wanted, values, strict=True):
        variable.assign(value)


def _stored(path: str) -> list[Any]:
    from k2to3.source.h5 import read_checkpoint

    with read_checkpoint(Path(path)) as checkpoint:
        return [tensor.read() for tensor in checkpoint.optimizer_weights()]


def converted_weights(model: Any, folder: Path) -> Arrays:
    """The model's weights as the archive would hold them."""
    from k2to3.convert import convert

    source, target = folder / "trained.h5", folder / "reference.keras"
    model.save(source, save_format="h5", include_optimizer=False)
    convert(source, target, verify="none", compile=False, overwrite=True)
    return read_variables(target)
