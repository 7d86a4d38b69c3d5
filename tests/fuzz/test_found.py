"""What the fuzzer found: one small change each of a genuine file, refused with an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.errors import K2to3Error

from .digest import digest
from .execute import time_limit
from .ignored import ignored
from .seeds import FIXTURES, open_seeds
from .trees import MISSING, Path, changed

INFINITE = float("inf")
L: Path = ("model_config", "config", "layers")
REFUSED: list[tuple[str, Path, Any]] = [
    ("keras-2.0.9__hard_sigmoid.h5", ("model_config", "config", 0, "config", "return_sequences"), False),
    ("keras-2.0.9__seq2seq.h5", (*L, 3, "inbound_nodes", 0, 0), {}),
    ("keras-2.2.4__batch_statistics.h5", (*L, 3, "inbound_nodes", 0), {}),
    ("keras-2.0.9__steps_make_masks.h5", (*L, 1, "inbound_nodes", 0), [["words", 0, 0, {}], ["words", 0, 0, {}]]),
    ("keras-1.2.2-theano__channels_first.h5", (*L, 0, "config", "batch_input_shape"), [None, 3, 6, 6, None, 3, 6, 6]),
    ("keras-1.2.2-theano__bidirectional.h5", (*L, 3, "config"), {"class_name": "__tuple__", "items": [-2]}),
    ("keras-1.2.2__time_distributed.h5", ("model_config", "config", 0, "config", "layer"), None),
    ("keras-2.1.6__stack_states.h5", (*L, 4, "inbound_nodes", 0, 0), MISSING),
    ("tf-2.4__channels_first.h5", (*L, 1, "config", "padding"), 2.0),
    ("tf-2.4__separable.h5", (*L, 2, "config", "dtype"), {"class_name": "mul", "config": {"name": {"value": 2.5}}}),
    ("tf-2.4__text_lstm.h5", (*L, 0, "config", "dtype"), "full"),
    ("ops/tf28-pad_symmetric.h5", (*L, 1, "inbound_nodes", 0, 3, "paddings", 2, 1), -INFINITE),
    ("ops/tf28-pad_symmetric.h5", (*L, 1, "inbound_nodes", 0, 3, "paddings", 0), 0),
    ("ops/tf28-resize_mitchellcubic_same.h5", (*L, 1, "inbound_nodes", 0, 3, "size", 1), -2),
    ("ops/tf23-conv2d_valid_strides.h5", (*L, 1, "config", "constants", "1", 0, 0, 1), 1),
    ("ops/tf115-split_sizes.h5", (*L, 1, "config", "node_def", "attr"), INFINITE),
    ("ops/tf115-split_sizes.h5", (*L, 1, "config", "constants"), -7),
    ("ops/tf115-get_reverse_bounds.h5", (*L, 1, "config", "node_def", "attr", "shrink_axis_mask", "i"), 10**400),
    ("ops/tf24-gather_batch.h5", (*L, 2, "inbound_nodes", 0, 3, "indices", 0), "concat"),
    ("ops/tf28-avg_pool2d_same.h5", (*L, 0, "config", "batch_input_shape", 2), 10**9),
    ("ops/tf24-stft_abs.h5", (*L, 0, "config", "dtype"), "softmax"),
    # A nested model on fewer or more inputs than it has, and by the call that is its own.
    ("random/minimum_masked.h5", (*L, 3, "inbound_nodes"), [[]]),
    ("random/called_twice_inside.h5", (*L, 2, "inbound_nodes"), [[["embedding", 0, 0, {}]], []]),
    ("random/called_twice_inside.h5", (*L, 2, "config", "layers", 1, "inbound_nodes", 0), [["input_2", 0, 0, {}]] * 2),
    ("random/minimum_masked.h5", (*L, 4, "inbound_nodes", 0, 1, 1), 0),
    ("formats/tfk221_nested_vocabulary.keras", (*L, 4, "inbound_nodes", 0, 0), ["one", 0, 0, {}]),
    (
        "tf-2.10__multi_head_masked.h5",
        (*L, 2, "inbound_nodes", 0),
        [["embedding", 0, 0, {"value": ["embedding", 0, 0]}]] * 2,
    ),
    # One axis is a list of one.
    ("formats/tfk221_graph.keras", (*L, 3, "config", "shared_axes"), 1),
    # Keys that a layer of Keras 1 always wrote; classes that are no texts.
    ("keras-1.2.2-theano__cnn.h5", ("model_config", "config", 0, "config", "nb_row"), MISSING),
    ("keras-1.2.2-theano__cnn.h5", ("model_config", "config", 0, "config", "nb_col"), MISSING),
    ("keras-1.2.2__text_gru.h5", ("model_config", "config", 1, "config"), {"x": {"class_name": {}, "config": {}}}),
    ("formats/k213_nested_vocabulary.keras", (*L, 6, "config", "layers", 1, "class_name"), {}),
    # Shapes: steps of more than features, no steps, no samples, one margin for two.
    ("keras-2.1.6__stack_states.h5", (*L, 0, "config", "batch_input_shape"), [None, 5, 4, 2]),
    ("tf-2.4__odd_activation.h5", (*L, 0, "config", "batch_input_shape", 1), 0),
    ("tf-2.6__attention.h5", (*L, 0, "config", "batch_input_shape", 0), 0),
    # Policies that are none, a seed that is no number, a Concatenate of images and vectors.
    (
        "formats/tfk221_nested_vocabulary.keras",
        (*L, 6, "config", "layers", 1, "config", "dtype"),
        {"class_name": "__tuple__", "items": [None]},
    ),
    ("formats/k213_vocabulary.keras", (*L, 3, "config", "dtype"), {"name": "model", "trainable": True, "layers": []}),
    ("random/random_4.h5", (*L, 6, "config", "seed"), [None, 4]),
    ("keras-1.2.2-theano__shared_nested.h5", (*L, 1, "config", "batch_input_shape"), [None, 4, 4]),
    # A Reshape of 16 elements to 20.
    ("tf-2.4__transposed.h5", (*L, 0, "config", "batch_input_shape", 1), 6),
    ("random/gives_back_its_input.h5", (*L, 3, "config", "padding", 1), MISSING),
    ("tf-2.4__time_distributed.h5", (*L, 0, "config", "batch_input_shape"), [None, 3, 4, 4, 1, 4]),
    # Sparse and ragged tensors where there are none, or into layers that take none.
    ("random/called_twice_inside.h5", (*L, 2, "config", "layers", 1, "config", "layers", 0, "config", "ragged"), True),
    ("random/minimum_masked.h5", (*L, 3, "config", "layers", 0, "config", "sparse"), True),
    ("tf-2.4__steps_make_masks.h5", (*L, 1, "config", "layer", "config", "layers", 0, "config", "sparse"), True),
    ("tf-2.6__attention.h5", (*L, 0, "config", "sparse"), True),
    ("ops/tf23-tensordot.h5", (*L, 0, "config", "sparse"), True),
    # What a layer gives changes: tokens for indices, another type, more than one output.
    ("formats/tfk221_nested_vocabulary.keras", (*L, 1, "config", "layers", 1, "config", "output_mode"), None),
    ("formats/k212_vocabulary.keras", (*L, 3, "config", "output_mode"), None),
    ("formats/k212_vocabulary.keras", (*L, 3, "config", "dtype"), "float16"),
    ("tf-2.4__stacked_cells.h5", (*L, 2, "config", "return_state"), True),
    ("keras-2.0.2__transposed.h5", ("model_config", "config", 0, "config", "batch_input_shape"), [None, 7, 3, None]),
    ("ops/tf28-avg_pool2d_same.h5", (*L, 1, "inbound_nodes", 0, 3, "strides", 2), -2),
    ("tf-2.8__multi_head_masked.h5", (*L, 2, "config", "attention_axes"), []),
    ("ops/tf115-shape_mean.h5", (*L, 3, "config", "constants", "1"), [1, 1, 1]),
    # Not the same in all releases, where it is not there, or never left out.
    ("random/random_5.h5", (*L, 2, "config", "activation"), MISSING),
    ("tf-2.4__text_lstm.h5", (*L, 2, "config", "recurrent_activation"), MISSING),
    ("training/keras_2.2.4_theano/plain_adam.h5", (*L, 0, "config", "recurrent_activation"), MISSING),
    # Arguments and attributes that TensorFlow does not take.
    ("ops/tf24-stft_abs.h5", (*L, 1, "inbound_nodes", 0, 3, "frame_length"), 0),
    ("ops/tf215-get_window.h5", (*L, 6, "inbound_nodes", 0, 3, "slice_spec", 0, "step"), 1e308),
    ("ops/tf212-tensor_scatter_nd_update.h5", (*L, 4, "inbound_nodes", 0, 3, "indices", 1, 0), 10**9),
    ("ops/tf28-pad_symmetric.h5", (*L, 1, "inbound_nodes", 0, 3, "paddings", 0, 0), -1),
    ("ops/tf28-pad_symmetric.h5", (*L, 1, "inbound_nodes", 0, 3, "paddings", 1, 0), 10**6),
    ("ops/tf23-strided_slice_shrink.h5", (*L, 1, "config", "constants", "3", 0), 0),
    ("ops/tf23-strided_slice_shrink.h5", (*L, 1, "config", "node_def", "attr", "end_mask", "i"), 10**12),
    ("ops/tf28-one_hot_outside.h5", (*L, 1, "inbound_nodes", 0, 3, "depth"), -3),
    ("ops/tf115-shape_mean.h5", (*L, 1, "config", "node_def", "attr"), {"keep_dims": {"name": 1}}),
    ("ops/tf115-get_reverse_bounds.h5", (*L, 1, "config", "node_def", "attr", "end_mask"), {}),
    ("ops/tf23-conv2d_valid_strides.h5", (*L, 1, "config", "node_def", "attr", "strides"), MISSING),
    ("ops/tf115-get_reverse_bounds.h5", (*L, 1, "config", "constants"), {"1": [0, 3], "2": [0, 0]}),
    ("ops/tf115-shape_mean.h5", (*L, 1, "config", "node_def", "attr", "T"), {"type": "nearest"}),
    ("ops/tf212-tensor_scatter_nd_update.h5", (*L, 5, "inbound_nodes", 0, 3, "y"), 10**400),
    ("ops/tf23-shape_broadcast.h5", (*L, 1, "config", "batch_input_shape"), [None, 1, None]),
    # Shapes of one op that do not fit each other, and windows that leave nothing.
    ("ops/tf23-solve_adjoint.h5", (*L, 0, "config", "batch_input_shape", 2), MISSING),
    ("ops/tf23-tensordot.h5", (*L, 6, "config", "constants", "1", 0), 1),
    ("ops/tf23-tensordot.h5", (*L, 6, "config", "constants", "1", 2), False),
    ("ops/tf23-conv2d_valid_strides.h5", (*L, 0, "config", "batch_input_shape", 3), 4),
    ("ops/tf23-conv2d_valid_strides.h5", (*L, 0, "config", "batch_input_shape", 2), 2),
    ("ops/tf23-graph_preprocess.h5", (*L, 4, "config", "dilation_rate", 1), 10**9 + 1),
    ("tf-2.4__conv1d_causal.h5", (*L, 2, "config", "strides"), [2]),
    ("ops/tf215-get_window.h5", (*L, 6, "inbound_nodes", 0, 3, "slice_spec", 0, "stop"), 2**31),
    # Weights made for other features than those of a later call, or for features that nothing tells.
    ("tf-2.6__shared_nested.h5", (*L, 1, "config", "batch_input_shape", 1), 6),
    ("random/random_3.h5", (*L, 0, "config", "batch_input_shape", 1), None),
    ("tf-2.4__masked_input.h5", (*L, 0, "config", "batch_input_shape"), [3, 5, None]),
    # Axes that are numbers of another kind; weights along the batch.
    ("formats/k212_cells.weights.h5", (*L, 1, "config", "axis"), {"class_name": "__tuple__", "items": [1e-07]}),
    ("tf-2.8__trained.h5", (*L, 2, "config", "axis", 0), 0),
    ("tf-2.6__shared_nested.h5", (*L, 2, "config", "layers", 2, "config", "axis"), 0),
    # What Keras 2 refuses as well: dilations, loops, states, numbers and shapes that its layers and ops do not take.
    ("tf-2.4__conv_lstm.h5", (*L, 1, "config", "unroll"), True),
    ("keras-2.1.6__masked_states.h5", (*L, 2, "config", "batch_input_shape", 1), MISSING),
    ("ops/tf23-graph_preprocess.h5", (*L, 1, "config", "constants", "1"), 10**400),
    ("ops/tf212-tensor_scatter_nd_update.h5", (*L, 1, "inbound_nodes", 0, 3, "slice_spec", 1, "stop"), 1),
    ("ops/tf22-conv2d_transpose.h5", (*L, 0, "config", "batch_input_shape", 3), 2),
    (
        "ops/tf215-get_window.h5",
        (*L, 6, "inbound_nodes", 0, 3, "slice_spec", 0),
        {"start": ["tf.math.subtract", 0, 0], "stop": ["tf.__operators__.add", 0, 0], "step": None},
    ),
    ("tf-2.8__trained.h5", (*L, 2, "config", "beta_initializer"), {"class_name": "Orthogonal", "config": {}}),
    ("ops/tf24-stft_abs.h5", (*L, 0, "config", "batch_input_shape", 1), 1),
    ("ops/tf115-where_v1.h5", (*L, 2, "config", "batch_input_shape"), [4]),
    ("tf-2.8__multi_head_masked.h5", (*L, 0, "config", "batch_input_shape"), [None, 6, 6]),
]
# What says the same in other words is planned as before.
SAME: list[tuple[str, Path, Any]] = [
    (
        "training/tf_2.4/plain_rmsprop_centered_momentum.h5",
        (*L, 2, "config", "axis"),
        {"class_name": "__tuple__", "items": [-1]},
    ),
    ("keras-1.2.2__trained.h5", ("training_config", "metrics"), ["accuracy", None]),
    ("formats/k212_vocabulary.keras", (*L, 2, "config", "dtype"), None),
    ("keras-1.2.2-theano__shared_nested.h5", (*L, 4, "config", "concat_axis"), -2),
    ("tf-2.10__multi_head_masked.h5", (*L, 2, "config", "value_dim"), None),
    ("formats/k213_vocabulary.keras", (*L, 9, "config", "output_mode"), "one_hot"),
    ("random/called_twice_inside.h5", (*L, 2, "config", "layers", 1, "config", "output_layers"), [["add", 0, 0]] * 2),
    ("formats/k212_nested_vocabulary.keras", (*L, 6, "config", "layers", 1, "config", "encoding"), None),
    ("formats/k213_cells.keras", ("training_config", "optimizer_config", "class_name"), "adam"),
    ("tf-2.4__conv1d_causal.h5", (*L, 4, "config", "strides"), None),
    ("random/gives_back_its_input.h5", (*L, 2, "config", "attention_axes"), None),
    ("tf-2.4__text_gru.h5", (*L, 0), MISSING),
    ("keras-2.2.4__batch_statistics.h5", (*L, 6, "inbound_nodes", 0, 0, 3, "training"), None),
    ("keras-2.0.2__merged_masks.h5", (*L, 2, "config", "dtype"), None),
    ("formats/tfk221_graph.keras", (*L, 1, "config", "groups"), 3),
    ("formats/tfk221_graph.keras", (*L, 1, "config", "kernel_constraint"), {"class_name": "NonNeg", "config": {}}),
    ("random/multiply_masked.h5", (*L, 3, "inbound_nodes", 0, 0), [[["multiply", 0, 0, {}]]]),
    ("keras-1.2.2-theano__conv1d.h5", ("model_config", "config", 2, "config", "stride"), None),
    (
        "training/tf_2.4/plain_rmsprop_centered_momentum.h5",
        ("training_config", "metrics", 0, 0, "config", "fn"),
        {"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "fn": "categorical_accuracy"}},
    ),
]
# The effect of these was lost.
CHANGED: list[tuple[str, Path, Any]] = [
    # A wrapper of half precision hands on halves, also where its layer alone stays.
    ("tf-2.4__steps_masked.h5", (*L, 4, "config", "dtype"), "mixed_float16"),
    ("keras-1.2.2__gone.h5", ("model_config", "config", 1, "config", "W_regularizer"), "L2"),
    # Modes by output, one of which is none of the model's.
    ("training/keras_2.2.4/plain_adam_decay.h5", ("training_config", "sample_weight_mode"), {"name": None}),
    # What is unrolled has no place for a penalty: the report says so.
    ("tf-2.4__odd_activation.h5", (*L, 2, "config", "layer", "config", "activity_regularizer"), "L2"),
    # From TensorFlow 2.2 on, what a nested model is called on becomes what its input says, though its layers stand
    # outside in the archive.
    ("random/minimum_masked.h5", (*L, 3, "config", "layers", 0, "config", "dtype"), "float16"),
    ("random/gives_back_its_input.h5", (*L, 4, "config", "layers", 0, "config", "dtype"), "float16"),
    ("tf-2.4__text_gru.h5", (*L, 1, "config", "embeddings_regularizer"), {"class_name": "L2", "config": {}}),
    (
        "keras-2.0.2__transposed.h5",
        ("model_config", "config", 3, "config", "kernel_initializer", "config", "scale"),
        1e308,
    ),
]
# A training config that makes no sense leaves the archive uncompiled, and the report says so.
UNCOMPILED: list[tuple[str, Path, Any]] = [
    ("keras-1.2.2__trained.h5", ("training_config", "optimizer_config", "config", "decay"), "softmax"),
    ("keras-1.2.2__trained.h5", ("training_config", "optimizer_config", "config", "decay"), [{}]),
    ("keras-1.2.2__trained.h5", ("training_config", "optimizer_config", "config", "lr"), 10**400),
    ("keras-1.2.2__trained.h5", ("training_config", "loss_weights"), 10**400),
    ("keras-1.2.2__trained.h5", ("training_config", "loss_weights"), [{"type": "ndarray", "value": -0.5}]),
]


def _mutated(name: str, path: Path, value: Any) -> tuple[Any, Any]:
    seed = next(iter(open_seeds([FIXTURES / name])))
    return seed, changed(seed.tree, path, lambda old: value)


@pytest.mark.parametrize(("name", "path", "value"), REFUSED, ids=lambda part: str(part)[-60:])
def test_refused(name: str, path: Path, value: Any) -> None:
    seed, tree = _mutated(name, path, value)
    with time_limit(60), pytest.raises(K2to3Error):
        seed.planned(tree)


@pytest.mark.parametrize(("name", "path", "value"), [*SAME, *CHANGED], ids=lambda part: str(part)[-60:])
def test_effect(name: str, path: Path, value: Any) -> None:
    seed, tree = _mutated(name, path, value)
    same = digest(seed.planned(tree)) == seed.digest
    assert same is ((name, path, value) in SAME)
    assert not same or ignored(seed.tree, tree, path) is None


@pytest.mark.parametrize(("name", "path", "value"), UNCOMPILED, ids=lambda part: str(part)[-60:])
def test_uncompiled(name: str, path: Path, value: Any) -> None:
    seed, tree = _mutated(name, path, value)
    plan = seed.planned(tree)
    assert "compile_config" not in plan.config
    assert any(finding.kind == "dropped" and finding.class_name == "compile" for finding in plan.findings)
    assert digest(plan) != seed.digest
