"""Builds a network of `tf_keras.applications`, saves it, and compares with Keras 3."""

from __future__ import annotations

import inspect
import json
import os
import sys
import warnings
from typing import Any

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "property"))

from worker import Session, run

Json = dict[str, Any]
SIZE = 96
CLASSES = 7


class Applications(Session):
    """The network built last."""

    def names(self) -> list[str]:
        import tf_keras

        found = vars(tf_keras.applications)
        return sorted(name for name in found if name[0].isupper() and callable(found[name]))

    def build(self, job: Json) -> Json:
        import tf_keras

        tf_keras.backend.clear_session()
        make = getattr(tf_keras.applications, job["name"])
        self.model = network(tf_keras, make, job["variant"])
        if self.model.count_params() > job["limit"] * 1e6:
            return {"status": "too large", "detail": f"{self.model.count_params() / 1e6:.0f} million weights"}
        perturb(self.model)
        generator = np.random.default_rng(1)
        self.feed = [generator.uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")]
        self.outputs = run(self.model, self.feed)
        self.model.save(job["path"])
        return {"status": "built"}


def network(k: Any, make: Any, variant: str) -> Any:
    settings: Json = {"weights": None, "input_shape": (SIZE, SIZE, 3)}
    if variant == "top":
        if "classifier_activation" in inspect.signature(make).parameters:
            settings["classifier_activation"] = None
        return make(classes=CLASSES, **settings)
    base = make(include_top=False, **settings)
    for layer in base.layers[: len(base.layers) // 2]:
        layer.trainable = False
    head = [k.layers.GlobalAveragePooling2D(), k.layers.Dropout(0.2), k.layers.Dense(CLASSES)]
    model = k.Sequential([base, *head])
    model.compile("adam", "mse")
    return model


def perturb(model: Any) -> None:
    """Nothing symmetrical, nothing at its initial value, activations of ordinary size."""
    generator = np.random.default_rng(0)
    for weight in model.weights:
        name, shape = weight.name, tuple(weight.shape)
        if "variance" in name or "gamma" in name:
            value = generator.uniform(0.6, 1.4, shape)
        elif "mean" in name or "beta" in name or "bias" in name:
            value = generator.normal(0, 0.1, shape)
        else:
            value = weight.numpy() * generator.uniform(0.8, 1.2, shape)
        weight.assign(value.astype(weight.dtype.as_numpy_dtype))
    for layer in model._flatten_layers():
        # Normalization computes with copies of its weights, as load_model makes them.
        layer.finalize_state()


def main() -> None:
    warnings.filterwarnings("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    answers.write("{}\n")
    session = Applications()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if "list" in job:
                found: Json = {"names": session.names()}
            else:
                found = session.compare(job) if "compare" in job else session.build(job)
        except Exception as error:
            found = {"status": "not_keras2", "detail": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
