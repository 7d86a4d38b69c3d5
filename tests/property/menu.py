"""Keras 2 layers for random models, by the rank of the tensor they take."""

from __future__ import annotations

from typing import Any, Callable  # noqa: UP035 - not subscriptable in the Python of an old Keras

from choices import Choices

Layer = Any
Make = Callable[[Any, Choices], Layer]

ACTIVATIONS = (
    "linear",
    "relu",
    "tanh",
    "sigmoid",
    "hard_sigmoid",
    "softmax",
    "elu",
    "selu",
    "softplus",
    "swish",
    "gelu",
)
GATES = ("sigmoid", "hard_sigmoid", "tanh")


def units(c: Choices) -> int:
    return c.pick((3, 4, 2, 5))


def activation(k: Any, c: Choices) -> Any:
    """A name, or now and then a layer object or function."""
    if c.rarely(8):
        return c.pick((k.layers.LeakyReLU(0.2), k.layers.ReLU(6.0), k.activations.tanh, k.layers.Softmax()))
    return c.pick(ACTIVATIONS)


def trained(k: Any, c: Choices) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if c.rarely(6):
        found["use_bias"] = False
    if c.rarely(8):
        found["kernel_regularizer"] = k.regularizers.l2(0.01)
    if c.rarely(8):
        found["kernel_initializer"] = c.pick(("he_normal", "orthogonal", "lecun_uniform", "random_normal"))
    if c.rarely(8):
        found["kernel_constraint"] = k.constraints.MaxNorm(3.0)
    return found


def dense(k: Any, c: Choices) -> Layer:
    return k.layers.Dense(units(c), activation=activation(k, c), **trained(k, c))


def activation_layer(k: Any, c: Choices) -> Layer:
    return k.layers.Activation(c.pick(ACTIVATIONS))


def advanced(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            lambda: k.layers.LeakyReLU(c.pick((0.3, 0.1))),
            lambda: k.layers.ReLU(c.pick((None, 6.0)), negative_slope=c.pick((0.0, 0.1)), threshold=c.pick((0.0, 0.5))),
            lambda: k.layers.ELU(c.pick((1.0, 0.5))),
            lambda: k.layers.PReLU(),
            lambda: k.layers.Softmax(),
            lambda: k.layers.ThresholdedReLU(0.4),
        )
    )()


def normal(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            lambda: k.layers.BatchNormalization(scale=not c.rarely(4), center=not c.rarely(4)),
            lambda: k.layers.LayerNormalization(epsilon=c.pick((1e-3, 1e-5))),
            lambda: k.layers.UnitNormalization(),
            lambda: k.layers.GroupNormalization(groups=1),
        )
    )()


def noise(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            lambda: k.layers.Dropout(0.3),
            lambda: k.layers.GaussianNoise(0.1),
            lambda: k.layers.GaussianDropout(0.2),
            lambda: k.layers.AlphaDropout(0.2),
            lambda: k.layers.ActivityRegularization(l2=0.01),
            lambda: k.layers.Rescaling(0.5, 0.1),
        )
    )()


def padding(c: Choices) -> str:
    return c.pick(("same", "valid"))


def conv1d(k: Any, c: Choices) -> Layer:
    kind = c.pick(("Conv1D", "SeparableConv1D", "DepthwiseConv1D", "Conv1DTranspose", "causal"))
    size = c.pick((2, 3, 1))
    if kind == "causal":
        return k.layers.Conv1D(
            units(c), size, padding="causal", dilation_rate=c.pick((1, 2)), activation=activation(k, c)
        )
    if kind == "DepthwiseConv1D":
        return k.layers.DepthwiseConv1D(size, padding=padding(c), depth_multiplier=c.pick((1, 2)))
    return getattr(k.layers, kind)(
        units(c), size, strides=c.pick((1, 2)), padding=padding(c), activation=c.pick(ACTIVATIONS)
    )


def conv2d(k: Any, c: Choices) -> Layer:
    kind = c.pick(("Conv2D", "SeparableConv2D", "DepthwiseConv2D", "Conv2DTranspose", "dilated"))
    size = c.pick((2, 3, 1, (3, 2)))
    if kind == "dilated":
        return k.layers.Conv2D(units(c), size, padding=padding(c), dilation_rate=2, activation=activation(k, c))
    if kind == "DepthwiseConv2D":
        return k.layers.DepthwiseConv2D(size, padding=padding(c), depth_multiplier=c.pick((1, 2)))
    return getattr(k.layers, kind)(
        units(c), size, strides=c.pick((1, 2)), padding=padding(c), activation=c.pick(ACTIVATIONS), **bias(c)
    )


def bias(c: Choices) -> dict[str, Any]:
    return {"use_bias": False} if c.rarely(5) else {}


def pool1d(k: Any, c: Choices) -> Layer:
    return c.pick((k.layers.MaxPooling1D, k.layers.AveragePooling1D))(2, padding=padding(c))


def pool2d(k: Any, c: Choices) -> Layer:
    return c.pick((k.layers.MaxPooling2D, k.layers.AveragePooling2D))(2, padding=padding(c))


def shape1d(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            lambda: k.layers.ZeroPadding1D(1),
            lambda: k.layers.Cropping1D(1),
            lambda: k.layers.UpSampling1D(2),
            lambda: k.layers.SpatialDropout1D(0.2),
            lambda: k.layers.Permute((2, 1)),
        )
    )()


def shape2d(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            lambda: k.layers.ZeroPadding2D(((1, 0), (0, 2))),
            lambda: k.layers.Cropping2D(1),
            lambda: k.layers.UpSampling2D(2, interpolation=c.pick(("nearest", "bilinear"))),
            lambda: k.layers.SpatialDropout2D(0.2),
            lambda: k.layers.Permute((2, 1, 3)),
        )
    )()


def reduce1d(k: Any, c: Choices) -> Layer:
    return c.pick((k.layers.GlobalAveragePooling1D, k.layers.GlobalMaxPooling1D, k.layers.Flatten))()


def reduce2d(k: Any, c: Choices) -> Layer:
    return c.pick(
        (
            k.layers.GlobalAveragePooling2D,
            k.layers.GlobalMaxPooling2D,
            k.layers.Flatten,
            lambda: k.layers.TimeDistributed(k.layers.Flatten()),
            lambda: k.layers.TimeDistributed(k.layers.GlobalMaxPooling1D()),
        )
    )()


def recurrent(k: Any, c: Choices, **settings: Any) -> Layer:
    kind = c.pick(("LSTM", "GRU", "SimpleRNN"))
    options: dict[str, Any] = {"return_sequences": c.number(2) == 0, **settings}
    if kind != "SimpleRNN":
        options["recurrent_activation"] = c.pick(GATES)
    if kind == "GRU":
        options["reset_after"] = c.number(2) == 0
    if kind == "LSTM" and c.rarely(6):
        options["unit_forget_bias"] = False
    for key, value in (("go_backwards", True), ("unroll", True), ("use_bias", False), ("dropout", 0.2)):
        if c.rarely(6):
            options[key] = value
    return getattr(k.layers, kind)(units(c), activation=c.pick(("tanh", "relu", "hard_sigmoid", "linear")), **options)


def cells(k: Any, c: Choices) -> Layer:
    made = [
        c.pick(
            (
                lambda: k.layers.LSTMCell(3, recurrent_activation=c.pick(GATES)),
                lambda: k.layers.GRUCell(3, recurrent_activation=c.pick(GATES), reset_after=c.number(2) == 0),
                lambda: k.layers.SimpleRNNCell(4),
            )
        )()
        for _ in range(1 + c.number(3))
    ]
    return k.layers.RNN(made if len(made) > 1 else made[0], return_sequences=c.number(2) == 0)


def bidirectional(k: Any, c: Choices) -> Layer:
    inner = recurrent(k, c, go_backwards=False)
    return k.layers.Bidirectional(inner, merge_mode=c.pick(("concat", "sum", "ave", "mul")))


def distributed(k: Any, c: Choices) -> Layer:
    inner = c.pick((dense, advanced, normal, noise, masking))(k, c)
    return k.layers.TimeDistributed(inner)


def distributed2(k: Any, c: Choices) -> Layer:
    inner = c.pick((recurrent, bidirectional, reduce1d, masking, conv1d, normal, advanced, distributed))(k, c)
    return k.layers.TimeDistributed(inner)


def masking(k: Any, c: Choices) -> Layer:
    return k.layers.Masking(c.pick((0.0, 0.5)))


def attention(k: Any, c: Choices) -> Layer:
    return k.layers.MultiHeadAttention(c.pick((1, 2)), c.pick((2, 3)))


def convlstm(k: Any, c: Choices) -> Layer:
    return k.layers.ConvLSTM1D(2, 2, padding=padding(c), return_sequences=c.number(2) == 0)


VECTOR = (dense, activation_layer, advanced, normal, noise, lambda k, c: k.layers.RepeatVector(3))
SEQUENCE = (
    dense,
    recurrent,
    bidirectional,
    reduce1d,
    conv1d,
    masking,
    activation_layer,
    advanced,
    normal,
    noise,
    cells,
    distributed,
    pool1d,
    shape1d,
)
IMAGE = (
    conv2d,
    reduce2d,
    dense,
    pool2d,
    shape2d,
    activation_layer,
    advanced,
    normal,
    noise,
    distributed,
    distributed2,
    convlstm,
)
MENUS = {2: VECTOR, 3: SEQUENCE, 4: IMAGE}
