"""Inside the worker: one Embedding of both Kerases on sample token IDs, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from k2to3.proof.handed import array_at
from k2to3.sources.object_names import numbered

RANDOM_IDS = 64
Pair = tuple[Any, Any]
"""Outputs and mask; no mask is None."""
Judge = Callable[[dict[str, Any], Any, Any], Pair]


def sample_ids(rows: int, extra: list[int], seed: int) -> Any:
    """0, 1, the last, repeats, a seeded random set, and the user's own IDs."""
    edge = [0, min(1, rows - 1), rows - 1, rows - 1, 0, 0]
    chosen = np.random.default_rng(seed).integers(0, rows, RANDOM_IDS).tolist()
    return np.array([edge + chosen + [i for i in extra if 0 <= i < rows]], dtype=np.int64)


def compare_embedding(item: dict[str, Any], model: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Outputs and masks of the Keras 2 layer and of the layer in the archive."""
    table = array_at(job, item["dataset"])
    ids = sample_ids(item["input_dim"], job["token_ids"], job["seed"])
    dtype = table.dtype if table.dtype.kind == "f" else np.float32
    result = {
        "name": item["name"],
        "path": item["path"],
        "ids": int(ids.size),
        "token_ids": ids.ravel().tolist(),
        "equal": True,
        "detail": "",
    }
    if table.dtype.kind == "V":
        return {**result, "detail": "bfloat16 table: compared as stored"}
    have = _keras3(find_layer(model, item["path"]), ids)
    for judge in _judges(job):
        detail = _difference(judge(item, table.astype(dtype), ids), have)
        if detail:
            return {**result, "equal": False, "detail": detail}
    return {**result, "mask": have[1] is not None}


def _judges(job: dict[str, Any]) -> list[Judge]:
    """Who says what Keras 2's layer gives."""
    if job["judge"] == "specification":
        return [specified_embedding]
    from k2to3.proof.old_embedding import tf_keras_embedding

    return [tf_keras_embedding] if job["judge"] == "tf-keras" else [specified_embedding, tf_keras_embedding]


def specified_embedding(item: dict[str, Any], table: Any, ids: Any) -> Pair:
    """The rows of the table, in the dtype in which the layer computes."""
    stored, computed = _dtypes(item["dtype"])
    return table.astype(stored)[ids].astype(computed), ids != 0 if item["mask_zero"] else None


def _dtypes(policy: str) -> tuple[Any, Any]:
    """In which a layer of this policy keeps its variables, and computes."""
    computed = policy.removeprefix("mixed_")
    return _dtype("float32" if computed != policy else policy), _dtype(computed)


def _dtype(name: str) -> Any:
    return np.dtype(getattr(ml_dtypes, name) if name == "bfloat16" else name)


def _keras3(layer: Any, ids: Any) -> Pair:
    import keras

    mask = layer.compute_mask(ids)
    outputs = keras.ops.convert_to_numpy(layer(ids))
    return outputs, None if mask is None else keras.ops.convert_to_numpy(mask)


def _difference(want: Pair, have: Pair) -> str:
    if want[0].dtype != have[0].dtype or want[0].tobytes() != have[0].tobytes():
        return "outputs differ"
    if (want[1] is None) != (have[1] is None):
        return "one has a mask, the other has none"
    return "" if want[1] is None or np.array_equal(want[1], have[1]) else "masks differ"


def find_layer(model: Any, path: str) -> Any:
    """The layer whose variables are stored under `path`."""
    parts = path.split("/")
    found = model
    while parts:
        attribute = parts.pop(0)
        value = getattr(found, attribute)
        if isinstance(value, (list, tuple)):
            names = numbered([type(item).__name__ for item in value])
            value = value[names.index(parts.pop(0))]
        found = value
    return found
