"""Dense and friends, activations, merges, normalization, noise, reshaping."""

from __future__ import annotations

from tests.conformance.layers.table import Table, flags, ids, reals

TABLE = Table()
vector, sequence, image = reals(6), reals(5, 6), reals(5, 6, 4)

TABLE.each(
    "Dense",
    vector,
    {
        "plain": {"units": 3},
        "no bias": {"units": 3, "use_bias": False},
        "hard_sigmoid": {"units": 3, "activation": "hard_sigmoid"},
        "softmax": {"units": 3, "activation": "softmax"},
        "gelu": {"units": 3, "activation": "gelu"},
        "swish": {"units": 3, "activation": "swish"},
        "layer": {"units": 3, "activation": lambda k: k.layers.LeakyReLU(0.1)},
        "PReLU": {"units": 3, "activation": lambda k: k.layers.ReLU(max_value=0.5)},
        "regularized": {
            "units": 3,
            "kernel_regularizer": "l2",
            "bias_constraint": "max_norm",
            "activity_regularizer": "l1",
            "kernel_initializer": lambda k: k.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=1),
        },
        "frozen": {"units": 3, "trainable": False},
    },
)
TABLE.each("Dense", sequence, {"3D": {"units": 3}, "3D hard_sigmoid": {"units": 2, "activation": "hard_sigmoid"}})
for name in [
    "linear",
    "relu",
    "tanh",
    "sigmoid",
    "softmax",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "exponential",
    "gelu",
    "swish",
    "mish",
    "hard_sigmoid",
]:
    TABLE.each("Activation", sequence, {name: {"activation": name}})
TABLE.each(
    "Embedding",
    ids(5),
    {"plain": {"input_dim": 7, "output_dim": 3}, "length": {"input_dim": 7, "output_dim": 3, "input_length": 5}},
)
TABLE.add(
    "Embedding",
    "mask_zero",
    ids(5, high=3),
    lambda k, x: k.layers.LSTM(4)(k.layers.Embedding(7, 3, mask_zero=True)(x)),
)
TABLE.add(
    "Masking",
    "LSTM",
    flags(5, 2),
    lambda k, x: k.layers.GRU(3, return_sequences=True)(k.layers.Masking(0)(x)),
)
TABLE.each(
    "EinsumDense",
    sequence,
    {
        "plain": {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d"},
        "no bias": {"equation": "abc,bc->ab", "output_shape": 5},
        "ellipsis": {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y", "activation": "relu"},
        "hard_sigmoid": {
            "equation": "abc,cde->abde",
            "output_shape": (None, 2, 3),
            "bias_axes": "de",
            "activation": "hard_sigmoid",
        },
    },
)
TABLE.each("Identity", sequence, {"plain": {}})
for name in ("Dropout", "AlphaDropout", "GaussianDropout"):
    TABLE.each(name, sequence, {"plain": {"rate": 0.3}, "seed": {"rate": 0.3, "seed": 4}})
TABLE.each("Dropout", sequence, {"noise_shape": {"rate": 0.3, "noise_shape": (None, 1, 6)}})
TABLE.each("GaussianNoise", sequence, {"small": {"stddev": 0.3}, "large": {"stddev": 3.0}})
TABLE.each("SpatialDropout1D", sequence, {"plain": {"rate": 0.3}})
TABLE.each("SpatialDropout2D", image, {"plain": {"rate": 0.3}, "first": {"rate": 0.3, "data_format": "channels_first"}})
TABLE.each("SpatialDropout3D", reals(3, 4, 5, 2), {"plain": {"rate": 0.3}})
TABLE.each("ActivityRegularization", sequence, {"plain": {"l1": 0.1, "l2": 0.2}})
TABLE.each("Flatten", image, {"last": {}, "first": {"data_format": "channels_first"}})
TABLE.each("Flatten", reals(), {"scalar": {}})
TABLE.each("Reshape", sequence, {"plain": {"target_shape": (3, 10)}, "open": {"target_shape": (-1, 2)}})
TABLE.each("Reshape", reals(None, 4, lengths=(6,)), {"unknown": {"target_shape": (-1, 2)}})
TABLE.each("Permute", image, {"plain": {"dims": (3, 1, 2)}})
TABLE.each("RepeatVector", vector, {"plain": {"n": 3}})

TABLE.each("ELU", sequence, {"default": {}, "alpha": {"alpha": 0.5}})
TABLE.each(
    "LeakyReLU", sequence, {"default": {}, "alpha": {"alpha": 0.1}, "zero": {"alpha": 0.0}, "negative": {"alpha": -0.4}}
)
TABLE.each("LeakyReLU", reals(None, 3, lengths=(4,)), {"negative open": {"alpha": -0.4}})
TABLE.each("PReLU", image, {"plain": {}, "shared": {"shared_axes": [1, 2]}, "shared one": {"shared_axes": [2]}})
TABLE.each(
    "ReLU",
    reals(5, 6, low=-4, high=9),
    {
        "plain": {},
        "capped": {"max_value": 6.0},
        "slope": {"negative_slope": 0.2},
        "threshold": {"threshold": 1.5},
        "all": {"max_value": 5, "negative_slope": 0.1, "threshold": 0.5},
    },
)
TABLE.each("Softmax", image, {"plain": {}, "axis": {"axis": 1}, "axes": {"axis": [1, 2]}})
TABLE.each(
    "ThresholdedReLU", reals(5, 6, low=-3, high=3), {"default": {}, "theta": {"theta": 0.5}, "zero": {"theta": 0.0}}
)

for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"):
    TABLE.add(name, "two", (sequence, sequence), lambda k, a, b, n=name: getattr(k.layers, n)()([a, b]))
    TABLE.add(name, "ranks", (sequence, vector), lambda k, a, b, n=name: getattr(k.layers, n)()([a, b]))
    TABLE.add(name, "broadcast", (reals(1, 6), sequence), lambda k, a, b, n=name: getattr(k.layers, n)()([a, b]))
    TABLE.add(
        name,
        "masks",
        (ids(5, high=3), ids(5, high=3)),
        lambda k, a, b, n=name: k.layers.LSTM(3)(
            getattr(k.layers, n)()(
                [k.layers.Embedding(4, 3, mask_zero=True)(a), k.layers.Embedding(4, 3, mask_zero=True)(b)]
            )
        ),
    )
    TABLE.add(
        name,
        "one mask",
        (ids(5, high=3), ids(5, high=3)),
        lambda k, a, b, n=name: k.layers.LSTM(3)(
            getattr(k.layers, n)()([k.layers.Embedding(4, 3, mask_zero=True)(a), k.layers.Embedding(4, 3)(b)])
        ),
    )
for axis in (-1, 1, 2):
    TABLE.add("Concatenate", f"axis {axis}", (image, image), lambda k, a, b, x=axis: k.layers.Concatenate(x)([a, b]))
for axis in (-1, 1):
    TABLE.add(
        "Concatenate",
        f"masks {axis}",
        (ids(5, high=3), ids(5, high=3)),
        lambda k, a, b, x=axis: k.layers.LSTM(3)(
            k.layers.Concatenate(x)(
                [k.layers.Embedding(4, 3, mask_zero=True)(a), k.layers.Embedding(4, 3, mask_zero=True)(b)]
            )
        ),
    )
    if axis == -1:  # Along time tf-keras itself fails.
        TABLE.add(
            "Concatenate",
            f"one mask {axis}",
            (ids(5, high=3), ids(5, high=3)),
            lambda k, a, b, x=axis: k.layers.LSTM(3)(
                k.layers.Concatenate(x)([k.layers.Embedding(4, 3, mask_zero=True)(a), k.layers.Embedding(4, 3)(b)])
            ),
        )
TABLE.add("Dot", "plain", (vector, vector), lambda k, a, b: k.layers.Dot(1)([a, b]))
TABLE.add("Dot", "cosine", (vector, vector), lambda k, a, b: k.layers.Dot(1, normalize=True)([a, b]))
TABLE.add("Dot", "axes", (sequence, reals(6, 3)), lambda k, a, b: k.layers.Dot((2, 1))([a, b]))
TABLE.add("Dot", "negative", (sequence, sequence), lambda k, a, b: k.layers.Dot(-1)([a, b]))
TABLE.add("Dot", "cosine 3D", (sequence, sequence), lambda k, a, b: k.layers.Dot((1, 1), normalize=True)([a, b]))

TABLE.each(
    "BatchNormalization",
    image,
    {
        "plain": {},
        "no scale": {"scale": False},
        "bare": {"scale": False, "center": False},
        "axis 1": {"axis": 1},
        "axes": {"axis": [1, 3]},
        "axes all": {"axis": [1, 2, 3]},
        "epsilon": {"epsilon": 1e-5, "momentum": 0.9},
        "frozen": {"trainable": False},
        "synchronized": {"synchronized": True},
    },
)
TABLE.each("BatchNormalization", reals(None, 4, lengths=(3,)), {"open": {}})
TABLE.add(
    "BatchNormalization",
    "renorm",
    sequence,
    lambda k, x: __import__("tf_keras").src.layers.normalization.batch_normalization_v1.BatchNormalization(renorm=True)(
        x
    ),
)
TABLE.add(
    "BatchNormalization",
    "virtual",
    reals(4, 6, batch=4),
    lambda k, x: __import__("tf_keras").src.layers.normalization.batch_normalization_v1.BatchNormalization(
        virtual_batch_size=2
    )(x),
)
TABLE.each("SyncBatchNormalization", image, {"plain": {}, "axis 1": {"axis": 1}})
TABLE.each(
    "LayerNormalization",
    image,
    {
        "plain": {},
        "axis 1": {"axis": 1},
        "axes": {"axis": [2, 3]},
        "outer axes": {"axis": [1, 3]},
        "bare": {"axis": [1, 2], "center": False, "scale": False},
        "epsilon": {"epsilon": 1e-6},
    },
)
TABLE.each(
    "GroupNormalization",
    image,
    {
        "plain": {"groups": 2},
        "instance": {"groups": -1},
        "axis 1": {"groups": 5, "axis": 1},
        "bare": {"groups": 1, "center": False, "scale": False},
    },
)
TABLE.each("UnitNormalization", image, {"plain": {}, "axis 1": {"axis": 1}, "axes": {"axis": [1, 2]}})
TABLE.add("SpectralNormalization", "Dense", vector, lambda k, x: k.layers.SpectralNormalization(k.layers.Dense(3))(x))
TABLE.add(
    "SpectralNormalization",
    "Conv2D",
    image,
    lambda k, x: k.layers.SpectralNormalization(k.layers.Conv2D(3, 2), power_iterations=2)(x),
)
TABLE.add(
    "SpectralNormalization",
    "Embedding",
    ids(5),
    lambda k, x: k.layers.SpectralNormalization(k.layers.Embedding(7, 3))(x),
)
TABLE.add(
    "SpectralNormalization",
    "hard_sigmoid",
    vector,
    lambda k, x: k.layers.SpectralNormalization(k.layers.Dense(3, activation="hard_sigmoid"))(x),
)
TABLE.each(
    "RandomFourierFeatures",
    vector,
    {
        "gaussian": {"output_dim": 4},
        "laplacian": {"output_dim": 4, "kernel_initializer": "laplacian", "scale": 2.0},
        "trainable": {"output_dim": 4, "trainable": True},
    },
    tolerance=1e-4,
)
TABLE.add("Layer", "base", sequence, lambda k, x: k.layers.Layer()(x))
for name, mask_shape, settings in (
    ("mask argument", (5, 6), {"groups": 2}),
    ("mask of steps", (5, 1), {"groups": 3}),
    ("mask, only beta", (5, 1), {"groups": -1, "scale": False}),
    ("mask, only gamma", (5, 6), {"groups": 1, "center": False}),
    ("mask, axis 1", (5, 6), {"groups": 5, "axis": 1}),
):
    TABLE.add(
        "GroupNormalization",
        name,
        (sequence, reals(*mask_shape, dtype="bool")),
        lambda k, x, m, settings=settings: k.layers.GroupNormalization(**settings)(x, mask=m),
    )
for name, settings in (
    ("trained at inference", {}),
    ("trained at inference, axis 1", {"axis": 1}),
    ("trained at inference, only beta", {"scale": False}),
    ("trained at inference, bare", {"scale": False, "center": False}),
    ("frozen, called for training", {"trainable": False}),
):
    TABLE.add(
        "BatchNormalization",
        name,
        image,
        lambda k, x, settings=settings: k.layers.BatchNormalization(**settings)(x, training=True),
    )
TABLE.add(
    "Dropout",
    "called for training",
    vector,
    lambda k, x: k.layers.Dropout(0.5)(x, training=True),
    refused="training=True",
)
TABLE.add(
    "Bidirectional",
    "called for training",
    sequence,
    lambda k, x: k.layers.Bidirectional(k.layers.GRU(3))(x, training=True),
)
TABLE.add(
    "LSTM",
    "dropout, called for training",
    sequence,
    lambda k, x: k.layers.LSTM(3, dropout=0.5)(x, training=True),
    refused="training",
)
