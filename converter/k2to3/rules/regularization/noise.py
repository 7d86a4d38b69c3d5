"""Dropout and noise: the identity at inference in both."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.rules.language import Composite, Context, Native, rule


@rule("Dropout")
def dropout(context: Context) -> Native:
    """Unchanged."""
    config = context.config
    settings = {"rate": _rate(context)}
    shape = config.take("noise_shape", None)
    if shape is not None:
        settings["noise_shape"] = shape
    return Native(context.layer("Dropout", settings | _seed(context)))


@rule("AlphaDropout")
def alpha_dropout(context: Context) -> Native:
    """Unchanged."""
    context.config.drop("noise_shape", None)
    return Native(context.layer("AlphaDropout", {"rate": _rate(context)} | _seed(context)))


@rule("GaussianDropout")
def gaussian_dropout(context: Context) -> Native:
    """Unchanged."""
    return Native(context.layer("GaussianDropout", {"rate": _rate(context)} | _seed(context)))


@rule("GaussianNoise")
def gaussian_noise(context: Context) -> Native | Composite:
    """Keras 3 refuses `stddev > 1`: the noise is then added to a scaled-down input."""
    key = "stddev" if "stddev" in context.config else "sigma"
    stddev = context.config.number(key)
    seed = _seed(context)
    if stddev <= 1:
        return Native(context.layer("GaussianNoise", {"stddev": stddev} | seed))
    scale = 1.0
    while stddev / scale > 1:
        scale *= 2
    context.note("drift", f"Keras 3 refuses stddev > 1; noise of {stddev / scale} between two rescalings")
    down = context.layer("Rescaling", {"scale": 1 / scale, "offset": 0.0}, name=f"{context.name}_down")
    noise = context.layer("GaussianNoise", {"stddev": stddev / scale} | seed)
    up = context.layer("Rescaling", {"scale": scale, "offset": 0.0}, name=f"{context.name}_up")
    return Composite(lambda graph, x, _: graph.call(up, graph.call(noise, graph.call(down, x))))


@rule("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(context: Context) -> Native:
    """Keras 3's constructor takes neither `trainable` nor `noise_shape`."""
    config = context.config
    config.drop("noise_shape", None)
    settings = {"rate": _rate(context)} | _seed(context)
    data_format = config.take("data_format", None)
    if data_format and not context.record.class_name.endswith("1D"):
        settings["data_format"] = data_format
    return Native(context.layer(context.record.class_name, settings))


def _rate(context: Context) -> float:
    config = context.config
    return config.number("rate") if "rate" in config else config.number("p")


def _seed(context: Context) -> dict[str, int]:
    seed = context.config.take("seed", None)
    # How tf-keras draws its random numbers; Keras 3 has one way.
    context.config.ignore("rng_type")
    if seed is not None and not isinstance(seed, (int, float)):
        raise BadConfig(f"{seed!r} is not a number", layer=context.name, key="seed")
    return {} if seed is None else {"seed": int(seed)}
