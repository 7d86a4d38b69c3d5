"""Calls of `tf.*` on whole tensors, and what TensorFlow computes of them.

    python tests/specification/array_functions.py

records anew, with the TensorFlow of the interpreter.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_name("array_functions.npz")
random = np.random.RandomState(7)
SQUARE = random.uniform(-1, 1, (2, 3, 3))
WIDE = random.uniform(-1, 1, (2, 3, 4))
ROW, WAVE = random.uniform(-2, 2, (2, 3)), random.uniform(-1, 1, (2, 17))
TIED = np.array([[1, 3, 3, 2, 1], [0, -1, 5, 5, 5]], dtype=np.float64)
POSITIVE = SQUARE @ SQUARE.swapaxes(1, 2) + 2 * np.eye(3)
IMAGE = random.uniform(-1, 1, (4, 2, 4, 1))
I = np.array  # noqa: E741
NUMBERS = I([[0, 2, 1], [2, 0, 2]], dtype=np.int32)
CELLS = I([[0, 1], [2, 3], [0, 1]], dtype=np.int32)
ONCE = I([[2], [0]], dtype=np.int32)
TIMES = I([2, 0], dtype=np.int32)
BLOCKS = [[0, 1], [2, 0]]

CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("linalg.band_part", (WIDE, 1, 0), {}),
    ("linalg.band_part", (WIDE, -1, 1), {}),
    ("linalg.diag", (ROW,), {"k": -1}),
    ("linalg.diag", (ROW,), {"k": 2, "padding_value": 7.0}),
    ("linalg.diag_part", (WIDE,), {"k": 2}),
    ("linalg.diag_part", (WIDE,), {"k": -1}),
    ("linalg.set_diag", (WIDE, ROW), {}),
    ("linalg.set_diag", (WIDE, ROW), {"k": 1}),
    ("linalg.tensor_diag", (ROW,), {}),
    ("linalg.tensor_diag_part", (SQUARE[0],), {}),
    ("linalg.trace", (WIDE,), {}),
    ("linalg.adjoint", (WIDE,), {}),
    ("linalg.matvec", (WIDE, ROW), {"transpose_a": True}),
    ("linalg.cross", (WIDE[..., :3], SQUARE), {}),
    ("linalg.cholesky", (POSITIVE,), {}),
    ("linalg.cholesky_solve", (POSITIVE, WIDE), {}),
    ("linalg.solve", (POSITIVE + SQUARE, WIDE), {"adjoint": True}),
    ("linalg.triangular_solve", (POSITIVE, WIDE), {"lower": False, "adjoint": True}),
    ("linalg.inv", (POSITIVE + SQUARE,), {"adjoint": True}),
    ("linalg.det", (SQUARE,), {}),
    ("linalg.slogdet", (SQUARE,), {}),
    ("linalg.logdet", (POSITIVE,), {}),
    ("linalg.eigvalsh", (POSITIVE,), {}),
    ("linalg.svd", (WIDE,), {"compute_uv": False}),
    ("linalg.norm", (WIDE,), {"ord": 1, "axis": 1}),
    ("linalg.norm", (WIDE,), {"ord": 3, "axis": -1, "keepdims": True}),
    ("linalg.norm", (WIDE,), {"ord": np.inf}),
    ("linalg.norm", (WIDE,), {"ord": "fro", "axis": [1, 2]}),
    ("linalg.normalize", (WIDE,), {"axis": 1}),
    ("linalg.global_norm", ([ROW, WIDE],), {}),
    ("linalg.eye", (2,), {"num_columns": 3, "batch_shape": [2]}),
    ("einsum", ("bij,bkj->ik", SQUARE, WIDE[..., :3]), {}),
    ("einsum", ("...ij->...ji", WIDE), {}),
    ("signal.frame", (WAVE, 5, 3), {}),
    ("signal.frame", (WAVE, 5, 4), {"pad_end": True, "pad_value": 2.0}),
    ("signal.frame", (WIDE, 2, 1), {"axis": 1}),
    ("signal.overlap_and_add", (WIDE, 3), {}),
    ("signal.stft", (WAVE, 6, 4), {}),
    ("signal.stft", (WAVE, 5, 2), {"fft_length": 8, "pad_end": True}),
    ("signal.stft", (WAVE, 8, 4), {"window_fn": None}),
    ("signal.rfft", (WAVE, [8]), {}),
    ("signal.rfft", (WAVE, [20]), {}),
    ("signal.hann_window", (6,), {}),
    ("signal.hann_window", (5,), {}),
    ("signal.hann_window", (6,), {"periodic": False}),
    ("signal.hamming_window", (6,), {}),
    *[("signal.dct", (WAVE,), {"type": kind}) for kind in (1, 2, 3, 4)],
    *[("signal.dct", (WAVE,), {"type": kind, "norm": "ortho"}) for kind in (2, 3, 4)],
    *[("signal.idct", (WAVE,), {"type": kind, "norm": "ortho"}) for kind in (2, 3)],
    ("signal.dct", (WAVE,), {"n": 9}),
    ("signal.dct", (WAVE,), {"n": 21}),
    ("signal.mfccs_from_log_mel_spectrograms", (WAVE,), {}),
    ("signal.linear_to_mel_weight_matrix", (4, 9, 8000, 125.0, 3800.0), {}),
    ("signal.fftshift", (WAVE,), {"axes": [1]}),
    ("signal.ifftshift", (WAVE,), {}),
    ("complex", (ROW, ROW[::-1]), {}),
    ("math.angle", (ROW,), {}),
    ("gather", (WIDE, NUMBERS), {"axis": 2, "batch_dims": 1}),
    ("gather", (WIDE, NUMBERS), {"batch_dims": -1, "axis": -1}),
    ("gather_nd", (WIDE, NUMBERS[:, :1]), {"batch_dims": 1}),
    ("gather_nd", (WIDE[0], CELLS), {}),
    ("compat.v1.batch_gather", (ROW, NUMBERS), {}),
    ("one_hot", (NUMBERS, 2), {"axis": 1, "on_value": 2.5, "off_value": -1.0}),
    ("one_hot", (NUMBERS, 3), {"axis": 0, "dtype": "int32"}),
    ("compat.v1.where", (I([True, False]), WIDE, -WIDE), {}),
    ("scatter_nd", (CELLS, ROW[0], [3, 4]), {}),
    *[(f"tensor_scatter_nd_{how}", (WIDE[0], CELLS, ROW[0]), {}) for how in ("add", "sub", "max", "min")],
    ("tensor_scatter_nd_update", (WIDE[0], ONCE, WIDE[1, :2]), {}),
    *[(f"math.segment_{how}", (WIDE[0], [0, 0, 2]), {}) for how in ("sum", "mean", "max", "min", "prod")],
    *[(f"math.unsorted_segment_{how}", (WIDE[0], [2, -1, 2], 4), {}) for how in ("sum", "mean", "sqrt_n", "prod")],
    *[(f"math.unsorted_segment_{how}", (WIDE[0], [1, 0, 1], 2), {}) for how in ("max", "min")],
    ("math.unsorted_segment_max", (NUMBERS[0], [1, 0, 1], 3), {}),
    ("math.bincount", (NUMBERS,), {"minlength": 5}),
    ("math.bincount", (NUMBERS,), {"maxlength": 2, "axis": -1}),
    ("math.bincount", (NUMBERS,), {"axis": -1, "binary_output": True}),
    ("math.confusion_matrix", (NUMBERS[0], NUMBERS[1]), {"num_classes": 4}),
    ("histogram_fixed_width", (WAVE, [-0.6, 0.5]), {"nbins": 4}),
    ("histogram_fixed_width_bins", (WAVE, [-0.6, 0.5]), {"nbins": 4}),
    ("sort", (TIED,), {"direction": "DESCENDING"}),
    ("argsort", (TIED,), {"direction": "DESCENDING"}),
    ("argsort", (TIED,), {"axis": 0}),
    ("math.top_k", (TIED,), {"k": 3}),
    ("searchsorted", (np.sort(TIED), TIED), {}),
    ("searchsorted", (np.sort(TIED), TIED), {"side": "right"}),
    ("math.invert_permutation", (I([2, 0, 1], dtype=np.int32),), {}),
    ("reverse_sequence", (WIDE, TIMES), {"seq_axis": 1, "batch_axis": 0}),
    ("reverse_sequence", (WIDE, I([1, 0, 2], dtype=np.int32)), {"seq_axis": 0, "batch_axis": 1}),
    ("roll", (WIDE, [1, -2], [2, 1]), {}),
    ("sequence_mask", (TIMES,), {}),
    ("sequence_mask", (NUMBERS, 3), {"dtype": "float32"}),
    ("range", (7, 1, -2), {}),
    ("range", (5,), {"dtype": "float32"}),
    ("linspace", (ROW[0], ROW[1], 4), {}),
    ("linspace", (-1.0, 2.0, 5), {}),
    ("meshgrid", (ROW[0], WAVE[0]), {"indexing": "ij"}),
    ("batch_to_space", (IMAGE, [2, 2], BLOCKS), {}),
    ("space_to_batch", (np.concatenate([IMAGE] * 2, 1), [2, 3], [[0, 0], [2, 0]]), {}),
    ("compat.v1.batch_to_space", (IMAGE, BLOCKS, 2), {}),
    ("compat.v1.space_to_batch", (IMAGE, [[0, 0], [1, 1]], 2), {}),
    ("compat.v1.arg_max", (WIDE, 1), {}),
    ("rank", (WIDE,), {}),
    ("size", (WIDE,), {}),
    ("constant", (2.0,), {"shape": [2, 3]}),
    ("zeros_like", (NUMBERS,), {"dtype": "float32"}),
    ("ones_like", (ROW,), {"dtype": "int32"}),
    ("dtypes.saturate_cast", (ROW * 200, "uint8"), {}),
    ("compat.v1.to_float", (NUMBERS,), {}),
    ("ensure_shape", (ROW, [None, 3]), {}),
    ("debugging.check_numerics", (ROW, "message"), {}),
    ("identity_n", ([ROW, WIDE],), {}),
    ("cumsum", (WIDE,), {"axis": 1, "exclusive": True}),
    ("math.cumprod", (WIDE,), {"axis": 1, "exclusive": True, "reverse": True}),
]


def as_float(value: Any, dtype: str) -> Any:
    """Floats of the dtype, in whatever holds them."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(dtype)
    return [as_float(x, dtype) for x in value] if isinstance(value, list) else value


def names() -> Iterator[str]:
    yield from (f"{n:03} {name}" for n, (name, _, _) in enumerate(CALLS))


def main() -> None:
    import tensorflow as tf

    stored = {}
    for key, (name, args, kwargs) in zip(names(), CALLS, strict=True):
        found = attrgetter(name)(tf)(*(as_float(x, "float32") for x in args), **kwargs)
        found = found if isinstance(found, (list, tuple)) else [found]
        stored |= {f"{key}/{n}": np.asarray(value) for n, value in enumerate(found)}
    np.savez_compressed(RECORDED, **stored)


if __name__ == "__main__":
    main()
