"""What each key holds that means the same in every layer class."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.keras2.values.kinds import (
    AXES,
    AXIS,
    COUNT,
    FLAG,
    LIST,
    NOTHING,
    NUMBER,
    OBJECT,
    RATE,
    SHAPE,
    SIZE,
    TEXT,
    Kind,
    either,
    integer,
    one_of,
    optional,
    real,
    sequence,
    whole,
)
from k2to3.keras2.values.objects import CONSTRAINT, INITIALIZER, NUMBERS, POLICY, REGULARIZER, SEED

FORMAT = one_of(None, "channels_last", "channels_first")
PADDING = one_of("valid", "same")
OPEN = real(finite=False)
LONG = 1 << 24


def _all(check: Kind, *names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, check)


def _by_weight(*weights: str) -> dict[str, Kind]:
    parts = {"initializer": INITIALIZER, "regularizer": REGULARIZER, "constraint": CONSTRAINT}
    return {f"{weight}_{part}": check for weight in weights for part, check in parts.items()}


EVERY_LAYER: Mapping[str, Kind] = {
    "name": TEXT,
    "trainable": FLAG,
    "dtype": POLICY,
    **_all(optional(FLAG), "dynamic", "autocast", "experimental_autocast"),
    **_all(optional(SHAPE, OBJECT), "query_shape", "key_shape", "value_shape"),
    **_all(optional(SHAPE), "batch_input_shape", "batch_shape", "input_shape"),
    "batch_size": optional(COUNT),
    "build_config": optional(OBJECT),
    "build_input_shape": optional(SHAPE, OBJECT, sequence(SHAPE)),
    "input_dtype": optional(TEXT),
    "activity_regularizer": REGULARIZER,
}
FLAGS = _all(
    FLAG,
    "use_bias", "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major",
    "unit_forget_bias", "reset_after", "mask_zero", "center", "scale", "renorm", "use_scale", "causal",
    "normalize", "keepdims", "invert", "crop_to_aspect_ratio", "bias", "unconditional", "use_peepholes",
    "robust_masking", "softmax_robust_masking", "pad_to_max_tokens", "force_generator", "auto_vectorize",
    "reverse_state_order", "has_input_vocabulary", "antialias", "synchronized",
)  # fmt: skip
OPTIONAL_FLAGS = _all(optional(FLAG), "zero_output_for_mask", "sparse", "ragged", "optional", "fused")
COUNTS = _all(
    COUNT,
    "units", "filters", "output_dim", "nb_filter", "filter_length", "subsample_length", "pool_length", "nb_row",
    "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3", "groups", "depth_multiplier", "n", "num_heads", "key_dim",
    "nb_feature", "height", "width", "power_iterations",
)  # fmt: skip
NUMBERS_OF = _all(RATE, "rate", "p", "dropout", "recurrent_dropout", "dropout_W", "dropout_U") | _all(
    NUMBER, "epsilon", "momentum", "renorm_momentum", "alpha", "negative_slope", "theta"
)
CHOICES: Mapping[str, Kind] = {
    "data_format": FORMAT,
    "dim_ordering": one_of("tf", "th", "default"),
    "padding": PADDING,
    "border_mode": PADDING,
    "implementation": whole(0, 3),
    "consume_less": one_of("cpu", "mem", "gpu"),
    "merge_mode": one_of("sum", "mul", "concat", "ave", None),
    "score_mode": one_of("dot", "concat"),
    "forget_bias_init": INITIALIZER,
    "rng_type": optional(TEXT),
    "interpolation": TEXT,
    "fill_mode": TEXT,
    "encoding": optional(TEXT),
    "output_mode": one_of("int", "one_hot", "multi_hot", "count", "tf_idf", "binary", "tf-idf"),
    "vocabulary_dtype": optional(TEXT),
    "equation": TEXT,
}
REST: Mapping[str, Kind] = {
    "seed": either(SEED, sequence(SEED, 2)),
    "input_dim": optional(COUNT),
    "input_length": optional(COUNT, SHAPE),
    "axis": AXES,
    "axes": either(AXIS, sequence(AXIS, 2)),
    "concat_axis": AXIS,
    "dot_axes": either(AXIS, sequence(either(AXIS, sequence(AXIS)), 2)),
    "shared_axes": optional(AXIS, sequence(AXIS)),
    "attention_axes": optional(AXES),
    "bias_axes": optional(TEXT),
    "num_constants": optional(SIZE),
    "noise_shape": optional(sequence(either(NOTHING, integer(-1)))),
    "mask_value": OPEN,
    "max_value": optional(OPEN),
    "threshold": OPEN,
    "l1": NUMBER,
    "l2": NUMBER,
    "stddev": real(0),
    "sigma": real(0),
    "offset": NUMBERS,
    "virtual_batch_size": optional(COUNT),
    "value_dim": optional(COUNT),
    "dims": sequence(integer(1, 32)),
    "target_shape": sequence(either(NOTHING, integer(-1))),
    "fill_value": NUMBER,
    "max_tokens": optional(COUNT),
    "num_tokens": optional(COUNT),
    "num_bins": optional(COUNT),
    "num_oov_indices": SIZE,
    "vocabulary_size": optional(SIZE),
    "output_sequence_length": optional(COUNT),
    "bin_boundaries": optional(sequence(OPEN, longest=LONG)),
    "bins": optional(COUNT, sequence(OPEN, longest=LONG)),
    "mean": optional(NUMBERS),
    "variance": optional(NUMBERS),
    "idf_weights": optional(NUMBERS),
    **_all(optional(OBJECT), "renorm_clipping", "arguments"),
    "feature_columns": LIST,
    **_all(INITIALIZER, "init", "inner_init"),
    **_all(REGULARIZER, "W_regularizer", "U_regularizer", "b_regularizer"),
    **_all(CONSTRAINT, "W_constraint", "U_constraint", "b_constraint"),
    **_by_weight(
        "kernel", "bias", "recurrent", "depthwise", "pointwise", "embeddings", "beta", "gamma", "alpha",
        "moving_mean", "moving_variance",
    ),
}  # fmt: skip
KEYS: Mapping[str, Kind] = {**FLAGS, **OPTIONAL_FLAGS, **COUNTS, **NUMBERS_OF, **CHOICES, **REST, **EVERY_LAYER}
