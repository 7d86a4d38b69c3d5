"""`tf.*` on whole tensors: what TensorFlow computed, in float64 and float32, and what has no entry."""

from __future__ import annotations

import numpy as np
import pytest
from array_functions import CALLS, RECORDED, as_float, names
from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.lambdas.backend import call
from k2to3.proof.keras2.ops.table import find
from shapes import entry, graph, layer, random, specify


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("key", "case"), list(zip(names(), CALLS, strict=True)), ids=list(names()))
def test_it_computes_what_tensorflow_did(key, case, dtype, recorded):
    name, args, kwargs = case
    function = find(name)
    assert function is not None
    found = function(*(as_float(x, dtype) for x in args), **kwargs)
    found = found if isinstance(found, list) else [found]
    wanted = [recorded[f"{key}/{n}"] for n in range(len(found))]
    assert f"{key}/{len(found)}" not in recorded
    for have, want in zip(found, wanted, strict=True):
        assert (have.shape, have.dtype.kind) == (want.shape, want.dtype.kind)
        np.testing.assert_allclose(have, want, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("linalg.diag", (np.ones(3),), {"k": (0, 1)}),
        ("linalg.svd", (np.eye(2),), {}),
        ("linalg.norm", (np.eye(2),), {"ord": 2, "axis": [0, 1]}),
        ("einsum", ("ij->ji",), {}),
        ("signal.stft", (np.ones(16), 8, 4), {"window_fn": "hamming"}),
        ("gather", (np.ones(3), [3]), {}),
        ("gather_nd", (np.ones(3), np.array([[-1]])), {}),
        ("tensor_scatter_nd_update", (np.ones(3), [[1], [1]], [2.0, 3.0]), {}),
        ("math.top_k", (np.ones(3),), {"k": 2, "sorted": False}),
        ("math.segment_sum", (np.ones(3), [1, 0, 1]), {}),
        ("math.bincount", (np.array([1, 2]),), {"weights": [1.0, 2.0]}),
        ("batch_to_space", (np.ones((4, 1, 1, 1)), [[0, 0], [0, 0]], 2), {}),
        ("dtypes.saturate_cast", (np.ones(3), "int32"), {}),
        ("constant", ([1.0, 2.0],), {"shape": [3]}),
        ("debugging.check_numerics", (np.array([np.nan]), ""), {}),
        ("debugging.assert_less", (np.array([2.0]), 1.0), {}),
        ("debugging.assert_rank_in", (np.ones(2), [2, 3]), {}),
    ],
)
def test_what_it_cannot_know_it_refuses(name, args, kwargs):
    function = find(name)
    assert function is not None
    with pytest.raises(ValueError):
        function(*args, **kwargs)


def test_an_assertion_that_holds_gives_nothing():
    function = find("debugging.assert_less")
    assert function is not None and function(np.array([0.0]), y=1.0) is None


def test_the_angle_of_a_negative_number_changed():
    new, old = Author(None, (2, 4), (2, 4), "tensorflow"), Author(None, (2, 0), (2, 0), "tensorflow")
    assert call("tf.math.angle", [np.array([-1.0, 1.0])], {}, new).tolist() == [np.pi, 0]
    assert call("tf.math.angle", [np.array([-1j])], {}, old).tolist() == [-np.pi / 2]
    with pytest.raises(NotSpecified, match=r"2\.4"):
        call("tf.math.angle", [np.array([-1.0, 1.0])], {}, old)


@pytest.mark.parametrize(("function", "reason"), [("print", "gives no tensor"), ("math.real", "mask passes on")])
def test_a_layer_without_a_claim(function, reason, tmp_path):
    nodes = [
        (entry("ids", [3], "int32"), []),
        (layer("Embedding", "e", input_dim=4, output_dim=2, mask_zero=True), ["ids"]),
        (layer("TFOpLambda", "op", function=function), ["e"]),
    ]
    model = specify(tmp_path, graph(nodes, ["op"]), {"e": [random(4, 2)]})
    with pytest.raises(NotSpecified, match=reason):
        model.predict([np.zeros((2, 3), np.int32)])
