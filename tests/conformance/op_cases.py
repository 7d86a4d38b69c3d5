"""One small model for each TensorFlow function and form of its arguments.

Runs in whatever Keras 2 it is started with (Python 3.6 or later, TF 1.15 to tf-keras 2.21):

    python op_cases.py FOLDER [--only PATTERN]

writes FOLDER/<case>.h5 and FOLDER/<case>.npz with inputs and outputs at three batch sizes.
Cases that this version cannot build, save or run are listed in FOLDER/skipped.json.
"""

from __future__ import print_function

import argparse
import json
import os
import re
import sys

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

# The batch of 4 equals other extents on purpose: TensorFlow's backend of Keras 3 takes
# some additions for a bias then. The batch of 1 catches axes that are squeezed.
BATCHES = (4, 1, 3)

# name: (shape without batch, dtype, low, high)
INPUTS = {
    "v": ((4,), "float32", -2, 2),
    "w": ((4,), "float32", -2, 2),
    "p": ((4,), "float32", 0.1, 0.9),
    "o": ((1,), "float32", -1, 1),
    "s": ((5, 4), "float32", -2, 2),
    "t": ((5, 4), "float32", -2, 2),
    "q": ((4, 4), "float32", -1, 1),
    "u": ((3, 5, 4), "float32", -1, 1),
    "img": ((8, 6, 3), "float32", 0, 1),
    "deep": ((4, 6, 8), "float32", -1, 1),
    "i": ((4,), "int32", 0, 4),
    "j": ((4,), "int32", 1, 5),
    "l": ((), "int32", 1, 5),
    "dyn": ((None, 4), "float32", -2, 2),
    "dimg": ((None, None, 3), "float32", 0, 1),
    "wave": ((16,), "float32", -1, 1),
    "half": ((4,), "float16", -2, 2),
}
DYNAMIC = {"dyn": (6, 4), "dimg": (6, 8, 3)}
CASES = []


def case(name, inputs, function, least=None):
    CASES.append((name, inputs.split(), function, least))


def cases(tf, K):
    """All cases; `tf` and `K` are those of the running version."""
    del CASES[:]
    case_operators(tf, K)
    case_elementary(tf, K)
    case_reductions(tf, K)
    case_shaping(tf, K)
    case_runtime_shapes(tf, K)
    case_slicing(tf, K)
    case_gathering(tf, K)
    case_linalg(tf, K)
    case_nn(tf, K)
    case_convolution(tf, K)
    case_image(tf, K)
    case_backend(tf, K)
    case_graphs(tf, K)
    return list(CASES)


def case_operators(tf, K):
    c = np.array([1.0, -2.0, 3.0, 0.5], "float32")
    case("op_add", "v w", lambda x, y: x + y)
    case("op_add_scalar", "v", lambda x: x + 2.0)
    case("op_radd_scalar", "v", lambda x: 2.0 + x)
    case("op_add_array", "v", lambda x: x + c)
    case("op_radd_array", "v", lambda x: tf.constant(c) + x)
    case("op_add_column", "v o", lambda x, y: x + y)
    case("op_radd_column", "v o", lambda x, y: y + x)
    case("op_add_keepdims", "s", lambda x: x + tf.reduce_sum(x, axis=1, keepdims=True))
    case("op_add_keepdims_last", "q", lambda x: x + tf.reduce_sum(x, axis=-1, keepdims=True))
    case("op_add_matrix", "q", lambda x: x + np.arange(16, dtype="float32").reshape(4, 4))
    case("op_add_column_array", "q", lambda x: x + np.arange(4, dtype="float32").reshape(4, 1))
    case("op_add_row_rank", "s v", lambda x, y: x + tf.expand_dims(y, 1))
    case("op_sub", "v w", lambda x, y: x - y)
    case("op_rsub", "v", lambda x: 1 - x)
    case("op_mul", "v w", lambda x, y: x * y)
    case("op_rmul", "v", lambda x: 3 * x)
    case("op_div", "v", lambda x: x / 3.0)
    case("op_rdiv", "p", lambda x: 2.0 / x)
    case("op_floordiv", "v", lambda x: x // 0.7)
    case("op_mod", "v", lambda x: x % 0.7)
    case("op_pow", "p", lambda x: x**2.5)
    case("op_rpow", "v", lambda x: 2.0**x)
    case("op_neg", "v", lambda x: -x)
    case("op_abs", "v", lambda x: abs(x))
    case("op_matmul", "s q", lambda x, y: x @ y)
    case("op_gt", "v", lambda x: tf.cast(x > 0.0, "float32"))
    case("op_ge", "v w", lambda x, y: tf.cast(x >= y, "float32"))
    case("op_lt", "v", lambda x: tf.cast(x < 0.3, tf.float32))
    case("op_le", "v", lambda x: tf.cast(x <= 0.3, tf.int32))
    case("op_and", "v w", lambda x, y: tf.cast((x > 0.0) & (y > 0.0), "float32"))
    case("op_or", "v w", lambda x, y: tf.cast((x > 0.0) | (y > 0.0), "float32"))
    case("op_xor", "v w", lambda x, y: tf.cast((x > 0.0) ^ (y > 0.0), "float32"))
    case("op_invert", "v", lambda x: tf.cast(~(x > 0.0), "float32"))
    case("op_int_add", "i j", lambda x, y: x + y * 2 - 1)
    case("op_int_floordiv", "i j", lambda x, y: (x * 7) // y)
    case("op_int_mod", "i j", lambda x, y: (x * 7) % y)
    case("op_half", "half", lambda x: x * 2 + 1)


def case_elementary(tf, K):
    for name in (
        "abs negative square exp expm1 sin cos tan atan sinh cosh tanh asinh sign ceil floor sigmoid softplus erf "
        "round rint is_finite is_nan is_inf log_sigmoid erfc"
    ).split():
        case("math_" + name, "v", lambda x, n=name: _number(tf, getattr(tf.math, n)(x)))
    for name in "sqrt log log1p reciprocal rsqrt asin acos atanh erfinv ndtri erfcinv reciprocal_no_nan".split():
        case("math_" + name, "p", lambda x, n=name: getattr(tf.math, n)(x))
    case("math_acosh", "p", lambda x: tf.math.acosh(x + 1.5))
    case("math_log_zero", "v", lambda x: tf.math.log(tf.nn.relu(x)))
    for name in (
        "add subtract multiply divide truediv maximum minimum squared_difference floordiv floormod atan2 "
        "multiply_no_nan divide_no_nan"
    ).split():
        case("math_" + name, "v w", lambda x, y, n=name: getattr(tf.math, n)(x, y))
    for name in "xdivy xlogy xlog1py pow".split():
        case("math_" + name, "p p2", lambda x, y, n=name: getattr(tf.math, n)(x, y))
    for name in "greater greater_equal less less_equal equal not_equal".split():
        case("math_" + name, "i j", lambda x, y, n=name: tf.cast(getattr(tf.math, n)(x, y), "int32"))
        case("math_" + name + "_const", "i", lambda x, n=name: tf.cast(getattr(tf.math, n)(x, 2), "int32"))
    for name in "logical_and logical_or logical_xor".split():
        case("math_" + name, "v w", lambda x, y, n=name: tf.cast(getattr(tf.math, n)(x > 0, y > 0), "int32"))
    case("math_divide_no_nan_zero", "v w", lambda x, y: tf.math.divide_no_nan(x, tf.nn.relu(y)))
    case("math_multiply_no_nan_zero", "v", lambda x: tf.math.multiply_no_nan(tf.math.log(tf.nn.relu(x)), tf.nn.relu(x)))
    case("math_xlogy_zero", "v", lambda x: tf.math.xlogy(tf.nn.relu(x), tf.nn.relu(x)))
    case("math_scalar_mul", "v", lambda x: tf.math.scalar_mul(2.5, x))
    case("math_logical_not", "v", lambda x: tf.cast(tf.math.logical_not(x > 0), "int32"))
    case("math_add_n", "v w", lambda x, y: tf.math.add_n([x, y, x]))
    case("math_maximum_const", "v", lambda x: tf.maximum(x, 0.1))
    case("math_maximum_rconst", "v", lambda x: tf.maximum(0.1, x))
    case("math_truncatediv", "i j", lambda x, y: tf.truncatediv(x * 7 - 9, y))
    case("math_truncatemod", "i j", lambda x, y: tf.truncatemod(x * 7 - 9, y))
    case("math_real", "v", lambda x: tf.math.real(x) + 1)
    case("clip_by_value", "v", lambda x: tf.clip_by_value(x, -0.5, 0.5))
    case("clip_by_value_tensor", "v w", lambda x, y: tf.clip_by_value(x, -tf.abs(y), tf.abs(y)))
    case("clip_by_norm", "v", lambda x: tf.clip_by_norm(x, 0.5, axes=[1]))
    case("clip_by_norm_all", "v", lambda x: tf.clip_by_norm(x, 0.5))
    case("bitwise_and", "i j", lambda x, y: tf.bitwise.bitwise_and(x, y))
    case("bitwise_or", "i j", lambda x, y: tf.bitwise.bitwise_or(x, y))
    case("bitwise_xor", "i j", lambda x, y: tf.bitwise.bitwise_xor(x, y))
    case("bitwise_invert", "i", lambda x: tf.bitwise.invert(x))
    case("bitwise_shift", "i j", lambda x, y: tf.bitwise.left_shift(x, y) + tf.bitwise.right_shift(y, x))


def _number(tf, x):
    return tf.cast(x, "float32") if x.dtype == tf.bool else x


def case_reductions(tf, K):
    names = "sum mean max min prod std variance logsumexp euclidean_norm".split()
    forms = {"last": -1, "first": 1, "pair": [1, 2], "tuple": (1, 2), "one": [1]}
    for name in names:
        for form, axis in forms.items():
            case(
                "reduce_%s_%s" % (name, form),
                "s",
                lambda x, n=name, a=axis: getattr(tf.math, "reduce_" + n)(x, axis=a),
            )
        case("reduce_%s_keep" % name, "s", lambda x, n=name: getattr(tf.math, "reduce_" + n)(x, axis=1, keepdims=True))
        case("reduce_%s_all" % name, "s", lambda x, n=name: getattr(tf.math, "reduce_" + n)(x) + x)
    for name in ("any", "all"):
        case("reduce_" + name, "s", lambda x, n=name: tf.cast(getattr(tf.math, "reduce_" + n)(x > -1, axis=-1), "int32"))
    case("reduce_sum_int", "i", lambda x: tf.reduce_sum(x, axis=-1))
    case("reduce_max_int", "i", lambda x: tf.reduce_max(x, axis=-1, keepdims=True))
    case("reduce_sum_batch", "s", lambda x: x * tf.reduce_sum(x, axis=0, keepdims=True))
    case("reduce_sum_v1", "s", lambda x: tf.compat.v1.reduce_sum(x, axis=1, keep_dims=True))
    case("reduce_sum_v1_indices", "s", lambda x: tf.compat.v1.reduce_sum(x, reduction_indices=[1]))
    case("reduce_logsumexp_large", "s", lambda x: tf.reduce_logsumexp(x * 100, axis=-1))
    case("count_nonzero", "i", lambda x: tf.math.count_nonzero(x, axis=-1))
    case("count_nonzero_dtype", "i", lambda x: tf.math.count_nonzero(x, axis=-1, dtype=tf.int32, keepdims=True))
    case("moments", "s", lambda x: tf.nn.moments(x, axes=[1]))
    case("moments_keep", "s", lambda x: tf.nn.moments(x, axes=[1, 2], keepdims=True))
    case("l2_loss", "s", lambda x: tf.nn.l2_loss(x) * x)
    case("l2_normalize", "s", lambda x: tf.math.l2_normalize(x, axis=-1))
    case("l2_normalize_axes", "s", lambda x: tf.nn.l2_normalize(x, axis=[1, 2], epsilon=1e-3))
    case("norm", "s", lambda x: tf.norm(x, axis=-1))
    case("norm_keep", "s", lambda x: tf.norm(x, axis=-1, keepdims=True))
    case("norm_1", "s", lambda x: tf.norm(x, ord=1, axis=-1))
    case("norm_inf", "s", lambda x: tf.norm(x, ord=np.inf, axis=-1))
    case("norm_3", "s", lambda x: tf.norm(x, ord=3, axis=1))
    case("norm_frobenius", "s", lambda x: tf.norm(x, axis=[1, 2]))
    case("linalg_normalize", "s", lambda x: tf.linalg.normalize(x, axis=-1)[0])
    for name in ("cumsum", "cumprod"):
        case(name, "s", lambda x, n=name: getattr(tf.math, n)(x, axis=1))
        case(name + "_exclusive", "s", lambda x, n=name: getattr(tf.math, n)(x, axis=1, exclusive=True))
        case(name + "_reverse", "s", lambda x, n=name: getattr(tf.math, n)(x, axis=-1, reverse=True))
        case(name + "_both", "s", lambda x, n=name: getattr(tf.math, n)(x, axis=1, reverse=True, exclusive=True))


def case_shaping(tf, K):
    case("reshape", "s", lambda x: tf.reshape(x, [-1, 20]))
    case("reshape_batch", "s", lambda x: tf.reshape(x, [-1, 4]) * 2)
    case("reshape_3d", "s", lambda x: tf.reshape(x, (-1, 2, 5, 2)))
    case("reshape_flat", "v", lambda x: tf.reshape(x, [-1]))
    case("transpose", "s", lambda x: tf.transpose(x, [0, 2, 1]))
    case("transpose_batch", "s", lambda x: tf.transpose(x, perm=[1, 0, 2]) + 1)
    case("transpose_none", "s", lambda x: tf.transpose(x))
    case("transpose_v1", "s", lambda x: tf.compat.v1.transpose(x, [0, 2, 1]))
    case("expand_last", "v", lambda x: tf.expand_dims(x, -1))
    case("expand_first", "v", lambda x: tf.expand_dims(x, 0))
    case("expand_mid", "s", lambda x: tf.expand_dims(x, axis=2))
    case("squeeze", "o", lambda x: tf.squeeze(x, axis=-1))
    case("squeeze_list", "o", lambda x: tf.squeeze(tf.expand_dims(x, 1), axis=[1, 2]))
    case("concat", "v w", lambda x, y: tf.concat([x, y], axis=-1))
    case("concat_1", "s t", lambda x, y: tf.concat([x, y], axis=1))
    case("concat_0", "s t", lambda x, y: tf.concat([x, y], axis=0))
    case("concat_same", "v", lambda x: tf.concat([x, x], axis=1))
    case("concat_int", "i j", lambda x, y: tf.concat([x, y], 1))
    case("concat_const", "v", lambda x: tf.concat([x, tf.zeros_like(x)], axis=1))
    case("stack", "v w", lambda x, y: tf.stack([x, y], axis=1))
    case("stack_last", "v w", lambda x, y: tf.stack([x, y], axis=-1))
    case("stack_default", "v w", lambda x, y: tf.stack([x, y]))
    case("unstack", "s", lambda x: tf.unstack(x, axis=1)[2])
    case("unstack_all", "v", lambda x: tf.unstack(x, num=4, axis=1))
    case("split", "s", lambda x: tf.split(x, 2, axis=-1))
    case("split_sizes", "s", lambda x: tf.split(x, [1, 3, 1], axis=1))
    case("split_rest", "s", lambda x: tf.split(x, [1, -1], axis=1)[1])
    case("split_one", "s", lambda x: tf.split(x, num_or_size_splits=4, axis=2)[3])
    case("tile", "v", lambda x: tf.tile(x, [1, 3]))
    case("tile_batch", "v", lambda x: tf.tile(x, [2, 1]))
    case("repeat", "v", lambda x: tf.repeat(x, 3, axis=1))
    case("repeat_flat", "v", lambda x: tf.repeat(x, 2))
    case("repeat_list", "v", lambda x: tf.repeat(x, [1, 2, 0, 1], axis=1))
    case("pad", "s", lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1]]))
    case("pad_value", "s", lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1]], constant_values=-1.5))
    case("pad_reflect", "s", lambda x: tf.pad(x, [[0, 0], [1, 2], [2, 1]], mode="REFLECT"))
    case("pad_symmetric", "s", lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 0]], "SYMMETRIC"))
    case("pad_int", "i", lambda x: tf.pad(x, [[0, 0], [1, 1]]))
    case("reverse", "s", lambda x: tf.reverse(x, axis=[1]))
    case("reverse_two", "s", lambda x: tf.reverse(x, [1, -1]))
    case("roll", "s", lambda x: tf.roll(x, shift=2, axis=1))
    case("roll_two", "s", lambda x: tf.roll(x, [1, -1], [1, 2]))
    case("cast_int", "v", lambda x: tf.cast(x, tf.int32))
    case("cast_float", "i", lambda x: tf.cast(x, tf.float32) * 0.5)
    case("cast_bool", "i", lambda x: tf.cast(tf.cast(x, tf.bool), "float32"))
    case("cast_same", "v", lambda x: tf.cast(x, "float32") + 1)
    case("cast_half", "v", lambda x: tf.cast(tf.cast(x, "float16"), "float32"))
    case("saturate_cast", "v", lambda x: tf.cast(tf.dtypes.saturate_cast(x * 200, tf.int8), "int32"))
    case("to_float", "i", lambda x: tf.compat.v1.to_float(x))
    case("identity", "v", lambda x: tf.identity(x) * 2)
    case("stop_gradient", "v", lambda x: tf.stop_gradient(x) + x)
    case("ensure_shape", "v", lambda x: tf.ensure_shape(x, [None, 4]) + 1)
    case("check_numerics", "v", lambda x: tf.debugging.check_numerics(x, "bad") + 1)
    case("zeros_like", "v", lambda x: tf.zeros_like(x) + x)
    case("ones_like", "v", lambda x: tf.ones_like(x) * x)
    case("ones_like_dtype", "v", lambda x: tf.ones_like(x, dtype=tf.int32))
    case("convert_to_tensor", "v", lambda x: tf.convert_to_tensor(x) + 1)
    case("depth_to_space", "deep", lambda x: tf.nn.depth_to_space(x, 2))
    case("space_to_depth", "deep", lambda x: tf.nn.space_to_depth(x, 2))
    case("space_to_batch", "deep", lambda x: tf.space_to_batch(x, [2, 2], [[0, 0], [0, 0]]))


def case_runtime_shapes(tf, K):
    case("shape_reshape", "s", lambda x: tf.reshape(x, [tf.shape(x)[0], 20]))
    case("shape_reshape_rest", "s", lambda x: tf.reshape(x, [tf.shape(x)[0], -1]))
    case("shape_reshape_stack", "s", lambda x: tf.reshape(x, tf.stack([tf.shape(x)[0], tf.shape(x)[1] * 2, 2])))
    case("shape_reshape_product", "s", lambda x: tf.reshape(x, [tf.shape(x)[0] * tf.shape(x)[1], 4]))
    case("shape_reshape_concat", "s", lambda x: tf.reshape(x, tf.concat([tf.shape(x)[:1], [20]], axis=0)))
    case("shape_reshape_other", "s v", lambda x, y: tf.reshape(x, [tf.shape(y)[0], -1]))
    case("shape_unstack", "s", lambda x: tf.reshape(x, [tf.unstack(tf.shape(x))[0], 20]))
    case("shape_dynamic", "dyn", lambda x: tf.reshape(x, [-1, tf.shape(x)[1] * 4]))
    case("shape_dynamic_flat", "dyn", lambda x: tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1], 2, 2]))
    case("shape_mean", "s", lambda x: tf.reduce_sum(x, axis=0) / tf.cast(tf.shape(x)[0], tf.float32) + x)
    case("shape_time", "dyn", lambda x: tf.reduce_sum(x, axis=1) / tf.cast(tf.shape(x)[1], tf.float32))
    case("shape_zeros", "v", lambda x: tf.concat([x, tf.zeros([tf.shape(x)[0], 2])], axis=1))
    case("shape_ones", "v", lambda x: tf.concat([x, tf.ones((tf.shape(x)[0], 1))], axis=1))
    case("shape_fill", "v", lambda x: tf.concat([tf.fill([tf.shape(x)[0], 1], 7.0), x], axis=1))
    case("shape_tile", "v", lambda x: x + tf.tile([[1.0, 2.0, 3.0, 4.0]], [tf.shape(x)[0], 1]))
    case("shape_broadcast", "v o", lambda x, y: tf.broadcast_to(y, tf.shape(x)) + x)
    case("shape_broadcast_const", "v", lambda x: x * tf.broadcast_to([1.0, 2.0, 3.0, 4.0], [tf.shape(x)[0], 4]))
    case("shape_range", "s", lambda x: x * tf.reshape(tf.cast(tf.range(tf.shape(x)[1]), tf.float32), [1, -1, 1]))
    case("shape_range_batch", "v", lambda x: x + tf.cast(tf.range(tf.shape(x)[0]), tf.float32)[:, tf.newaxis])
    case("shape_range_time", "dyn", lambda x: x + tf.cast(tf.range(tf.shape(x)[1]), "float32")[tf.newaxis, :, tf.newaxis])
    case("shape_slice", "dyn v", lambda x, y: x[:, : tf.shape(x)[1]] * 2)
    case("shape_rank", "s", lambda x: x * tf.cast(tf.rank(x), tf.float32))
    case("shape_size", "v", lambda x: x / tf.cast(tf.size(x), tf.float32))
    case("shape_eye", "q", lambda x: x + tf.eye(4, batch_shape=[tf.shape(x)[0]]))
    case("shape_image", "dimg", lambda x: tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1] * tf.shape(x)[2], 3]))
    case("shape_static", "v", lambda x: tf.reshape(x, (-1, x.shape[1] // 2, 2)))


def case_slicing(tf, K):
    case("get_int", "s", lambda x: x[:, 0])
    case("get_int_last", "s", lambda x: x[:, -1, :])
    case("get_range", "s", lambda x: x[:, 1:3])
    case("get_tail", "s", lambda x: x[:, -2:])
    case("get_head", "s", lambda x: x[:, :-2, 1:])
    case("get_step", "s", lambda x: x[:, ::2])
    case("get_ellipsis", "s", lambda x: x[..., 0])
    case("get_ellipsis_range", "s", lambda x: x[..., 1:3])
    case("get_newaxis", "v", lambda x: x[:, tf.newaxis])
    case("get_newaxis_last", "v", lambda x: x[..., None])
    case("get_newaxis_mid", "s", lambda x: x[:, :, None, 1])
    case("get_reverse", "img", lambda x: x[..., ::-1])
    case("get_reverse_mid", "s", lambda x: x[:, ::-1, :])
    case("get_reverse_bounds", "s", lambda x: x[:, 3:0:-1])
    case("get_reverse_step", "s", lambda x: x[:, ::-2])
    case("get_reverse_from", "s", lambda x: x[:, -2::-1])
    case("get_batch", "s", lambda x: x[0])
    case("get_batch_range", "s", lambda x: x[:1] + x)
    case("get_full", "s", lambda x: x[:] + 1)
    case("get_dynamic", "dyn", lambda x: x[:, -1])
    case("get_dynamic_reverse", "dyn", lambda x: x[:, ::-1])
    case("slice", "s", lambda x: tf.slice(x, [0, 1, 0], [-1, 3, 2]))
    case("strided_slice", "s", lambda x: tf.strided_slice(x, [0, 1, 0], [1, 4, 4], [1, 2, 1], begin_mask=1, end_mask=1))
    case("strided_slice_shrink", "s", lambda x: tf.strided_slice(x, [0, 1], [0, 2], [1, 1], 1, 1, shrink_axis_mask=2))


def case_gathering(tf, K):
    case("gather", "s", lambda x: tf.gather(x, [0, 2, 2], axis=1))
    case("gather_last", "s", lambda x: tf.gather(x, [3, 0], axis=-1))
    case("gather_scalar", "s", lambda x: tf.gather(x, 1, axis=1))
    case("gather_table", "i", lambda i: tf.gather(tf.constant(np.arange(20, dtype="float32").reshape(5, 4)), i))
    case("gather_batch", "s i", lambda x, i: tf.gather(x, i, axis=1, batch_dims=1))
    case("gather_batch_v", "v i", lambda x, i: tf.gather(x, i, batch_dims=1))
    case("gather_batch_one", "s l", lambda x, i: tf.gather(x, tf.expand_dims(i - 1, 1), axis=1, batch_dims=1))
    case("gather_batch_scalar", "s l", lambda x, i: tf.gather(x, i - 1, axis=1, batch_dims=1))
    case("gather_nd", "s l", lambda x, i: tf.gather_nd(x, tf.expand_dims(i - 1, 1), batch_dims=1))
    case("gather_nd_pair", "s i", lambda x, i: tf.gather_nd(x, tf.reshape(i, [-1, 2, 2]), batch_dims=1))
    case("embedding_lookup", "i", lambda i: tf.nn.embedding_lookup(tf.constant(np.eye(5, dtype="float32")), i))
    case("where", "v w", lambda x, y: tf.where(x > 0, x, y))
    case("where_const", "v", lambda x: tf.where(x > 0, x, 0.5))
    case("where_consts", "v", lambda x: tf.where(x > 0, 1.0, -1.0))
    case("where_zeros", "v", lambda x: tf.where(x > 0, x, tf.zeros_like(x)))
    case("where_v1", "v w", lambda x, y: tf.compat.v1.where(x > 0, x, y))
    case("one_hot", "i", lambda x: tf.one_hot(x, 5))
    case("one_hot_axis", "i", lambda x: tf.one_hot(x, depth=5, axis=1))
    case("one_hot_values", "i", lambda x: tf.one_hot(x, 5, on_value=2.0, off_value=-1.0))
    case("one_hot_int", "i", lambda x: tf.one_hot(x, 3, dtype=tf.int32))
    case("one_hot_outside", "j", lambda x: tf.one_hot(x, 3))
    case("argmax", "s", lambda x: tf.argmax(x, axis=-1))
    case("argmax_type", "s", lambda x: tf.argmax(x, axis=1, output_type=tf.int32))
    case("argmin", "s", lambda x: tf.argmin(x, axis=-1))
    case("argmax_v1", "s", lambda x: tf.compat.v1.argmax(x, 1))
    case("top_k", "s", lambda x: tf.math.top_k(x, k=2))
    case("top_k_index", "s", lambda x: tf.math.top_k(x, k=2)[1])
    case("in_top_k", "l s", lambda i, x: tf.cast(tf.math.in_top_k(i - 1, x[:, 0], 2), "int32"))
    case("sort", "s", lambda x: tf.sort(x, axis=1))
    case("sort_down", "s", lambda x: tf.sort(x, axis=-1, direction="DESCENDING"))
    case("argsort", "s", lambda x: tf.argsort(x, axis=-1))
    case("argsort_down", "s", lambda x: tf.argsort(x, axis=-1, direction="DESCENDING"))
    case("sequence_mask", "l", lambda x: tf.sequence_mask(x, maxlen=6, dtype=tf.float32))
    case("sequence_mask_bool", "l", lambda x: tf.cast(tf.sequence_mask(x, 6), "int32"))
    case("reverse_sequence", "s l", lambda x, n: tf.reverse_sequence(x, n, seq_axis=1, batch_axis=0))


def case_linalg(tf, K):
    kernel = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
    case("matmul", "s q", lambda x, y: tf.matmul(x, y))
    case("matmul_const", "v", lambda x: tf.matmul(x, kernel))
    case("matmul_const_left", "q", lambda x: tf.matmul(tf.constant(np.eye(4, dtype="float32") * 2), x))
    case("matmul_transpose_b", "s t", lambda x, y: tf.matmul(x, y, transpose_b=True))
    case("matmul_transpose_a", "s t", lambda x, y: tf.matmul(x, y, transpose_a=True))
    case("matmul_adjoint", "s t", lambda x, y: tf.linalg.matmul(x, y, adjoint_b=True))
    case("matmul_batch", "v w", lambda x, y: tf.matmul(x, y, transpose_b=True))
    case("matvec", "q v", lambda x, y: tf.linalg.matvec(x, y))
    case("tensordot", "s", lambda x: tf.tensordot(x, kernel, axes=1))
    case("tensordot_axes", "s", lambda x: tf.tensordot(x, kernel, axes=[[2], [0]]))
    case("tensordot_two", "s", lambda x: tf.tensordot(x, np.ones((5, 4, 2), "float32"), axes=[[1, 2], [0, 1]]))
    case("matrix_transpose", "s", lambda x: tf.linalg.matrix_transpose(x))
    case("band_part", "q", lambda x: tf.linalg.band_part(x, -1, 0))
    case("band_part_upper", "q", lambda x: tf.linalg.band_part(x, 0, 1))
    case("diag", "v", lambda x: tf.linalg.diag(x))
    case("diag_part", "q", lambda x: tf.linalg.diag_part(x))
    case("trace", "q", lambda x: tf.linalg.trace(x))
    case("inv", "q", lambda x: tf.linalg.inv(x + 3 * np.eye(4, dtype="float32")))
    case("det", "q", lambda x: tf.linalg.det(x + 3 * np.eye(4, dtype="float32")))
    case("solve", "q", lambda x: tf.linalg.solve(x + 3 * np.eye(4, dtype="float32"), x))
    case("cross", "img", lambda x: tf.linalg.cross(x, x[..., ::-1] + 1))
    case("einsum_lost", "s q", lambda x, y: tf.einsum("bij,bjk->bik", x, y))
    case("segment_sum", "s", lambda x: tf.math.unsorted_segment_sum(x[0], [0, 1, 0, 1, 1], 2) + x[:, :2])


def case_nn(tf, K):
    for name in "relu relu6 elu selu softsign softplus silu gelu tanh sigmoid softmax log_softmax leaky_relu crelu".split():
        case("nn_" + name, "s", lambda x, n=name: getattr(tf.nn, n)(x))
    case("nn_softmax_axis", "s", lambda x: tf.nn.softmax(x, axis=1))
    case("nn_softmax_v1", "s", lambda x: tf.compat.v1.nn.softmax(x, dim=-1))
    case("nn_log_softmax_axis", "s", lambda x: tf.nn.log_softmax(x, axis=1))
    case("nn_leaky_relu_alpha", "s", lambda x: tf.nn.leaky_relu(x, alpha=0.05))
    case("nn_gelu_approximate", "s", lambda x: tf.nn.gelu(x, approximate=True))
    case("nn_swish", "s", lambda x: tf.nn.swish(x))
    case("nn_bias_add", "s", lambda x: tf.nn.bias_add(x, [1.0, 2.0, 3.0, 4.0]))
    case("nn_bias_add_first", "q", lambda x: tf.nn.bias_add(x, [1.0, 2.0, 3.0, 4.0], data_format="NCW"))
    case(
        "nn_batch_normalization",
        "s",
        lambda x: tf.nn.batch_normalization(x, [0.1] * 4, [1.0, 2.0, 0.5, 1.0], [0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 1.0, 3.0], 1e-3),
    )
    case("nn_batch_normalization_plain", "s", lambda x: tf.nn.batch_normalization(x, 0.1, 2.0, None, None, 1e-3))
    case("nn_moments_normal", "s", lambda x: _standardised(tf, x))
    case("nn_sigmoid_ce", "p v", lambda z, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x))
    case("nn_softmax_ce", "p v", lambda z, x: tf.nn.softmax_cross_entropy_with_logits(labels=z, logits=x))
    case("nn_sparse_ce", "l s", lambda z, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z - 1, logits=x[:, 0]))
    case("nn_lrn", "deep", lambda x: tf.nn.local_response_normalization(x, depth_radius=2, alpha=0.5, beta=0.75))


def _standardised(tf, x):
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    return (x - mean) / tf.sqrt(variance + 1e-6)


def case_convolution(tf, K):
    random = np.random.RandomState(1)
    k2 = random.randn(3, 3, 3, 2).astype("float32")
    d2 = random.randn(3, 3, 3, 2).astype("float32")
    k1 = random.randn(3, 4, 2).astype("float32")
    k3 = random.randn(2, 2, 2, 4, 3).astype("float32")
    case("conv2d_same", "img", lambda x: tf.nn.conv2d(x, k2, strides=1, padding="SAME"))
    case("conv2d_valid_strides", "img", lambda x: tf.nn.conv2d(x, k2, strides=[1, 2, 2, 1], padding="VALID"))
    case("conv2d_dilated", "img", lambda x: tf.nn.conv2d(x, k2, 1, "SAME", dilations=2))
    case("conv2d_explicit", "img", lambda x: tf.nn.conv2d(x, k2, 1, [[0, 0], [1, 0], [2, 1], [0, 0]]))
    case("conv2d_v1", "img", lambda x: tf.compat.v1.nn.conv2d(x, filter=k2, strides=[1, 1, 1, 1], padding="SAME"))
    case("conv1d", "s", lambda x: tf.nn.conv1d(x, k1, stride=1, padding="SAME"))
    case("conv1d_stride", "s", lambda x: tf.nn.conv1d(x, k1, stride=2, padding="VALID"))
    case("conv3d", "u", lambda x: tf.nn.conv3d(tf.stack([x, x, x], 1), k3[:, :, :, :4], [1, 1, 1, 1, 1], "SAME"))
    case("convolution", "img", lambda x: tf.nn.convolution(x, k2, padding="SAME"))
    case("depthwise_conv2d", "img", lambda x: tf.nn.depthwise_conv2d(x, d2, strides=[1, 1, 1, 1], padding="SAME"))
    case("depthwise_conv2d_strides", "img", lambda x: tf.nn.depthwise_conv2d(x, d2, [1, 2, 2, 1], "VALID"))
    case("separable_conv2d", "img", lambda x: tf.nn.separable_conv2d(x, d2, random.randn(1, 1, 6, 2).astype("float32"), [1, 1, 1, 1], "SAME"))
    case("conv2d_transpose", "img", lambda x: tf.nn.conv2d_transpose(x, random.randn(3, 3, 2, 3).astype("float32"), [4, 16, 12, 2], 2, "SAME"))
    for kind in ("max", "avg"):
        pool = kind + "_pool"
        case(pool + "2d", "img", lambda x, n=pool: getattr(tf.nn, n + "2d")(x, 2, 2, "VALID"))
        case(pool + "2d_same", "img", lambda x, n=pool: getattr(tf.nn, n + "2d")(x, [1, 3, 3, 1], [1, 2, 2, 1], "SAME"))
        case(pool + "1d", "s", lambda x, n=pool: getattr(tf.nn, n + "1d")(x, 2, 1, "SAME"))
        case(pool, "img", lambda x, n=pool: getattr(tf.nn, n)(x, ksize=[2, 3], strides=[2, 1], padding="VALID"))
        case(pool + "3d", "img", lambda x, n=pool: getattr(tf.nn, n + "3d")(tf.expand_dims(x, 1), [1, 2, 2], [1, 2, 2], "VALID"))
        case(kind + "_general_pool", "img", lambda x, n=kind: tf.nn.pool(x, [2, 2], n.upper(), padding="VALID", strides=[2, 2]))
        case(pool + "_v1", "img", lambda x, n=pool: getattr(tf.compat.v1.nn, n)(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"))


def case_image(tf, K):
    for method in "bilinear nearest bicubic area lanczos3 lanczos5 gaussian mitchellcubic".split():
        case("resize_%s_up" % method, "img", lambda x, m=method: tf.image.resize(x, [13, 17], method=m))
        case("resize_%s_down" % method, "img", lambda x, m=method: tf.image.resize(x, (3, 4), method=m))
        case("resize_%s_smooth" % method, "img", lambda x, m=method: tf.image.resize(x, (3, 4), method=m, antialias=True))
    case("resize_default", "img", lambda x: tf.image.resize(x, (16, 12)))
    case("resize_same", "img", lambda x: tf.image.resize(x, (8, 6)) * 2)
    case("resize_shape", "img", lambda x: tf.image.resize(x, tf.shape(x)[1:3] * 2))
    case("resize_dynamic", "dimg", lambda x: tf.image.resize(x, (5, 7)))
    v1 = tf.compat.v1.image
    for name in ("bilinear", "nearest_neighbor", "bicubic"):
        for corners in (False, True):
            case("v1_resize_%s_%d" % (name, corners), "img", lambda x, n=name, c=corners: getattr(v1, "resize_" + n)(x, [13, 5], align_corners=c))
        case("v1_resize_%s_half" % name, "img", lambda x, n=name: getattr(v1, "resize_" + n)(x, [13, 5], half_pixel_centers=True))
    case("v1_resize_area", "img", lambda x: v1.resize_area(x, [13, 5]))
    case("v1_resize", "img", lambda x: v1.resize(x, [13, 5]))
    for name in "rgb_to_grayscale rgb_to_hsv hsv_to_rgb rgb_to_yuv yuv_to_rgb rgb_to_yiq yiq_to_rgb".split():
        case("image_" + name, "img", lambda x, n=name: getattr(tf.image, n)(x))
    for name in "flip_left_right flip_up_down transpose per_image_standardization total_variation rot90".split():
        case("image_" + name, "img", lambda x, n=name: getattr(tf.image, n)(x))
    case("image_rot270", "img", lambda x: tf.image.rot90(x, k=3))
    case("image_central_crop", "img", lambda x: tf.image.central_crop(x, 0.5))
    case("image_crop_box", "img", lambda x: tf.image.crop_to_bounding_box(x, 1, 2, 5, 3))
    case("image_pad_box", "img", lambda x: tf.image.pad_to_bounding_box(x, 1, 2, 12, 11))
    case("image_crop_or_pad", "img", lambda x: tf.image.resize_with_crop_or_pad(x, 5, 11))
    case("image_brightness", "img", lambda x: tf.image.adjust_brightness(x, 0.2))
    case("image_contrast", "img", lambda x: tf.image.adjust_contrast(x, 1.5))
    case("image_gamma", "img", lambda x: tf.image.adjust_gamma(x, 0.5, 2.0))
    case("image_saturation", "img", lambda x: tf.image.adjust_saturation(x, 1.7))
    case("image_gradients", "img", lambda x: tf.image.image_gradients(x))
    case("image_psnr", "img", lambda x: tf.image.psnr(x, x * 0.9, 1.0))
    case("image_patches", "img", lambda x: tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"))
    case("image_grayscale_to_rgb", "img", lambda x: tf.image.grayscale_to_rgb(x[..., :1]))


def case_backend(tf, K):
    for name in "mean sum max min prod std var any all logsumexp".split():
        case("K_" + name, "s", lambda x, n=name: _number(tf, getattr(K, n)(x, axis=-1)))
        case("K_%s_keep" % name, "s", lambda x, n=name: _number(tf, getattr(K, n)(x, axis=[1, 2], keepdims=True)))
    for name in (
        "abs square exp sigmoid tanh softplus softsign hard_sigmoid relu elu sign round sin cos softmax sqrt "
        "batch_flatten flatten l2_normalize"
    ).split():
        case("K_" + name, "s", lambda x, n=name: getattr(K, n)(x, -1) if n == "l2_normalize" else getattr(K, n)(x))
    case("K_log", "p", lambda x: K.log(x + K.epsilon()))
    case("K_pow", "p", lambda x: K.pow(x, 2))
    case("K_clip", "v", lambda x: K.clip(x, -0.5, 0.5))
    case("K_clip_min", "v", lambda x: K.clip(x, 0.1, None))
    case("K_relu_args", "v", lambda x: K.relu(x, alpha=0.1, max_value=1.0))
    case("K_relu_threshold", "v", lambda x: K.relu(x, threshold=0.5))
    case("K_relu_all", "v", lambda x: K.relu(x, alpha=0.2, max_value=1.5, threshold=0.5))
    case("K_maximum", "v w", lambda x, y: K.maximum(x, y))
    case("K_argmax", "s", lambda x: K.argmax(x))
    case("K_dot", "s", lambda x: K.dot(x, K.constant(np.ones((4, 3)))))
    case("K_dot_2", "v q", lambda x, y: K.dot(x, y[0]))
    case("K_batch_dot", "s t", lambda x, y: K.batch_dot(x, y, axes=[2, 2]))
    case("K_batch_dot_v", "v w", lambda x, y: K.batch_dot(x, y, axes=1))
    case("K_batch_dot_default", "s q", lambda x, y: K.batch_dot(x, y))
    case("K_reshape", "s", lambda x: K.reshape(x, (-1, 10, 2)))
    case("K_permute", "s", lambda x: K.permute_dimensions(x, (0, 2, 1)))
    case("K_expand_dims", "v", lambda x: K.expand_dims(x))
    case("K_squeeze", "o", lambda x: K.squeeze(x, 1))
    case("K_concatenate", "v w", lambda x, y: K.concatenate([x, y]))
    case("K_stack", "v w", lambda x, y: K.stack([x, y], axis=1))
    case("K_repeat", "v", lambda x: K.repeat(x, 3))
    case("K_repeat_elements", "s", lambda x: K.repeat_elements(x, 2, axis=1))
    case("K_tile", "v", lambda x: K.tile(x, (1, 2)))
    case("K_reverse", "s", lambda x: K.reverse(x, axes=1))
    case("K_one_hot", "i", lambda x: K.one_hot(x, 5))
    case("K_gather", "i", lambda x: K.gather(K.constant(np.eye(5)), x))
    case("K_cast", "i", lambda x: K.cast(x, "float32"))
    case("K_greater", "v", lambda x: K.cast(K.greater(x, 0.0), "float32"))
    case("K_switch", "v w", lambda x, y: K.switch(x > 0, x, y))
    case("K_cumsum", "s", lambda x: K.cumsum(x, axis=1))
    case("K_bias_add", "s", lambda x: K.bias_add(x, K.constant([1.0, 2.0, 3.0, 4.0])))
    case("K_temporal_padding", "s", lambda x: K.temporal_padding(x, (1, 2)))
    case("K_spatial_padding", "img", lambda x: K.spatial_2d_padding(x, ((1, 0), (2, 1))))
    case("K_resize_images", "img", lambda x: K.resize_images(x, 2, 3, "channels_last"))
    case("K_resize_images_bilinear", "img", lambda x: K.resize_images(x, 2, 2, "channels_last", interpolation="bilinear"))
    case("K_pool2d", "img", lambda x: K.pool2d(x, (2, 2), (2, 2), pool_mode="avg"))
    case("K_conv2d", "img", lambda x: K.conv2d(x, K.constant(np.ones((3, 3, 3, 2))), padding="same"))
    case("K_binary_ce", "p q2", lambda x, y: K.binary_crossentropy(x, y))
    case("K_binary_ce_logits", "p v", lambda x, y: K.binary_crossentropy(x, y, from_logits=True))
    case("K_categorical_ce", "p q2", lambda x, y: K.categorical_crossentropy(x, y))
    case("K_sparse_ce", "i u", lambda i, x: K.sparse_categorical_crossentropy(i[:, :3], tf.nn.softmax(x[:, :, 0])))
    case("K_int_shape", "s", lambda x: K.reshape(x, (-1, K.int_shape(x)[1] * 2, 2)))
    case("K_shape", "s", lambda x: K.reshape(x, (K.shape(x)[0], 20)))
    for name in "relu sigmoid tanh softmax elu selu softplus softsign exponential hard_sigmoid swish gelu".split():
        case("activation_" + name, "s", lambda x, n=name: getattr(tf.keras.activations, n)(x))


def case_graphs(tf, K):
    """Models around the operations: collisions of names, several outputs, reuse."""
    layers = tf.keras.layers
    case("graph_mean_named_layer", "s", lambda x: layers.Dense(2, name="mean")(tf.reduce_mean(x, axis=1)))
    case("graph_add_layers", "v w", lambda x, y: layers.Add()([x, y]) + x)
    case("graph_concat_layer", "v w", lambda x, y: tf.concat([layers.Concatenate()([x, y]), x], axis=-1))
    case("graph_dense", "v", lambda x: layers.Dense(3)(tf.nn.relu(layers.Dense(4)(x)) * 2))
    case("graph_attention", "s t", lambda q, k: tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / np.sqrt(4.0)), k))
    case("graph_residual_scale", "s", lambda x: x + layers.Dense(4)(x) * 0.1)
    case("graph_embedding_mean", "i", lambda i: tf.reduce_mean(layers.Embedding(5, 3, mask_zero=True)(i), axis=1))
    case("graph_embedding_mask", "i", lambda i: _masked_mean(tf, i, layers.Embedding(5, 3)(i)))
    case("graph_lstm", "s", lambda x: layers.LSTM(3)(x[:, ::2] * 2.0))
    case("graph_unused_output", "s", lambda x: tf.split(layers.Dense(4)(x), 2, axis=-1)[1])
    case("graph_preprocess", "img", lambda x: layers.Conv2D(2, 3)((x * 255.0)[..., ::-1] - [103.9, 116.8, 123.7]))
    case("graph_distance", "v w", lambda x, y: tf.sqrt(tf.reduce_sum(tf.square(x - y), axis=1, keepdims=True) + 1e-7))
    case("graph_constant_name", "v", lambda x: layers.Dense(2, name="add_1")(x + 1.0) + 1.0)
    case("graph_reshape_named", "s", lambda x: layers.Dense(2, name="reshape")(tf.reshape(x, [-1, 4])))


def _masked_mean(tf, ids, embedded):
    mask = tf.cast(tf.not_equal(ids, 0), tf.float32)[:, :, tf.newaxis]
    return tf.reduce_sum(embedded * mask, axis=1) / tf.maximum(tf.reduce_sum(mask, axis=1), 1.0)


def spec(name):
    base = {"p2": "p", "q2": "p"}.get(name, name)
    return INPUTS[base]


def sample(name, batch, random):
    shape, dtype, low, high = spec(name)
    shape = DYNAMIC.get(name, shape)
    if dtype.startswith("int"):
        return random.randint(low, high, (batch,) + tuple(shape)).astype(dtype)
    return random.uniform(low, high, (batch,) + tuple(shape)).astype(dtype)


def build(tf, inputs, function):
    given = [tf.keras.Input(spec(name)[0], dtype=spec(name)[1], name="in_%d_%s" % (i, name)) for i, name in enumerate(inputs)]
    found = function(*given)
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    return tf.keras.Model(given if len(given) > 1 else given[0], found if len(found) > 1 else found[0])


def author(tf, folder, only):
    skipped = {}
    for name, inputs, function, _ in cases(tf, tf.keras.backend):
        if only and not re.search(only, name):
            continue
        tf.keras.backend.clear_session()
        try:
            model = build(tf, inputs, function)
            random = np.random.RandomState(len(name))
            model.set_weights([random.uniform(-0.5, 0.5, w.shape).astype(w.dtype) for w in model.get_weights()])
            stored = {}
            for batch in BATCHES:
                values = [sample(n, batch, random) for n in inputs]
                found = model(values if len(values) > 1 else values[0])
                found = found if isinstance(found, (list, tuple)) else [found]
                for i, value in enumerate(values):
                    stored["b%d_in%d" % (batch, i)] = value
                for i, value in enumerate(found):
                    stored["b%d_out%d" % (batch, i)] = np.asarray(value)
            model.save(os.path.join(folder, name + ".h5"))
            np.savez(os.path.join(folder, name + ".npz"), **stored)
        except Exception as error:  # whatever an old Keras throws: the case is not its
            skipped[name] = "%s: %s" % (type(error).__name__, str(error)[:200])
    with open(os.path.join(folder, "skipped.json"), "w") as file:
        json.dump(skipped, file, indent=1, sort_keys=True)
    return skipped


def keras2():
    """TensorFlow with Keras 2 as `tf.keras`."""
    import tensorflow as tf

    if tf.__version__.startswith("1."):
        tf.compat.v1.enable_v2_behavior()
    return tf


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--only")
    options = parser.parse_args()
    if not os.path.isdir(options.folder):
        os.makedirs(options.folder)
    missing = author(keras2(), options.folder, options.only)
    print("%d cases skipped by %s" % (len(missing), sys.version.split()[0]))
