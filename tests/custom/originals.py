"""Third-party layers written anew for tf-keras from their published definitions.

Not copies: each computes what the module named in the rule's docstring computes, with the
weights, names and config keys that its files hold.
"""

from __future__ import annotations

import tensorflow as tf
import tf_keras as k

addons = k.utils.register_keras_serializable("Addons")


class _Affine(k.layers.Layer):
    def __init__(self, axis=-1, epsilon=1e-3, center=True, scale=True, groups=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.settings = {"axis": axis, "epsilon": epsilon, "center": center, "scale": scale}
        if groups is not None:
            self.settings["groups"] = groups

    def build(self, shape):
        width = 1 if self.settings["axis"] is None else shape[self.settings["axis"]]
        self.gamma = self.add_weight(name="gamma", shape=(width,)) if self.settings["scale"] else None
        self.beta = self.add_weight(name="beta", shape=(width,)) if self.settings["center"] else None
        super().build(shape)

    def get_config(self):
        return {**super().get_config(), **self.settings}

    def affine(self, x, shape):
        x = x if self.gamma is None else x * tf.reshape(self.gamma, shape)
        return x if self.beta is None else x + tf.reshape(self.beta, shape)


@addons
class GroupNormalization(_Affine):
    def call(self, x):
        axis, groups = self.settings["axis"] % len(x.shape), self.settings["groups"]
        x = tf.experimental.numpy.moveaxis(x, axis, -1)
        inner = x.shape[1:-1].as_list()
        y = tf.reshape(x, [-1, *inner, groups, x.shape[-1] // groups])
        mean, variance = tf.nn.moments(y, [*range(1, len(inner) + 1), len(inner) + 2], keepdims=True)
        y = tf.reshape((y - mean) / tf.sqrt(variance + self.settings["epsilon"]), [-1, *inner, x.shape[-1]])
        return tf.experimental.numpy.moveaxis(self.affine(y, [-1]), -1, axis)


@addons
class InstanceNormalization(GroupNormalization):
    def build(self, shape):
        self.settings["groups"] = shape[self.settings["axis"]]
        super().build(shape)


class ContribInstance(_Affine):
    def call(self, x):
        axis = self.settings["axis"] % len(x.shape)
        axes = [a for a in range(1, len(x.shape)) if a != axis]
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        shape = [1] * len(x.shape)
        shape[axis] = x.shape[axis]
        return self.affine((x - mean) / (tf.sqrt(variance) + self.settings["epsilon"]), shape)


class ContribGroup(_Affine):
    def call(self, x):
        axis, groups, whole = self.settings["axis"] % len(x.shape), self.settings["groups"], x.shape.as_list()
        inner = whole[1:]
        inner[axis - 1] //= groups
        y = tf.reshape(x, [-1, groups, *inner])
        mean, variance = tf.nn.moments(y, list(range(2, len(y.shape))), keepdims=True)
        shape = [1, groups, *[1] * len(inner)]
        shape[axis + 1] = inner[axis - 1]
        y = self.affine((y - mean) / tf.sqrt(variance + self.settings["epsilon"]), shape)
        return tf.reshape(y, [-1, *whole[1:]])


ContribInstance.__name__, ContribGroup.__name__ = "InstanceNormalization", "GroupNormalization"


@addons
class WeightNormalization(k.layers.Wrapper):
    def __init__(self, layer, data_init=True, **kwargs):
        super().__init__(layer, **kwargs)
        self.data_init = data_init

    def build(self, shape):
        if not self.layer.built:
            self.layer.build(shape)
        self.v = self.layer.kernel
        self.g = self.add_weight(name="g", shape=(self.v.shape[-1],))
        self.flag = self.add_weight(name="initialized", shape=(), dtype="bool", trainable=False, initializer="zeros")
        if self.data_init:
            self.copied = self.add_weight(name="data_dep_init/kernel", shape=self.v.shape, trainable=False)
        super().build(shape)

    def call(self, x):
        axes = list(range(len(self.v.shape) - 1))
        self.layer.kernel = tf.nn.l2_normalize(self.v, axes) * self.g
        try:
            return self.layer(x)
        finally:
            self.layer.kernel = self.v

    def get_config(self):
        return {**super().get_config(), "data_init": self.data_init}


class ResidualBlock(k.layers.Layer):
    def __init__(self, filters, size, rate, padding, activation, norm, **kwargs):
        super().__init__(**kwargs)
        self.activation = k.activations.get(activation)
        self.branch = []
        for part in range(2):
            conv = k.layers.Conv1D(filters, size, dilation_rate=rate, padding=padding, name=f"conv1D_{part}")
            if norm == "weight":
                conv = WeightNormalization(conv, data_init=False, name=f"conv1D_{part}")
            self.branch.append(conv)
            if norm == "batch":
                self.branch.append(k.layers.BatchNormalization(name=f"norm_{part}"))
            if norm == "layer":
                self.branch.append(k.layers.LayerNormalization(name=f"norm_{part}"))
            self.branch.append(k.layers.Activation(activation))
        self.filters, self.matching = filters, None

    def build(self, shape):
        if shape[-1] != self.filters:
            self.matching = k.layers.Conv1D(self.filters, 1, padding="same", name="matching_conv1D")
        super().build(shape)

    def call(self, x):
        y = x
        for layer in self.branch:
            y = layer(y)
        y = self.activation(y)
        return self.activation((x if self.matching is None else self.matching(x)) + y), y


class TCN(k.layers.Layer):
    def __init__(self, **kwargs):
        self.settings = s = {key: kwargs.pop(key) for key in list(kwargs) if key not in ("name", "trainable", "dtype")}
        super().__init__(**kwargs)
        norm = next((n for n in ("batch", "layer", "weight") if s[f"use_{n}_norm"]), None)
        rates = list(s["dilations"]) * s["nb_stacks"]
        filters = s["nb_filters"] if isinstance(s["nb_filters"], list) else [s["nb_filters"]] * len(rates)
        self.blocks = [
            ResidualBlock(f, s["kernel_size"], d, s["padding"], s["activation"], norm, name=f"residual_block_{i}")
            for i, (f, d) in enumerate(zip(filters * s["nb_stacks"], rates, strict=False))
        ]

    def call(self, x):
        length, skips = x.shape[1], []
        for block in self.blocks:
            x, skip = block(x)
            skips.append(skip)
        x = tf.add_n(skips) if self.settings["use_skip_connections"] else x
        if self.settings["return_sequences"]:
            return x
        return x[:, -1] if self.settings["padding"] == "causal" else x[:, length // 2]

    def get_config(self):
        return {**super().get_config(), **self.settings}


class AttentionWeightedAverage(k.layers.Layer):
    def __init__(self, return_attention=False, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking, self.return_attention = True, return_attention

    def build(self, shape):
        self.w = self.add_weight(name=f"{self.name}_W", shape=(shape[2], 1))
        super().build(shape)

    def call(self, x, mask=None):
        logits = tf.einsum("btc,cu->bt", x, self.w)
        found = tf.exp(logits - tf.reduce_max(logits, -1, keepdims=True))
        found = found if mask is None else found * tf.cast(mask, tf.float32)
        weights = found / (tf.reduce_sum(found, 1, keepdims=True) + 1e-7)
        total = tf.einsum("bt,btc->bc", weights, x)
        return [total, weights] if self.return_attention else total

    def compute_mask(self, x, mask=None):
        return None

    def get_config(self):
        # Upstream forgets `return_attention`; a fork writes it.
        return {**super().get_config(), **({"return_attention": True} if self.return_attention else {})}


class Attention(k.layers.Layer):
    """`context` adds the context vector u; W is then a matrix."""

    context = False

    def __init__(self, bias=True, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking, self.biased = True, bias

    def build(self, shape):
        steps, width = shape[1:]
        shapes = {"W": (width, width), "b": (width,), "u": (width,)} if self.context else {"W": (width,), "b": (steps,)}
        self.w = {
            n: self.add_weight(name=f"{self.name}_{n}", shape=s) for n, s in shapes.items() if n != "b" or self.biased
        }
        super().build(shape)

    def call(self, x, mask=None):
        w = self.w
        if self.context:
            scores = tf.einsum("btc,c->bt", tf.tanh(x @ w["W"] + w.get("b", 0.0)), w["u"])
        else:
            scores = tf.tanh(tf.einsum("btc,c->bt", x, w["W"]) + w.get("b", 0.0))
        found = tf.exp(scores) if mask is None else tf.exp(scores) * tf.cast(mask, tf.float32)
        return tf.einsum("bt,btc->bc", found / (tf.reduce_sum(found, 1, keepdims=True) + 1e-7), x)

    def compute_mask(self, x, mask=None):
        return None


class AttentionWithContext(Attention):
    context = True


class SeqSelfAttention(k.layers.Layer):
    def __init__(self, units=32, attention_type="additive", attention_activation=None, biased=True, **kwargs):
        for key in ("attention_width", "history_only", "return_attention", "attention_regularizer_weight"):
            kwargs.pop(key, None)
        kwargs.pop("use_additive_bias", None)
        biased = kwargs.pop("use_attention_bias", biased)
        super().__init__(**kwargs)
        self.settings = {"units": units, "attention_type": attention_type, "attention_activation": attention_activation}
        self.biased = biased

    def build(self, shape):
        width, units = shape[2], self.settings["units"]
        add = self.settings["attention_type"] == "additive"
        shapes = {"Wt": (width, units), "Wx": (width, units), "Wa": (units, 1)} if add else {"Wa": (width, width)}
        shapes |= ({"bh": (units,)} if add else {}) | {"ba": (1,)} if self.biased else {}
        part = "Add" if add else "Mul"
        self.w = {n: self.add_weight(name=f"{self.name}_{part}_{n}", shape=s) for n, s in shapes.items()}
        super().build(shape)

    def call(self, x):
        w = self.w
        if "Wx" in w:
            pairs = (x @ w["Wt"])[:, :, None] + (x @ w["Wx"])[:, None] + w.get("bh", 0.0)
            scores = (tf.tanh(pairs) @ w["Wa"])[..., 0]
        else:
            scores = tf.einsum("bic,cd,bjd->bij", x, w["Wa"], x)
        scores = scores + w.get("ba", 0.0)
        return tf.nn.softmax(k.activations.get(self.settings["attention_activation"])(scores)) @ x

    def get_config(self):
        rest = {"attention_width": None, "history_only": False, "return_attention": False}
        rest |= {"use_additive_bias": self.biased, "use_attention_bias": self.biased}
        return {**super().get_config(), **self.settings, **rest}


class Bias(k.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(name="param_0", shape=shape[1:])
        super().build(shape)

    def call(self, x):
        return x + self.w


class SqueezeLayer(k.layers.Layer):
    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, x):
        return tf.squeeze(x, self.axis)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


class FixedDropout(k.layers.Dropout):
    pass


def h_swish(x):
    return x * tf.nn.relu6(x + 3) / 6


KERAS2 = {
    cls.__name__: cls for cls in (AttentionWeightedAverage, Bias, FixedDropout, SeqSelfAttention, SqueezeLayer, TCN)
}
