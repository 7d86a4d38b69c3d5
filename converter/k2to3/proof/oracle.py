"""Inside the worker: the checkpoint in tf-keras, as the Keras that wrote it meant it.

tf-keras is not always right on old files. What it gets wrong and what is done about it:
missing `reset_after` means False; an integer `dtype` on an Embedding is that of its input;
CuDNN layers do not run on a CPU (tf-keras converts their weights itself); kernels of Theano
files are flipped; before TF 2.2 a masked Bidirectional did not zero its outputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from k2to3.proof import interpreted
from k2to3.proof.deadline import deadline
from k2to3.proof.handed import VariablesFile, WeightsFile
from k2to3.proof.old_layers import DRAWN, old_layers
from k2to3.proof.oracle_by_path import load_by_path
from k2to3.proof.rebuild import rebuild
from k2to3.proof.zeroed import zeroed_by
from k2to3.rules.common import known_initializer
from k2to3.rules.training_flag import RANDOM

Json = dict[str, Any]
MODAL = "ModalBatchNormalization"
# Seconds. tf-keras asks forever for a node it numbers otherwise: a nested model of Keras 2.3 and
# before whose first layer is no InputLayer (`reconstruct_from_config`, `_should_skip_first_node`).
LOADING = 300


def load_oracle(job: Json, twins: dict[str, Any]) -> tuple[Any, str]:
    """The model and a label that says how it was loaded; `twins` are the user's classes."""
    import tf_keras

    with tf_keras.utils.custom_object_scope(twins), deadline(LOADING, "loading"):
        return _load(job)


def _load(job: Json) -> tuple[Any, str]:
    import tf_keras

    label = f"tf-keras {tf_keras.__version__}"
    config = json.loads(json.dumps(job["model_config"]))
    changes = sorted(set(adapt(config)))
    if job["accept_noise_off"] and noise_off(config):
        changes.append("forced noise off")
    left_out = list(_drop(config, frozenset(job["drop"]), keep=job["custom_objects"] is not None))
    changes += [f"without {', '.join(sorted(set(left_out)))}"] if left_out else []
    if job["input_shape_given"] or _with_input_shape(config, job["input_shapes"]):
        changes.append("with the input shape")
    if job["vocabularies_given"]:
        changes.append("with the vocabularies given")
    scope = prepare_lambdas(config, job)
    changes += ["Lambda functions interpreted, not executed"] if scope else []
    scope |= _old_layers(config, job, changes)
    with tf_keras.utils.custom_object_scope(scope):
        model = _build(job, config)
    if job["theano"]:
        changes += _flip_kernels(model)
    changes += _zero_masked(model, zeroed_by(job))
    if job["unmasked_attention"] and _masks_ignored(model):
        changes.append("MultiHeadAttention without automatic masks")
    return model, f"{label}, adapted ({'; '.join(changes)})" if changes else label


def _with_input_shape(config: Json, shapes: list[list[int | None]]) -> bool:
    """Give the first layer a shape: Keras 2.0 to 2.2 lost the shape of a Sequential that began with an InputLayer."""
    inner = config["config"]
    layers = inner if isinstance(inner, list) else inner.get("layers", [])
    if config["class_name"] != "Sequential" or not layers or (isinstance(inner, dict) and "build_input_shape" in inner):
        return False
    first = layers[0]["config"]
    if layers[0]["class_name"] == "InputLayer" or first.get("batch_input_shape") or "layers" in first:
        return False
    first["batch_input_shape"] = shapes[0]
    return True


def _drop(value: Any, names: frozenset[str], keep: bool) -> Iterator[str]:
    """Take out what plays no part in outputs: what the user has dropped, and first values of the author's own."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if str(key).endswith(("_regularizer", "_constraint")) and item is not None:
            if (name := _name(item)) in names:
                value[key] = None
                yield name
        elif str(key).endswith("_initializer") and item is not None:
            known = known_initializer(item)
            if _is_random(item) if known else not keep:
                # The weights of the file take its place.
                value[key] = "zeros"
            if not known and not keep:
                yield _name(item)
        elif isinstance(item, (dict, list)):
            yield from _drop(item, names, keep)


def _is_random(value: Any) -> bool:
    return any(word in _name(value).lower() for word in ("uniform", "normal", "orthogonal", "scaling"))


def _name(value: Any) -> str:
    return str(value.get("class_name") if isinstance(value, dict) else value)


def noise_off(config: Json) -> bool:
    """Take `training=True` from the calls of random layers, as the user accepted."""
    found = False
    for layer in _layers(config):
        for settings in _settings(layer.get("inbound_nodes")) if layer["class_name"] in RANDOM else ():
            found = settings.pop("training", None) is True or found
    return found


def _settings(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _settings(item)


def prepare_lambdas(config: Json, job: Json) -> dict[str, Any]:
    """Lambda layers of `config` become interpreted ones; the classes that this takes."""
    if '"Lambda"' not in json.dumps(config):
        return {}
    if not interpreted.interpreted(config):
        return {}
    names = {name: interpreted.decoded(kind, text) for name, kind, text in job["lambda_globals"]}
    interpreted.InterpretedLambda.k2to3 = {"tf1": job["tf1"], "lambdas": job["lambdas"], "globals": names}
    return {"InterpretedLambda": interpreted.InterpretedLambda}


def _build(job: Json, config: Json) -> Any:
    model = rebuild(config, DRAWN)
    if job["by_path"]:
        load_by_path(model, VariablesFile(job))
    else:
        from tf_keras.src.saving.legacy import hdf5_format

        if job["cut"]:
            # What is left may be sorted otherwise than the whole was.
            hdf5_format.load_weights_from_hdf5_group_by_name(WeightsFile(job), model)
        else:
            hdf5_format.load_weights_from_hdf5_group(WeightsFile(job), model)
    return model


def adapt(config: Json) -> Iterator[str]:
    """Repair the architecture in place where tf-keras reads old files wrongly."""
    for layer in _layers(config):
        inner = layer["config"]
        if not isinstance(inner, dict):
            continue
        for change in CHANGES:
            text = change(layer, inner)
            if text:
                yield text


def _layers(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if "class_name" in node and "config" in node:
            yield node
        for value in node.values():
            yield from _layers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _layers(value)


def _reset_after(layer: Json, inner: Json) -> str:
    if layer["class_name"] in ("GRU", "GRUCell") and "reset_after" not in inner:
        inner["reset_after"] = False
        return "reset_after=False where the key is missing"
    return ""


def _embedding_dtype(layer: Json, inner: Json) -> str:
    if layer["class_name"] == "Embedding" and str(inner.get("dtype")).startswith("int"):
        inner["dtype"] = "float32"
        return "Embedding computes in float32"
    return ""


def _cudnn(layer: Json, inner: Json) -> str:
    if layer["class_name"] in ("CuDNNLSTM", "CuDNNGRU"):
        layer["class_name"] = layer["class_name"].removeprefix("CuDNN")
        inner.update(recurrent_activation="sigmoid")
        if layer["class_name"] == "GRU":
            inner["reset_after"] = True
        return "CuDNN layers as plain ones"
    return ""


SHAPES = ("query_shape", "key_shape", "value_shape")


def _attention_shapes(layer: Json, inner: Json) -> str:
    if layer["class_name"] == "MultiHeadAttention" and any(inner.get(key) is None for key in SHAPES):
        # TF 2.4 wrote none; without all three, its weights are made when it is called.
        inner.update(dict.fromkeys(SHAPES))
        return "MultiHeadAttention without shapes"
    return ""


def _frozen(layer: Json, inner: Json) -> str:
    if layer["class_name"] == "BatchNormalization" and inner.get("freeze") is True:
        inner.pop("freeze")
        return "keras-resnet's frozen BatchNormalization as Keras's own at inference"
    return ""


def _modes(layer: Json, inner: Json) -> str:
    if layer["class_name"] != "BatchNormalization" or "mode" not in inner:
        return ""
    if inner["mode"] == 0:
        inner.pop("mode")
        return "Keras 1 keys dropped"
    layer["class_name"] = MODAL
    return "Keras 1's modes of BatchNormalization"


def _old_layers(config: Json, job: Json, changes: list[str]) -> dict[str, Any]:
    found = old_layers(json.dumps(config), job)
    changed = sorted(found.keys() - {MODAL})
    changes += [f"{', '.join(changed)} as that release had it"] if changed else []
    return found


# Keras 1 steered its implementation with these; tf-keras does not know them.
KERAS1_ONLY = ("consume_less", "input_dtype")


def _keras1_keys(layer: Json, inner: Json) -> str:
    only = (*KERAS1_ONLY, "input_length") if layer["class_name"].startswith("Conv") else KERAS1_ONLY
    dropped = [key for key in only if inner.pop(key, None) is not None]
    return "Keras 1 keys dropped" if dropped else ""


def _function_names(layer: Json, inner: Json) -> str:
    """tf-keras writes a function of the user's in a form that it cannot read itself."""
    found = [k for k, v in inner.items() if isinstance(v, dict) and v.get("class_name") == "function"]
    for key in found:
        inner[key] = inner[key]["config"]
    return "functions by name" if found else ""


CHANGES: tuple[Callable[[Json, Json], str], ...] = (
    _reset_after,
    _function_names,
    _embedding_dtype,
    _cudnn,
    _attention_shapes,
    _keras1_keys,
    _frozen,
    _modes,
)
FLIPPED = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose")


def _flip_kernels(model: Any) -> list[str]:
    flipped = False
    for layer in _all_layers(model):
        count = {**dict.fromkeys(FLIPPED, 1), "ConvLSTM2D": 2}.get(type(layer).__name__, 0)
        if not count:
            continue
        weights = layer.get_weights()
        axes = tuple(range(weights[0].ndim - 2))
        weights[:count] = [np.flip(kernel, axes) for kernel in weights[:count]]
        layer.set_weights(weights)
        flipped = True
    return ["Theano kernels flipped"] if flipped else []


def _masks_ignored(model: Any) -> bool:
    """TF before 2.10 used no masks of the inputs, only `attention_mask`; there was no causal mask either."""
    found = False
    for layer in _all_layers(model):
        if type(layer).__name__ == "MultiHeadAttention":
            layer._compute_attention_mask = _explicit_mask
            found = True
    return found


def _explicit_mask(
    query: Any, value: Any, key: Any = None, attention_mask: Any = None, use_causal_mask: bool = False
) -> Any:
    return attention_mask


def _zero_masked(model: Any, zeroed: dict[str, bool]) -> list[str]:
    """Masked steps of a Bidirectional as its author's Keras treated them."""
    found = []
    for layer in _all_layers(model):
        wanted = zeroed.get(layer.name) if type(layer).__name__ == "Bidirectional" else None
        for inner in () if wanted is None else (layer.forward_layer, layer.backward_layer):
            if bool(getattr(inner, "zero_output_for_mask", False)) != wanted:
                inner.zero_output_for_mask = wanted
                found.append(f"masked steps of Bidirectional {'zeroed, the last one too' if wanted else 'not zeroed'}")
    return list(dict.fromkeys(found))


def _all_layers(model: Any) -> Iterator[Any]:
    yield from model._flatten_layers(include_self=False)
