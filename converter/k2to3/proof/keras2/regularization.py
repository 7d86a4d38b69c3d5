"""Noise and penalties: nothing at inference. keras/layers/noise.py, Dropout of core.py."""

from __future__ import annotations

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array


class Idle(Layer):
    """Passes values and masks on; with `training=True` there is no claim."""

    since = "1.0"
    source = "keras/layers/noise.py, core.py"
    masking = "passes"
    names = (
        "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D",
        "SpatialDropout3D", "ActivityRegularization",
    )  # fmt: skip

    def read(self, options: Options, make: Make) -> None:
        self.amount = [options.take(key, 0) for key in ("rate", "stddev", "p", "sigma")]
        options.ignore("rng_type", "noise_shape", "seed", "data_format", "l1", "l2", "dim_ordering")

    def differs_in_training(self) -> bool:
        return any(self.amount)

    def compute(self, value: Array, context: Context) -> Array:
        return value
