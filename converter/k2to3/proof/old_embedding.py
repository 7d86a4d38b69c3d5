"""Inside the worker: an Embedding of tf-keras on token IDs."""

from __future__ import annotations

from typing import Any

import numpy as np
import tf_keras

Json = dict[str, Any]


def tf_keras_embedding(item: Json, table: Any, ids: Any) -> tuple[Any, Any]:
    """Outputs and mask; no mask is None."""
    layer = tf_keras.layers.Embedding(
        item["input_dim"], item["output_dim"], "zeros", mask_zero=item["mask_zero"], dtype=item["dtype"]
    )
    layer.build((None, None))
    layer.set_weights([table])
    mask = layer.compute_mask(ids)
    return np.asarray(layer(ids)), None if mask is None else np.asarray(mask)
