"""Noise and penalties: nothing at inference. keras/layers/noise.py, Dropout of core.py."""

from __future__ import annotations

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array


class Idle(Layer):
    """Passes values and masks on; with `training=True` in the call there is no claim."""

    since = "1.0"
    source = "keras/layers/noise.py, core.py"
    masking = "passes"
    names = (
        "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D",
        "SpatialDropout3D", "ActivityRegularization",
    )  # fmt: skip

    def read(self, options: Options, make: Make) -> None:
        options.ignore("rng_type", "rate", "noise_shape", "seed", "stddev", "data_format", "l1", "l2", "p", "sigma", "dim_ordering")

    def compute(self, value: Array, context: Context) -> Array:
        return value
