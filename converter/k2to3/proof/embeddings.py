"""Inside the worker: one Embedding of both Kerases on sample token IDs, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.handed import array_at
from k2to3.sources.object_names import numbered

RANDOM_IDS = 64


def sample_ids(rows: int, extra: list[int], seed: int) -> Any:
    """0, 1, the last, repeats, a seeded random set, and the user's own IDs."""
    edge = [0, min(1, rows - 1), rows - 1, rows - 1, 0, 0]
    chosen = np.random.default_rng(seed).integers(0, rows, RANDOM_IDS).tolist()
    return np.array([edge + chosen + [i for i in extra if 0 <= i < rows]], dtype=np.int64)


def compare_embedding(item: dict[str, Any], model: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Outputs and masks of the Keras 2 layer and of the layer in the archive."""
    import tf_keras

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
    old = tf_keras.layers.Embedding(
        item["input_dim"], item["output_dim"], mask_zero=item["mask_zero"], dtype=item["dtype"]
    )
    old.build((None, None))
    old.set_weights([table.astype(dtype)])
    new = find_layer(model, item["path"])
    want, have = np.asarray(old(ids)), np.asarray(new(ids))
    if want.dtype != have.dtype or want.tobytes() != have.tobytes():
        return {**result, "equal": False, "detail": "outputs differ"}
    masks = old.compute_mask(ids), new.compute_mask(ids)
    if (masks[0] is None) != (masks[1] is None):
        return {**result, "equal": False, "detail": "one has a mask, the other has none"}
    if masks[0] is not None and not np.array_equal(np.asarray(masks[0]), np.asarray(masks[1])):
        return {**result, "equal": False, "detail": "masks differ"}
    return {**result, "mask": masks[0] is not None}


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
