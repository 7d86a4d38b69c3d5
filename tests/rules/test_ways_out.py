"""What a hint says, done on the case that printed it."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import sequential, write_checkpoint
from k2to3 import convert
from k2to3.errors import WeightMismatch


def gru(tmp_path, shape, reset_after):
    config = {"name": "gru", "units": 8, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True}
    config |= {"reset_after": reset_after, "batch_input_shape": [None, 5, 4]}
    given = {"gru/kernel:0": (4, 24), "gru/recurrent_kernel:0": (8, 24), "gru/bias:0": shape}
    weights = {"gru": {name: np.ones(extents, "float32") for name, extents in given.items()}}
    return write_checkpoint(tmp_path / "old.h5", sequential({"class_name": "GRU", "config": config}), weights)


@pytest.mark.parametrize("shape, right", [((24,), False), ((2, 24), True)])
def test_a_bias_of_the_other_gru_names_reset_after(tmp_path, shape, right):
    with pytest.raises(WeightMismatch, match=f"say reset_after={right} there"):
        convert(gru(tmp_path, shape, not right), tmp_path / "new.keras", verify="none")
    convert(gru(tmp_path, shape, right), tmp_path / "new.keras", verify="weights")
