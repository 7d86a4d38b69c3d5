"""Layers with options that no other checkpoint has: one small Sequential for each, written by hand.

Each row: name, Keras version, backend, layers, weights by layer. Among them are what has to be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Weights = dict[str, dict[str, tuple[int, ...]]]
Row = tuple[str, str, str, list[Json], Weights]
Shape = Sequence[int | None]
Sizes = Mapping[str, tuple[int, ...]]


LATE = {"GroupNormalization", "UnitNormalization", "SpectralNormalization", "Identity"}
"""Classes that Keras 2.4 had not."""


def layer(class_name: str, name: str = "it", **config: Any) -> Json:
    # Every Keras writes it, and its default changed.
    gates = {"recurrent_activation": "hard_sigmoid"} if class_name.removesuffix("Cell") in GATED else {}
    return {"class_name": class_name, "config": {"name": name, **gates, **config}}


GATED = ("LSTM", "GRU", "PeepholeLSTM")


def one(
    variant: str,
    class_name: str,
    shape: Shape,
    weights: Sizes | None = None,
    *,
    version: str = "2.4.0",
    backend: str = "tensorflow",
    masked: bool = False,
    **config: Any,
) -> Row:
    """A layer alone, or behind a Masking."""
    if class_name in LATE and version == "2.4.0":
        version = "2.15.0"
    start = {"batch_input_shape": [None, *shape]}
    layers = [layer("Masking", "masking", mask_value=0.0, **start)] if masked else []
    layers.append(layer(class_name, **({} if masked else start), **config))
    named = {f"it/{name}:0": size for name, size in (weights or {}).items()}
    return (
        f"{class_name}, {variant}",
        version,
        backend,
        layers,
        {"masking": {}, "it": named} if masked else {"it": named},
    )


def batch(*shape: int, names: str = "gamma beta moving_mean moving_variance") -> dict[str, tuple[int, ...]]:
    return dict.fromkeys(names.split(), shape)


RENORM = "gamma beta moving_mean moving_variance moving_stddev renorm_mean renorm_stddev"
BATCH = [
    one("no keys", "BatchNormalization", (5,), batch(5)),
    one("its own numbers", "BatchNormalization", (5,), batch(5), momentum=0.5, epsilon=0.25, axis=[1]),
    one("no gamma", "BatchNormalization", (5,), batch(5, names="beta moving_mean moving_variance"), scale=False),
    one("no beta", "BatchNormalization", (5,), batch(5, names="gamma moving_mean moving_variance"), center=False),
    one("V1", "BatchNormalizationV1", (4, 3), batch(4), axis=1, fused=True, _USE_V2_BEHAVIOR=False),
    one("V2", "BatchNormalizationV2", (4, 3), batch(3), axis=[-1], fused=None, _USE_V2_BEHAVIOR=True),
    one("in step", "SyncBatchNormalization", (4, 3), batch(3), synchronized=True),
    one("Keras 1 names", "BatchNormalization", (5,), batch(5), version="1.2.2", mode=0, gamma_init="one",
        beta_init="zero", axis=-1),
    one("renorm", "BatchNormalization", (5,), batch(5, names=RENORM), renorm=True, renorm_clipping={"rmax": 3.0},
        renorm_momentum=0.9),
    one("renorm off", "BatchNormalization", (5,), batch(5), renorm=False, renorm_momentum=0.9, renorm_clipping=None),
    one("virtual batches", "BatchNormalization", (5,), batch(1, 1, 5), virtual_batch_size=4, axis=[2]),
    one("virtual batches of two axes", "BatchNormalization", (5, 3), batch(5), virtual_batch_size=4, axis=[1, 2]),
    one("virtual batches without axis", "BatchNormalization", (5,), batch(5), virtual_batch_size=4),
    one("virtual batches of images", "BatchNormalization", (4, 3, 5), batch(1, 1, 1, 1, 5), virtual_batch_size=4,
        axis=4, momentum=0.5),
    one("virtual batches, axis too high", "BatchNormalization", (5,), batch(1, 1, 5), virtual_batch_size=4, axis=[3]),
    one("adjustment", "BatchNormalization", (5,), batch(5), adjustment=None),
    one("two axes", "BatchNormalization", (4, 3, 2), batch(1, 4, 1, 2), axis=[1, 3]),
    one("two axes, one of the others open", "BatchNormalization", (4, None, 2), batch(1, 4, 1, 2), axis=[3, 1]),
    one("two axes, all others open", "BatchNormalization", (4, None, None, 2), batch(1, 4, 1, 1, 2), axis=[1, 4]),
    one("two axes, no gamma", "BatchNormalization", (4, 3), batch(1, 4, 3, names="beta moving_mean moving_variance"),
        axis=[1, 2], scale=False),
    one("two open axes", "BatchNormalization", (None, 3), batch(3), axis=[1, 2]),
    one("an axis in a wrapper", "BatchNormalization", (4, 3), batch(4), axis={"class_name": "__wrapped_list__",
        "items": [1]}),
    one("an axis in a tuple", "BatchNormalization", (4, 3), batch(4), axis={"class_name": "__tuple__", "items": [1]}),
    one("an axis in a tuple of a half", "BatchNormalization", (4, 3), batch(4), axis={"class_name": "__tuple__",
        "items": [1, 0.5]}),
    one("an axis in a tuple of nothing", "BatchNormalization", (4, 3), batch(4), axis={"class_name": "__tuple__"}),
    one("no adjustment, frozen, of V2", "BatchNormalizationV2", (4, 3), batch(3), adjustment=None, trainable=False),
    one("an axis in an older wrapper", "BatchNormalization", (4, 3), batch(4), axis={"value": [1]}),
    one("axis of a word", "BatchNormalization", (4, 3), batch(4), axis="channels"),
    one("axis of a half", "BatchNormalization", (4, 3), batch(4), axis=[1, 0.5]),
    one("axis too high", "BatchNormalization", (4, 3), batch(4), axis=3),
    one("axis highest", "BatchNormalization", (4, 3), batch(3), axis=2),
    one("axis too low", "BatchNormalization", (4, 3), batch(4), axis=-4),
    one("axis lowest", "BatchNormalization", (4, 3), batch(4), axis=-2),
    one("frozen", "BatchNormalization", (5,), batch(5), trainable=False),
    one("trained with", "BatchNormalization", (5,), batch(5), gamma_regularizer={"class_name": "L2", "config": {
        "l2": 0.5}}, beta_constraint={"class_name": "NonNeg", "config": {}}, moving_mean_initializer="ones",
        activity_regularizer={"class_name": "L1", "config": {"l1": 0.5}}),
    one("Keras 1 by batch", "BatchNormalization", (4, 3), batch(3), version="1.2.2", mode=2, axis=-1, epsilon=0.25),
    one("Keras 1 by batch, no numbers", "BatchNormalization", (4, 3), batch(4), version="1.2.2", mode=2, axis=1,
        momentum=0.9),
    one("Keras 1 by batch, masked", "BatchNormalization", (4, 3), batch(3), version="1.2.2", mode=2, masked=True),
    one("Keras 1 by batch, regularized", "BatchNormalization", (4, 3), batch(3), version="1.2.2", mode=2,
        activity_regularizer="l2"),
    one("by batch, renorm", "BatchNormalization", (3,), batch(3, names=RENORM), mode=2, renorm=True),
    one("by batch, virtual", "BatchNormalization", (3,), batch(3), mode=2, virtual_batch_size=2, axis=2),
    one("by batch, two axes", "BatchNormalization", (4, 3), batch(4, 3), mode=2, axis=[1, 2]),
    one("by batch, half precision", "BatchNormalization", (3,), batch(3), mode=2, dtype="mixed_float16"),
    one("by batch, initializers", "BatchNormalization", (3,), batch(3), mode=2, moving_mean_initializer="ones",
        moving_variance_initializer="ones", activity_regularizer=None, gamma_constraint="NonNeg"),
    one("Keras 1 by sample", "BatchNormalization", (4, 3), batch(3), version="1.2.2", mode=1, momentum=0.9),
    one("Keras 1 by sample, its own number", "BatchNormalization", (3,), batch(3), version="1.2.2", mode=1,
        epsilon=0.5),
]  # fmt: skip
AFFINE = "gamma beta"
LAYERWISE = [
    one("no keys", "LayerNormalization", (4, 3), batch(3, names=AFFINE)),
    one("its own number", "LayerNormalization", (4, 3), batch(3, names=AFFINE), axis=[2], epsilon=0.5),
    one("trailing axes", "LayerNormalization", (5, 4, 3), batch(4, 3, names=AFFINE), axis=[2, 3]),
    one("all axes", "LayerNormalization", (4, 3), batch(4, 3, names=AFFINE), axis=[1, 2]),
    one("an inner axis", "LayerNormalization", (4, 3), batch(4, names=AFFINE), axis=1),
    one("two inner axes", "LayerNormalization", (5, 4, 3), batch(5, 4, names=AFFINE), axis=[1, 2]),
    one("no gamma", "LayerNormalization", (4, 3), batch(3, names="beta"), scale=False),
    one("no beta", "LayerNormalization", (4, 3), batch(3, names="gamma"), center=False),
    one("batch and last", "LayerNormalization", (4, 3), batch(3, names=AFFINE), axis=[0, 2]),
    one("regularized", "LayerNormalization", (3,), batch(3, names=AFFINE), gamma_regularizer="l2",
        activity_regularizer="l1"),
    one("no keys", "GroupNormalization", (64,), batch(64, names=AFFINE)),
    one("by channel", "GroupNormalization", (4, 6), batch(6, names=AFFINE), groups=-1, epsilon=0.5),
    one("an inner axis", "GroupNormalization", (4, 6), batch(4, names=AFFINE), groups=2, axis=1),
    one("last axis by number", "GroupNormalization", (4, 6), batch(6, names=AFFINE), groups=2, axis=2),
    one("masked", "GroupNormalization", (4, 6), batch(6, names=AFFINE), groups=2, masked=True),
    one("no gamma", "GroupNormalization", (6,), batch(6, names="beta"), groups=2, scale=False),
    one("no beta", "GroupNormalization", (6,), batch(6, names="gamma"), groups=2, center=False),
    one("in a tuple", "LayerNormalization", (4, 3), batch(4, 3, names=AFFINE), axis={"class_name": "__tuple__",
        "items": [1, 2]}),
    one("frozen", "LayerNormalization", (3,), batch(3, names=AFFINE), trainable=False),
    one("frozen", "GroupNormalization", (6,), batch(6, names=AFFINE), groups=2, trainable=False),
    one("one axis", "UnitNormalization", (4, 3), axis=[1]),
    one("two axes", "UnitNormalization", (4, 3), axis=[2, 1]),
    one("no keys", "UnitNormalization", (4, 3)),
]  # fmt: skip
FOUND = {"mean": (3,), "variance": (3,), "count": ()}
STATISTICS = [
    one("no keys", "Normalization", (4, 3), FOUND),
    one("last axis by number", "Normalization", (4, 3), FOUND, axis=2),
    one("last axis in a list", "Normalization", (4, 3), FOUND, axis=[2]),
    one("an inner axis", "Normalization", (3, 5), FOUND, axis=[1]),
    one("two axes", "Normalization", (4, 3), {"mean": (4, 3), "variance": (4, 3), "count": ()}, axis=[1, 2]),
    one("no axis", "Normalization", (4, 3), {"mean": (), "variance": (), "count": ()}, axis=None),
    one("the other way", "Normalization", (3,), FOUND, invert=True),
    one("given", "Normalization", (4, 3), mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0]),
    one("given as scalars", "Normalization", (4, 3), mean=1.0, variance=2.0),
    one("given as scalars, no axis", "Normalization", (4, 3), mean=1.0, variance=2.0, axis=None),
    one("given in another shape", "Normalization", (4, 3), mean=[[1.0, 2.0, 3.0]], variance=[[[4.0, 5.0, 6.0]]]),
    one("given for two axes", "Normalization", (2, 2), mean=[[1.0, 2.0], [3.0, 4.0]], variance=[[5.0, 6.0],
        [7.0, 8.0]], axis=[1, 2]),
    one("given in wrappers", "Normalization", (3,), mean={"class_name": "__numpy__", "config": {"value": [1, 2, 3]}},
        variance={"value": [4, 5, 6]}),
    one("given, too many", "Normalization", (3,), mean=[1.0, 2.0], variance=[3.0, 4.0]),
    one("only a mean", "Normalization", (3,), mean=[1.0, 2.0, 3.0]),
    one("only a variance", "Normalization", (3,), variance=[1.0, 2.0, 3.0]),
    one("masked", "Normalization", (4, 3), FOUND, masked=True),
]  # fmt: skip


def spectral(variant: str, shape: Shape, weights: Sizes, inner: Json, **config: Any) -> Row:
    return one(variant, "SpectralNormalization", shape, weights, layer=inner, **config)


DENSE = {"kernel": (4, 3), "bias": (3,), "vector_u": (1, 3)}
SPECTRAL = [
    spectral("Dense", (4,), DENSE, layer("Dense", "inner", units=3)),
    spectral("steps", (4,), DENSE, layer("Dense", "inner", units=3, activation="relu"), power_iterations=3),
    spectral("hard gates", (4,), DENSE, layer("Dense", "inner", units=3, activation="hard_sigmoid")),
    spectral("Keras 3 lacks it", (4,), DENSE, layer("Dense", "inner", units=3, activation={
        "class_name": "LeakyReLU", "config": {"name": "leaky", "alpha": 0.25}})),
    spectral("a layer without a kernel", (4,), {"vector_u": (1, 3)}, layer("Flatten", "inner")),
    spectral("nothing", (4,), {}, {}),
    spectral("no config", (4,), {}, {"class_name": "Dense"}),
]  # fmt: skip


CORE = [
    one("no keys", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3),
    one("input_dim", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, input_dim=4, implementation=2),
    one("another input_dim", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, input_dim=5),
    one("another implementation", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, implementation=3),
    one("first implementation", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, implementation=0),
    one("no bias", "Dense", (4,), {"kernel": (4, 3)}, units=3, use_bias=False),
    one("regularized", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, bias_regularizer="l2",
        kernel_constraint="NonNeg", activity_regularizer={"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.25}}),
    one("hard", "Dense", (2, 4), {"kernel": (4, 3), "bias": (3,)}, units=3, activation="hard_sigmoid"),
    one("an open width", "Dense", (None,), {"kernel": (4, 3), "bias": (3,)}, units=3),
    one("no units", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}),
    one("another width", "Dense", (5,), {"kernel": (4, 3), "bias": (3,)}, units=3),
    one("integers", "Dense", (4,), {"kernel": (4, 3), "bias": (3,)}, units=3, dtype="int32", version="2.2.4"),
    one("no keys", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2),
    one("its own", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2, mask_zero=True,
        input_length=5, sparse=False, embeddings_initializer="ones", embeddings_regularizer="l2",
        activity_regularizer="l1"),
    one("sparse", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2, sparse=True),
    one("of rows dropped", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2, dropout=0.5,
        version="1.2.2"),
    one("no rows dropped", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2, dropout=0.0,
        version="1.2.2"),
    one("uniform", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2,
        embeddings_initializer="uniform"),
    one("random uniform", "Embedding", (5,), {"embeddings": (7, 2)}, input_dim=7, output_dim=2,
        embeddings_initializer={"class_name": "RandomUniform", "config": {"minval": -0.05, "maxval": 0.05}}),
    one("one row", "Embedding", (5,), {"embeddings": (1, 2)}, input_dim=7, output_dim=2),
    one("no value", "Masking", (5, 4)),
    one("a value", "Masking", (5, 4), mask_value=-1.5),
    one("a value in a wrapper", "Masking", (5, 4), mask_value={"class_name": "__numpy__", "value": 2.0}),
    one("a word", "Masking", (5, 4), mask_value="x"),
    one("no keys", "Flatten", (5, 4)),
    one("channels_first", "Flatten", (5, 4), data_format="channels_first"),
    one("no format", "Flatten", (5, 4), data_format=None),
    one("masked", "Flatten", (5, 4), masked=True),
    one("open", "Reshape", (6,), target_shape=[3, None]),
    one("minus one", "Reshape", (6,), target_shape=[-1, 2]),
    one("axes", "Permute", (2, 3, 4), dims=[3, 1, 2]),
    one("three", "RepeatVector", (4,), n=3),
    one("no keys", "ActivityRegularization", (4,)),
    one("both", "ActivityRegularization", (4,), l1=0.5, l2=0.25, activity_regularizer="l2"),
    one("masked", "ActivityRegularization", (5, 4), l1=0.5, masked=True),
    one("plain", "Identity", (4,)),
    one("plain", "Layer", (4,)),
    one("loss", "AddLoss", (4,), unconditional=True),
    one("metric", "AddMetric", (4,), aggregation="mean", metric_name="m"),
    one("no bias", "EinsumDense", (5, 4), {"kernel": (4, 3)}, equation="abc,cd->abd", output_shape=[None, 3]),
    one("bias", "EinsumDense", (5, 4), {"kernel": (4, 3), "bias": (3,)}, equation="abc,cd->abd",
        output_shape=[None, 3], bias_axes="d", kernel_regularizer="l2", activity_regularizer="l1"),
    one("hard", "EinsumDense", (5, 4), {"kernel": (4, 3), "bias": (3,)}, equation="abc,cd->abd",
        output_shape=[None, 3], bias_axes="d", activation="hard_sigmoid"),
    one("no kernel", "EinsumDense", (5, 4), {}, equation="abc,cd->abd", output_shape=[None, 3]),
    one("masked", "EinsumDense", (5, 4), {"kernel": (4, 3)}, equation="abc,cd->abd", output_shape=[None, 3],
        masked=True),
    one("a mixed input", "InputLayer", (4,), dtype={"class_name": "Policy", "config": {"name": "mixed_float16"}}),
    one("of doubles", "InputLayer", (4,), dtype="float64"),
    one("inferred", "InputLayer", (4,), dtype="_infer"),
    one("sparse", "InputLayer", (4,), sparse=True),
    one("a type spec", "InputLayer", (4,), type_spec={"class_name": "TypeSpec"}),
    one("no extents", "InputLayer", (-1,)),
    one("other keys", "InputLayer", (4,), ragged=False, type_spec=None, optional=False, input_dtype="float32",
        batch_size=None, input_shape=[4]),
]  # fmt: skip
OPEN_INPUTS = [
    (f"no shape before {class_name}", "2.2.4", "tensorflow",
     [layer("InputLayer", "start"), layer(class_name, **config)],
     {"it": {f"it/{name}:0": shape for name, shape in weights.items()}})
    for class_name, weights, config in (
        ("Dense", {"kernel": (4, 3), "bias": (3,)}, {"units": 3}),
        ("LSTM", {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)}, {"units": 3}),
        ("GRU", {"kernel": (4, 9), "recurrent_kernel": (3, 9), "bias": (9,)}, {"units": 3}),
        ("SimpleRNN", {"kernel": (4, 3), "recurrent_kernel": (3, 3), "bias": (3,)}, {"units": 3}),
        ("CuDNNGRU", {"kernel": (4, 9), "recurrent_kernel": (3, 9), "bias": (18,)}, {"units": 3}),
        ("CuDNNLSTM", {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (24,)}, {"units": 3}),
        ("Conv1D", {"kernel": (2, 4, 3), "bias": (3,)}, {"filters": 3, "kernel_size": [2]}),
        ("Conv2D", {"kernel": (2, 2, 4, 3), "bias": (3,)}, {"filters": 3, "kernel_size": [2, 2]}),
        ("Conv3D", {"kernel": (2, 2, 2, 4, 3), "bias": (3,)}, {"filters": 3, "kernel_size": [2, 2, 2]}),
        ("SeparableConv1D", {"depthwise_kernel": (2, 4, 1), "pointwise_kernel": (1, 4, 3), "bias": (3,)},
         {"filters": 3, "kernel_size": [2]}),
        ("SeparableConv2D", {"depthwise_kernel": (2, 2, 4, 1), "pointwise_kernel": (1, 1, 4, 3), "bias": (3,)},
         {"filters": 3, "kernel_size": [2, 2]}),
        ("DepthwiseConv2D", {"depthwise_kernel": (2, 2, 4, 1), "bias": (4,)}, {"kernel_size": [2, 2]}),
        ("Embedding", {"embeddings": (7, 2)}, {"input_dim": 7, "output_dim": 2}),
        ("Flatten", {}, {}),
    )
]  # fmt: skip


def recurrent(variant: str, class_name: str, gates: int, bias: tuple[int, ...] | None = None, **config: Any) -> Row:
    """Three units on five steps of four features."""
    weights = {"kernel": (4, 3 * gates), "recurrent_kernel": (3, 3 * gates)}
    if config.get("use_bias", True):
        weights["bias"] = bias or (3 * gates,)
    version, backend = config.pop("version", "2.4.0"), config.pop("backend", "tensorflow")
    masked = config.pop("masked", False)
    return one(variant, class_name, config.pop("shape", (5, 4)), weights, version=version, backend=backend,
               masked=masked, units=3, **config)  # fmt: skip


EVERY: Json = {
    "kernel_initializer": "ones",
    "recurrent_initializer": "zeros",
    "bias_initializer": "ones",
    "kernel_regularizer": "l1",
    "recurrent_regularizer": "l2",
    "bias_regularizer": "l1",
    "kernel_constraint": "NonNeg",
    "recurrent_constraint": "UnitNorm",
    "bias_constraint": "NonNeg",
    "activity_regularizer": "l2",
    "dropout": 0.25,
    "recurrent_dropout": 0.125,
    "implementation": 1,
}
LEAKY = {"class_name": "LeakyReLU", "config": {"name": "leaky", "alpha": 0.25}}
ODD = [
    row
    for class_name, gates in (("SimpleRNN", 1), ("GRU", 3), ("LSTM", 4))
    for row in (
        recurrent("no keys", class_name, gates),
        recurrent("every key", class_name, gates, **EVERY),
        recurrent("every key, unrolled", class_name, gates, **EVERY, activation=LEAKY),
        recurrent("no bias, unrolled", class_name, gates, use_bias=False, activation=LEAKY, recurrent_dropout=0.5),
        recurrent("most steps", class_name, gates, shape=(257, 4), activation=LEAKY),
        recurrent("all directions", class_name, gates, go_backwards=True, unroll=True, stateful=False,
                  return_state=True, return_sequences=True, input_length=5, input_dim=4),
        recurrent("masked, unroll", class_name, gates, masked=True, unroll=True),
        recurrent("masked, unroll, zeros", class_name, gates, masked=True, unroll=True, zero_output_for_mask=True,
                  return_sequences=True),
        recurrent("masked, odd, old", class_name, gates, masked=True, activation=LEAKY, version="2.2.4"),
        recurrent("masked, odd, unroll, old", class_name, gates, masked=True, activation=LEAKY, version="2.2.4",
                  unroll=True),
        recurrent("masked, odd, old, backwards", class_name, gates, masked=True, activation=LEAKY, version="2.2.4",
                  go_backwards=True, return_sequences=True),
        recurrent("masked, odd, Theano", class_name, gates, masked=True, activation=LEAKY, version="2.2.4",
                  backend="theano"),
        recurrent("hard", class_name, gates, activation="hard_sigmoid"),
        recurrent("hard gates", class_name, gates, **({} if gates == 1 else {"recurrent_activation": "hard_sigmoid"})),
        recurrent("no gate activation", class_name, gates, version="2.2.4"),
    )
]  # fmt: skip
RECURRENT = [
    *ODD,
    recurrent("reset after", "GRU", 3, (2, 9), reset_after=True),
    recurrent("reset after, unrolled", "GRU", 3, (2, 9), reset_after=True, activation=LEAKY, **{
        key: value for key, value in EVERY.items() if "dropout" not in key}),
    recurrent("reset after, hard gates", "GRU", 3, (2, 9), reset_after=True, recurrent_activation="hard_sigmoid"),
    recurrent("reset after, hard", "GRU", 3, (2, 9), reset_after=True, activation="hard_sigmoid"),
    recurrent("reset after, no bias", "GRU", 3, reset_after=True, use_bias=False, activation=LEAKY),
    recurrent("no forget bias", "LSTM", 4, unit_forget_bias=False),
    recurrent("CuDNN", "CuDNNLSTM", 4, (24,), return_sequences=True, version="2.2.4"),
    recurrent("CuDNN", "CuDNNGRU", 3, (18,), return_state=True, version="2.2.4"),
    recurrent("CuDNN, stateful", "CuDNNGRU", 3, (18,), stateful=True, version="2.2.4", shape=(5, 4)),
    *(recurrent("forgotten zeros", class_name, gates, bias, masked=True, version="2.3.0-tf", activation="tanh",
                recurrent_activation="sigmoid", zero_output_for_mask=True, reset_after=True, return_sequences=True)
      for class_name, gates, bias in (("GRU", 3, (2, 9)),)),
    recurrent("forgotten zeros", "LSTM", 4, masked=True, version="2.3.0-tf", activation="tanh",
              recurrent_activation="sigmoid", zero_output_for_mask=True, return_sequences=True),
    *(recurrent(f"zeros, not by CuDNN: {key}", "LSTM", 4, masked=True, version="2.3.0-tf", zero_output_for_mask=True,
                return_sequences=True, **{"activation": "tanh", "recurrent_activation": "sigmoid", key: value})
      for key, value in (("unroll", True), ("recurrent_dropout", 0.5), ("use_bias", False), ("activation", "relu"),
                         ("recurrent_activation", "tanh"))),
    recurrent("zeros, later", "LSTM", 4, masked=True, version="2.4.0", activation="tanh",
              recurrent_activation="sigmoid", zero_output_for_mask=True, return_sequences=True),
    recurrent("no mask", "LSTM", 4, version="2.3.0-tf", activation="tanh", recurrent_activation="sigmoid",
              zero_output_for_mask=True, return_sequences=True),
]  # fmt: skip


def cells(variant: str, weights: Sizes, cell: Json, **config: Any) -> Row:
    version = config.pop("version", "2.4.0")
    masked = config.pop("masked", False)
    return one(variant, "RNN", (5, 4), weights, version=version, masked=masked, cell=cell, **config)


def gated(kind: str, gates: int, **config: Any) -> tuple[Json, dict[str, tuple[int, ...]]]:
    sizes = {"kernel": (4, 3 * gates), "recurrent_kernel": (3, 3 * gates), "bias": (3 * gates,)}
    return layer(f"{kind}Cell", f"{kind.lower()}_cell", units=3, **config), sizes


ALONE, ALONE_SIZES = gated("LSTM", 4)
PEEPHOLES = dict.fromkeys(
    ("input_gate_peephole_weights", "forget_gate_peephole_weights", "output_gate_peephole_weights"), (3,)
)


def wrapped(kind: str, **config: Any) -> Json:
    return layer(kind, "wrapper", cell=layer("LSTMCell", "lstm_cell", units=4), **config)


SQUARE = {"kernel": (4, 16), "recurrent_kernel": (4, 16), "bias": (16,)}


CELLS = [
    *(cells(f"{kind} cell", gated(kind, gates, **EVERY)[1], gated(kind, gates, **{
        key: value for key, value in EVERY.items() if key != "activity_regularizer"})[0], return_state=True)
      for kind, gates in (("SimpleRNN", 1), ("GRU", 3), ("LSTM", 4))),
    cells("constants", ALONE_SIZES, ALONE, num_constants=1),
    cells("no constants", ALONE_SIZES, ALONE, num_constants=0, cell_config={}),
    cells("peepholes", ALONE_SIZES | PEEPHOLES, layer("PeepholeLSTMCell", "cell", units=3)),
    cells("peepholes, masked", ALONE_SIZES | PEEPHOLES, layer("PeepholeLSTMCell", "cell", units=3), masked=True,
          return_sequences=True),
    cells("on a device", SQUARE, wrapped("DeviceWrapper", device="/gpu:0")),
    cells("residual", SQUARE, wrapped("ResidualWrapper")),
    cells("residual, sequences", SQUARE, wrapped("ResidualWrapper"), return_sequences=True, return_state=True),
    cells("residual, backwards", SQUARE, wrapped("ResidualWrapper"), go_backwards=True),
    cells("residual, backwards, sequences", SQUARE, wrapped("ResidualWrapper"), go_backwards=True,
          return_sequences=True),
    cells("residual, masked", SQUARE, wrapped("ResidualWrapper"), masked=True),
    cells("residual of its own", SQUARE, wrapped("ResidualWrapper", residual_fn="f", residual_fn_type="function",
                                                     residual_fn_module="m")),
    cells("residual, no function", SQUARE, wrapped("ResidualWrapper", residual_fn=None,
                                                       residual_fn_type="function", residual_fn_module="m")),
    *(cells(f"drops out: {key}", SQUARE, wrapped("DropoutWrapper", **{key: 0.5}))
      for key in ("input_keep_prob", "output_keep_prob", "state_keep_prob")),
    cells("drops nothing out", SQUARE, wrapped("DropoutWrapper", input_keep_prob=1.0, output_keep_prob=1.0,
                                                   state_keep_prob=1.0, seed=3, variational_recurrent=False,
                                                   input_size=None)),
    cells("a wrapper of nothing", ALONE_SIZES, layer("ResidualWrapper", "wrapper")),
    one("outside", "LSTMCell", (4,), ALONE_SIZES, units=3),
    one("outside", "StackedRNNCells", (4,), {}, cells=[]),
    one("outside", "ResidualWrapper", (4,), ALONE_SIZES, cell=ALONE),
]  # fmt: skip


def pile(*kinds: str, **config: Any) -> Json:
    """Cells one upon the other."""
    held = [
        layer(kind, f"cell_{i}", units=3, **({} if "Simple" in kind else {"recurrent_activation": "sigmoid"}))
        for i, kind in enumerate(kinds)
    ]
    return layer("StackedRNNCells", "cells", cells=held, **config)


def piled(*gates: int) -> dict[str, tuple[int, ...]]:
    return {
        f"cell_{i}/{name}": size
        for i, n in enumerate(gates)
        for name, size in (("kernel", (3 if i else 4, 3 * n)), ("recurrent_kernel", (3, 3 * n)), ("bias", (3 * n,)))
    }


STACKS = [
    cells("frozen", piled(4, 3), pile("LSTMCell", "GRUCell"), trainable=False),
    cells("a frozen pile", piled(4, 3), pile("LSTMCell", "GRUCell", trainable=False)),
    cells("masked, old", piled(4, 1), pile("LSTMCell", "SimpleRNNCell"), masked=True, version="2.2.4"),
    cells("masked, unroll, old", piled(4, 1), pile("LSTMCell", "SimpleRNNCell"), masked=True, version="2.2.4",
          unroll=True),
    cells("V1 cell", ALONE_SIZES, layer("LSTMCellV1", "lstm_cell", units=3, recurrent_activation="sigmoid")),
    cells("time_major", ALONE_SIZES, ALONE, time_major=True, return_sequences=True),
    cells("a cell of its own", ALONE_SIZES, layer("Mine", "mine", units=3)),
    one("on images", "RNN", (5, 4, 2), ALONE_SIZES, cell=ALONE),
    *(recurrent("frozen", name, n, trainable=False) for name, n in (("SimpleRNN", 1), ("GRU", 3), ("LSTM", 4))),
    *(recurrent("stateful, open", name, n, stateful=True) for name, n in (("SimpleRNN", 1), ("LSTM", 4))),
    *(recurrent("odd, zeros, unroll, backwards", name, n, masked=True, activation=LEAKY, unroll=True,
                go_backwards=True, return_sequences=True, zero_output_for_mask=True) for name, n in (("GRU", 3),)),
    recurrent("zeros, not by CuDNN: reset before", "GRU", 3, masked=True, version="2.3.0-tf", activation="tanh",
              recurrent_activation="sigmoid", zero_output_for_mask=True, return_sequences=True, reset_after=False),
]  # fmt: skip
WHOLE_FRAMES = {"kernel": (3, 3, 2, 12), "recurrent_kernel": (3, 3, 3, 12), "bias": (12,)}


def frames(variant: str, weights: Sizes = WHOLE_FRAMES, shape: Shape = (5, 6, 7, 2), **config: Any) -> Row:
    settings: Json = {"recurrent_activation": "sigmoid", "padding": "same", "filters": 3, "kernel_size": [3, 3]}
    return one(variant, "ConvLSTM2D", shape, weights, **{**settings, **config})


CONV_LSTM = [
    frames("every key", **EVERY),
    frames("no forget bias", unit_forget_bias=False, dilation_rate=[2, 2]),
    frames("hard", activation="hard_sigmoid"),
    frames("time_major", time_major=True),
    frames("odd", activation=LEAKY),
    frames("odd gates", recurrent_activation=LEAKY),
    frames("no keys", padding=None, recurrent_activation="hard_sigmoid"),
    frames("an open size", shape=(5, None, 7, 2)),
    frames("an open size, channels_first", shape=(5, 2, 6, None), data_format="channels_first"),
    frames("open steps", shape=(None, 6, 7, 2)),
    frames("Theano, valid strides", version="2.2.4", backend="theano", padding="valid", strides=[2, 2]),
    frames("Theano, same strides", version="2.2.4", backend="theano", strides=[2, 2]),
    frames("Theano, an even kernel", {"kernel": (2, 3, 2, 12), "recurrent_kernel": (2, 3, 3, 12), "bias": (12,)},
           version="2.2.4", backend="theano", kernel_size=[2, 3]),
    frames("masked", masked=True, return_sequences=True),
    frames("masked, old", masked=True, version="2.2.4"),
]  # fmt: skip

ROWS: list[Row] = [
    *BATCH,
    *LAYERWISE,
    *STATISTICS,
    *SPECTRAL,
    *CORE,
    *OPEN_INPUTS,
    *RECURRENT,
    *CELLS,
    *CONV_LSTM,
    *STACKS,
]
