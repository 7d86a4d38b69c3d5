"""In single precision the specification loses what TensorFlow loses: a more exact judge objects to what is right."""

from __future__ import annotations

import numpy as np
import pytest
from k2to3.proof.keras2.activations import elu, selu

NEAR_ZERO = np.array([-1e-4, -3e-5, -1e-3], "float32")
# `tf.nn.elu` and `tf.nn.selu` of TensorFlow 2.21 on CPU.
RECORDED = {
    elu: [-0.00010001659393310547, -2.9981136322021484e-05, -0.0009995102882385254],
    selu: [-0.00017583910084795207, -5.2709816372953355e-05, -0.0017572384094819427],
}


@pytest.mark.parametrize("function", RECORDED, ids=lambda function: function.__name__)
def test_exponentials_near_zero(function):
    """They are exp(x) - 1 there, up to 6e-4 off."""
    found = function(NEAR_ZERO)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, RECORDED[function], rtol=1e-6)
    exact = function(NEAR_ZERO.astype("float64"))
    assert np.abs(found - exact).max() > 1e-8
