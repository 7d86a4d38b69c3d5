"""Builds every third-party layer in tf-keras, converts it, and prints how far Keras 3 is off."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
sys.path.insert(0, str(Path(__file__).parent))

import h5py
import k2to3
import keras
import numpy as np
import originals as o
import tf_keras as k
from tf_keras.src.applications import convnext, inception_resnet_v2

TCN = {
    "nb_filters": 4, "kernel_size": 2, "nb_stacks": 1, "dilations": [1, 2], "padding": "causal",
    "use_skip_connections": True, "dropout_rate": 0.1, "return_sequences": True, "activation": "relu",
    "use_batch_norm": False, "use_layer_norm": False, "use_weight_norm": False, "kernel_initializer": "he_normal",
}  # fmt: skip

# Written and computed by the packages themselves (packages/README.md): what each file wants besides.
GELU = "lambda x: 0.5 * x * (1 + tf.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))"
TANH = "lambda x: tf.clip_by_value(tf.round((2 * tf.clip_by_value(0.5 * x + 0.5, 0, 1) - 1) * 8) / 8, -1, 0.875)"
PACKAGES = {
    "keras_bert": {
        "bert_gelu": {"lambdas": {"gelu": GELU}},
        "tasks": {"treat_as": {n: f"keras_bert>{n}" for n in ("TaskEmbedding", "MaskedGlobalMaxPool1D")}},
    },
    "named": {
        **{key: {"treat_as": ["Melspectrogram=kapre>Melspectrogram"]} for key in ("kapre_mel", "kapre_mel_two")},
        **{key: {"treat_as": ["Spectrogram=kapre>Spectrogram"]} for key in ("kapre_spec_first", "kapre_spec_power")},
        "binary": {"treat_as": {f"Binary{n}": f"nn_playground>Binary{n}" for n in ("Dense", "Conv2D")}},
        "ternary": {"treat_as": {f"Ternary{n}": f"nn_playground>Ternary{n}" for n in ("Dense", "Conv2D")}},
        "capsule": {"treat_as": {n: f"capsnet>{n}" for n in ("CapsuleLayer", "Length", "Mask")}},
        "sinc": {"treat_as": {"SincConv1D": "sincnet>SincConv1D"}},
    },
    "addons": {},
    "operations": {},
    "qkeras": {"act_tanh": {"lambdas": {"q_activation_5": TANH}}},
}


def one(layer, *shape, masked=False):
    """A model of one layer; a `Masking` in front where asked."""
    inputs = k.Input(shape)
    x = k.layers.Masking()(inputs) if masked else inputs
    return k.Model(inputs, layer(x))


def pair(layer, *shape):
    first, second = k.Input(shape), k.Input(shape)
    return k.Model([first, second], layer([first, second]))


def tcn(*shape, **settings):
    return one(o.TCN(**{**TCN, **settings}), *shape)


def models():
    yield "tcn_sigmoid", tcn(9, 3, activation="sigmoid", nb_stacks=2), {}
    yield "tcn_last_step", tcn(9, 4, return_sequences=False, use_skip_connections=False), {}
    yield "tcn_batch_norm", tcn(9, 3, use_batch_norm=True, nb_filters=[4, 5], use_skip_connections=False), {}
    yield "tcn_layer_norm", tcn(9, 3, use_layer_norm=True, padding="same", return_sequences=False), {}
    yield "tcn_weight_norm", tcn(9, 3, use_weight_norm=True), {}
    yield "tcn_masked", one(o.TCN(**TCN), 9, 3, masked=True), {}
    yield "group", one(o.GroupNormalization(groups=2), 5, 5, 6), {}
    yield "group_first", one(o.GroupNormalization(groups=3, axis=1, scale=False), 6, 5, 4), {}
    yield "instance", one(o.InstanceNormalization(groups=0), 5, 5, 6), {}
    contrib = {"treat_as": {"InstanceNormalization": "keras_contrib>InstanceNormalization"}}
    yield "contrib_instance", one(o.ContribInstance(), 5, 5, 6), contrib
    yield "contrib_instance_first", one(o.ContribInstance(axis=1), 6, 5, 4), contrib
    contrib = {"treat_as": {"GroupNormalization": "keras_contrib>GroupNormalization"}}
    yield "contrib_group", one(o.ContribGroup(groups=2, epsilon=1e-5), 4, 3, 6), contrib
    yield "contrib_group_first", one(o.ContribGroup(groups=2, axis=1), 6, 4, 3), contrib
    yield "weight_norm_dense", one(o.WeightNormalization(k.layers.Dense(3, activation="tanh")), 5), {}
    yield "weight_norm_conv", one(o.WeightNormalization(k.layers.Conv2D(3, 2, use_bias=False)), 5, 5, 2), {}
    yield "average", one(o.AttentionWeightedAverage(), 7, 4), {}
    yield "average_masked", one(o.AttentionWeightedAverage(return_attention=True), 7, 4, masked=True), {}
    named = {"treat_as": {n: f"cbaziotis>{n}" for n in ("Attention", "AttentionWithContext")}}
    yield "context", one(o.AttentionWithContext(), 7, 4, masked=True), named
    yield "context_unbiased", one(o.AttentionWithContext(bias=False), 7, 4), named
    yield "without_context", one(o.Attention(), 7, 4, masked=True), named
    yield "without_context_unbiased", one(o.Attention(bias=False), 7, 4), named
    yield "self_additive", one(o.SeqSelfAttention(units=5, attention_activation="sigmoid"), 7, 4), {}
    yield "self_unbiased", one(o.SeqSelfAttention(units=5, biased=False), 7, 4), {}
    yield "self_multiplicative", one(o.SeqSelfAttention(attention_type="multiplicative"), 7, 4), {}
    yield "bias", one(o.Bias(), 4, 3), {"version": "2.2.4"}
    yield "squeeze", one(o.SqueezeLayer(axis=2), 4, 1, 3), {}
    yield "fixed_dropout", one(o.FixedDropout(0.2, noise_shape=(None, 1, 1)), 4, 3), {}
    yield "custom_scale", pair(inception_resnet_v2.CustomScaleLayer(0.17), 4, 3), {}
    yield "layer_scale", one(convnext.LayerScale(1e-2, 6), 4, 4, 6), {}
    yield "stochastic_depth", one(convnext.StochasticDepth(0.3), 4, 4, 6), {}
    yield "hard_swish", one(k.layers.Dense(3, activation=o.h_swish), 5), {}


def prepare(model, path, version):
    generator = np.random.default_rng(1)
    weights = [w.astype("float32") if w.dtype != bool else w for w in model.get_weights()]
    model.set_weights([
        np.ones_like(w) if w.dtype == bool else generator.uniform(0.2, 1, w.shape) * generator.choice([-1, 1], w.shape)
        if not v.name.endswith("moving_variance:0") else generator.uniform(0.5, 1, w.shape)
        for w, v in zip(weights, model.weights, strict=True)
    ])  # fmt: skip
    model.save(path)
    if version:
        with h5py.File(path, "r+") as file:
            for holder in (file, file["model_weights"]):
                holder.attrs["keras_version"] = version


def feeds(model):
    generator = np.random.default_rng(2)
    values = [generator.standard_normal((3, *i.shape[1:]), dtype=np.float32) for i in model.inputs]
    if any(isinstance(layer, k.layers.Masking) for layer in model.layers):
        values[0][1, 3:] = 0
        values[0][2] = 0
    return values


def off(model, path, options):
    """The largest difference relative to the largest value of each output."""
    version = options.pop("version", None)
    prepare(model, path, version)
    target = path.with_suffix(".keras")
    k2to3.convert(path, target, verify="weights", **options)
    values = feeds(model)
    want, have = model(values), keras.saving.load_model(target, compile=False)(values)
    want, have = (x if isinstance(x, (list, tuple)) else [x] for x in (want, have))
    return max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(want, have, strict=True))


def recorded_off(folder, name, options):
    """How far the archive is off from what the package itself computed."""
    target = folder / f"{name}.keras"
    k2to3.convert(folder / f"{name}.h5", target, verify="weights", **options)
    with np.load(folder / f"{name}.npz") as kept:
        values = [kept[key] for key in sorted(kept) if key.startswith("in")]
        want = [kept[key] for key in sorted(kept) if key.startswith("out")]
    have = keras.saving.load_model(target, compile=False)(values if len(values) > 1 else values[0])
    have = have if isinstance(have, (list, tuple)) else [have]
    return max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(want, have, strict=True))


def recorded(folder, found):
    for package, options in PACKAGES.items():
        with zipfile.ZipFile(Path(__file__).with_name("packages") / f"{package}.zip") as kept:
            names = sorted({Path(name).stem for name in kept.namelist()})
            kept.extractall(folder / package)
        for name in names:
            try:
                found[f"{package}/{name}"] = recorded_off(folder / package, name, options.get(name, {}))
            except Exception as error:
                found[f"{package}/{name}"] = f"{type(error).__name__}: {error}"[:400]


def main():
    folder, found = Path(sys.argv[1]), {}
    recorded(folder, found)
    for name, model, options in models():
        try:
            found[name] = off(model, folder / f"{name}.h5", dict(options))
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"[:400]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
