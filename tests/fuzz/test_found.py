"""What the fuzzer found: one small change each of a genuine file, refused with an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.errors import K2to3Error

from .digest import digest
from .execute import time_limit
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


@pytest.mark.parametrize(("name", "path", "value"), UNCOMPILED, ids=lambda part: str(part)[-60:])
def test_uncompiled(name: str, path: Path, value: Any) -> None:
    seed, tree = _mutated(name, path, value)
    plan = seed.planned(tree)
    assert "compile_config" not in plan.config
    assert any(finding.kind == "dropped" and finding.class_name == "compile" for finding in plan.findings)
    assert digest(plan) != seed.digest
