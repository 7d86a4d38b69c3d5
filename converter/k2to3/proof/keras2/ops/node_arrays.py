"""Nodes of a graph that work on whole tensors: tensorflow/core/ops/*.cc has the order of their inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.table import FUNCTIONS
from k2to3.proof.keras2.ops.values import dtype_of, floats
from k2to3.proof.keras2.tensor import Array

Attributes = dict[str, Any]
Node = Callable[[list[Any], Attributes], Any]


def _with(name: str, **attributes: str) -> Node:
    """Inputs in order; keywords from the attributes that bear other names."""

    def run(inputs: list[Any], given: Attributes) -> Any:
        return FUNCTIONS[name](*inputs, **{key: given[a] for key, a in attributes.items() if a in given})

    return run


def _diagonal(name: str, tensors: int) -> Node:
    """Of the second and third form, whose last inputs are offsets and padding; of the first there are none."""

    def run(inputs: list[Any], attributes: Attributes) -> Any:
        keys = {"diag": ("k", "num_rows", "num_cols", "padding_value"), "diag_part": ("k", "padding_value")}
        others = dict(zip(keys.get(name, ("k",)), inputs[tensors:], strict=len(inputs) > tensors))
        return FUNCTIONS[name](*inputs[:tensors], **others)

    return run


def _one_hot(inputs: list[Any], attributes: Attributes) -> Any:
    return FUNCTIONS["one_hot"](*inputs, axis=int(attributes.get("axis", -1)), dtype=attributes.get("T"))


def _extreme(name: str) -> Node:
    return lambda inputs, attributes: FUNCTIONS[name](inputs[0], int(np.asarray(inputs[1])))


def _range(inputs: list[Any], attributes: Attributes) -> Any:
    return FUNCTIONS["range"](*inputs, dtype=attributes.get("Tidx"))


def _bound(side: str) -> Node:
    return lambda inputs, attributes: FUNCTIONS["searchsorted"](inputs[0], inputs[1], side, attributes.get("out_type"))


def _bincount(inputs: list[Any], attributes: Attributes) -> Any:
    """The size leaves out what is beyond it."""
    numbers, size, weights = inputs
    if np.size(weights):
        raise ValueError("weights")
    found = FUNCTIONS["bincount"](numbers, None, size, size)
    return found.astype(dtype_of(attributes.get("T", "DT_INT32"), floats()))


def _top_k(inputs: list[Any], attributes: Attributes) -> Any:
    k = inputs[1] if len(inputs) > 1 else attributes["k"]
    return FUNCTIONS["top_k"](inputs[0], k, bool(attributes.get("sorted", True)))


def _eigenvalues(inputs: list[Any], attributes: Attributes) -> Any:
    """The second output, of no vectors, is empty."""
    if attributes.get("compute_v", True):
        raise ValueError("eigenvectors have no unique sign")
    return [FUNCTIONS["eigvalsh"](inputs[0]), np.zeros(0, inputs[0].dtype)]


def _singular_values(inputs: list[Any], attributes: Attributes) -> Any:
    """As above, of two outputs."""
    values = FUNCTIONS["svd"](inputs[0], compute_uv=bool(attributes.get("compute_uv", True)))
    return [values, np.zeros(0, values.dtype), np.zeros(0, values.dtype)]


def _einsum(inputs: list[Any], attributes: Attributes) -> Any:
    return FUNCTIONS["einsum"](attributes["equation"], *inputs)


def _ensured(inputs: list[Any], attributes: Attributes) -> Array:
    shape = attributes["shape"]
    if shape.get("unknown_rank") or shape.get("unknownRank"):
        return np.asarray(inputs[0])
    return np.asarray(FUNCTIONS["ensure_shape"](inputs[0], [int(d.get("size", 0)) for d in shape.get("dim", [])]))


SAME = {
    "ComplexAbs": "abs",
    "Angle": "angle", "Conj": "conj", "Imag": "imag", "Real": "real", "Complex": "complex",
    "FFT": "fft", "FFT2D": "fft2d", "IFFT": "ifft", "IFFT2D": "ifft2d", "RFFT": "rfft", "IRFFT": "irfft",
    "BatchToSpaceND": "batch_to_space", "SpaceToBatchND": "space_to_batch",
    "Cholesky": "cholesky", "Cross": "cross", "MatrixDeterminant": "det", "LogMatrixDeterminant": "slogdet",
    "MatrixBandPart": "band_part", "Diag": "tensor_diag", "DiagPart": "tensor_diag_part",
    "GatherNd": "gather_nd", "InvertPermutation": "invert_permutation", "Roll": "roll", "LinSpace": "linspace",
    "HistogramFixedWidth": "histogram_fixed_width", "Rank": "rank", "Size": "size", "ScatterNd": "scatter_nd",
    "TensorScatterAdd": "tensor_scatter_nd_add", "TensorScatterSub": "tensor_scatter_nd_sub",
    "TensorScatterMax": "tensor_scatter_nd_max", "TensorScatterMin": "tensor_scatter_nd_min",
    "TensorScatterUpdate": "tensor_scatter_nd_update",
    "SegmentSum": "segment_sum", "SegmentMean": "segment_mean", "SegmentMax": "segment_max",
    "SegmentMin": "segment_min", "SegmentProd": "segment_prod", "UnsortedSegmentSum": "unsorted_segment_sum",
    "UnsortedSegmentMax": "unsorted_segment_max", "UnsortedSegmentMin": "unsorted_segment_min",
    "UnsortedSegmentProd": "unsorted_segment_prod", "CheckNumerics": "check_numerics",
}  # fmt: skip
NODES: dict[str, Node] = {
    **{op: _with(name) for op, name in SAME.items()},
    "IdentityN": lambda inputs, attributes: FUNCTIONS["identity_n"](inputs),
    "ParallelConcat": lambda inputs, attributes: np.concatenate(inputs),
    "ArgMax": _extreme("argmax"),
    "ArgMin": _extreme("argmin"),
    "Bincount": _bincount,
    "Cumsum": _with("cumsum", exclusive="exclusive", reverse="reverse"),
    "Cumprod": _with("cumprod", exclusive="exclusive", reverse="reverse"),
    "Einsum": _einsum,
    "EnsureShape": _ensured,
    "LowerBound": _bound("left"),
    "UpperBound": _bound("right"),
    **{f"MatrixDiag{form}": _diagonal("diag", 1) for form in ("", "V2", "V3")},
    **{f"MatrixDiagPart{form}": _diagonal("diag_part", 1) for form in ("", "V2", "V3")},
    **{f"MatrixSetDiag{form}": _diagonal("set_diag", 2) for form in ("", "V2", "V3")},
    "MatrixInverse": _with("inv", adjoint="adjoint"),
    "MatrixSolve": _with("solve", adjoint="adjoint"),
    "MatrixTriangularSolve": _with("triangular_solve", lower="lower", adjoint="adjoint"),
    "OneHot": _one_hot,
    "Range": _range,
    "ReverseSequence": _with("reverse_sequence", seq_dim="seq_dim", batch_dim="batch_dim"),
    "SelfAdjointEigV2": _eigenvalues,
    "Svd": _singular_values,
    "TopK": _top_k,
    "Where": lambda inputs, attributes: np.argwhere(inputs[0]),
    "TopKV2": _top_k,
}
