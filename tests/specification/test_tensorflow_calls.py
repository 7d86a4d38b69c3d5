"""Functions of TensorFlow, argument form by argument form: what TensorFlow 2.15.1 computed is what is specified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from k2to3.proof.keras2.ops.table import find
from tensorflow_calls import ARRAYS, CALLS, filled, flat

RECORDED = Path(__file__).with_name("tensorflow_calls.npz")
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def specified(name, arguments, change=lambda value: value):
    function = find(name)
    assert function is not None
    with np.errstate(all="ignore"):
        found = function(**{key: change(filled(value)) for key, value in arguments.items()})
    return [np.asarray(value) for value in flat(found)]


def wide(value):
    """The same numbers for a run in float64."""
    if isinstance(value, list):
        return [wide(item) for item in value]
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def differs(want, found):
    """Which is wrong, if anything is."""
    if want.shape != found.shape or want.dtype.kind != found.dtype.kind:
        return f"{found.dtype}{found.shape} for {want.dtype}{want.shape}"
    a, b = want.astype(np.float64), found.astype(np.float64)
    known = np.isfinite(a)
    if not np.array_equal(a[~known], b[~known], equal_nan=True):
        return "other infinities or NaN"
    error = np.abs(a[known] - b[known]).max(initial=0)
    return "" if error <= TOLERANCE * np.abs(a[known]).max(initial=1e-30) else f"differs by {error:.3g}"


def wrong(recorded, change):
    for number, (name, arguments) in enumerate(CALLS):
        found = specified(name, arguments, change)
        assert f"{number}_{len(found)}" not in recorded
        for n, value in enumerate(found):
            if problem := differs(recorded[f"{number}_{n}"], value):
                yield name, arguments, problem


@pytest.mark.parametrize("change", [lambda value: value, wide], ids=["float32", "float64"])
def test_it_computes_what_tensorflow_computed(recorded, change):
    assert len(CALLS) > 300
    assert list(wrong(recorded, change)) == []


def test_another_meaning_would_be_seen(recorded):
    """Legacy corners for half-pixel centres; a window that begins one later; the colours in another order."""
    number, (name, arguments) = next((n, c) for n, c in enumerate(CALLS) if c[0] == "image.resize")
    legacy = specified("compat.v1.image.resize", {key: arguments[key] for key in ("images", "size")})
    assert name == "image.resize" and differs(recorded[f"{number}_0"], legacy[0])
    number, (name, arguments) = next((n, c) for n, c in enumerate(CALLS) if c[0] == "nn.conv2d_transpose")
    turned = specified(name, arguments | {"filters": ARRAYS["k2t"][::-1]})
    assert differs(recorded[f"{number}_0"], turned[0])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("image.per_image_standardization", {"image": "$bytes"}),
        ("image.convert_image_dtype", {"image": "$wild", "dtype": "uint8"}),
        (
            "image.resize_bilinear",
            {"images": "$wild", "size": [3, 4], "align_corners": True, "half_pixel_centers": True},
        ),
        ("math.erfinv", {"x": "$v"}),
        ("nn.conv2d", {"input": "$wild", "filters": "$k2", "strides": [2, 1, 1, 1], "padding": "SAME"}),
        ("nn.conv2d", {"input": "$wild", "filters": "$k2", "strides": 1, "data_format": "NCHW_VECT_C"}),
        ("nn.embedding_lookup", {"params": "$table", "ids": [6]}),
        ("nn.embedding_lookup", {"params": "$table", "ids": "$ids", "max_norm": 1.0}),
        ("nn.sparse_softmax_cross_entropy_with_logits", {"labels": "$beyond", "logits": "$logits"}),
        ("nn.weighted_moments", {"x": "$v", "axes": [0], "frequency_weights": 0.0}),
        ("quantization.fake_quant_with_min_max_args", {"inputs": "$v", "num_bits": 16}),
        ("truncatediv", {"x": "$v", "y": "$w"}),
        ("truncatediv", {"x": "$j", "y": "$i"}),
        ("math.floormod", {"x": "$j", "y": "$i"}),
        ("cast", {"x": "$w", "dtype": "uint8"}),
    ],
)
def test_what_changed_or_is_left_open_is_not_claimed(name, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        specified(name, arguments)


def test_at_a_pole_there_is_no_number():
    """Inputs of a proof may meet one; NaN must be met by NaN, and the rest of the batch is compared."""
    (found,) = specified("math.digamma", {"x": np.array([0.0, 1.0, -2.0])})
    assert np.isnan(found[[0, 2]]).all() and abs(found[1] + 0.5772156649) < 1e-9


def test_channels_first_is_the_same_moved():
    x, kernel = ARRAYS["wild"], ARRAYS["k2"]
    margins = [[0, 0], [2, 1], [0, 3], [0, 0]]
    last = specified("nn.conv2d", {"input": "$wild", "filters": "$k2", "strides": [1, 2, 1, 1], "padding": margins})
    first = find("nn.conv2d")(
        input=np.moveaxis(x, -1, 1), filters=kernel, strides=[1, 1, 2, 1], data_format="NCHW",
        padding=[margins[n] for n in (0, 3, 1, 2)],
    )  # fmt: skip
    np.testing.assert_array_equal(np.moveaxis(first, 1, -1), last[0])
