"""Convolution, pooling, padding, cropping, upsampling, locally connected layers."""

from __future__ import annotations

from typing import Any

from tests.conformance.layers.table import Table, flags, reals

TABLE = Table()
FEEDS = {1: reals(9, 4), 2: reals(9, 10, 4), 3: reals(6, 7, 8, 2)}
FIRST = {1: reals(4, 9), 2: reals(4, 9, 10), 3: reals(2, 6, 7, 8)}
first = {"data_format": "channels_first"}

CONV: dict[str, dict[str, Any]] = {
    "valid": {},
    "same": {"padding": "same"},
    "strides": {"strides": 2, "padding": "same"},
    "dilated": {"dilation_rate": 2},
    "hard_sigmoid": {"activation": "hard_sigmoid"},
    "no bias": {"use_bias": False, "activation": "relu"},
    "layer": {"activation": lambda k: k.layers.LeakyReLU(0.2)},
}
for rank in (1, 2, 3):
    TABLE.each(f"Conv{rank}D", FEEDS[rank], {n: {"filters": 6, "kernel_size": 3, **a} for n, a in CONV.items()})
    TABLE.each(
        f"Conv{rank}D",
        FIRST[rank],
        {
            f"first {n}": {"filters": 6, "kernel_size": 3, **a, **first}
            for n, a in CONV.items()
            if rank > 1 or n in ("valid", "same")
        },
    )
    if rank < 3:
        TABLE.each(f"Conv{rank}D", FEEDS[rank], {"groups": {"filters": 6, "kernel_size": 3, "groups": 2}})
    TABLE.each(
        f"Conv{rank}DTranspose",
        FEEDS[rank],
        {
            "valid": {"filters": 5, "kernel_size": 3},
            "same": {"filters": 5, "kernel_size": 3, "padding": "same"},
            "strides": {"filters": 5, "kernel_size": 3, "strides": 2},
            "strides same": {"filters": 5, "kernel_size": 4, "strides": 2, "padding": "same"},
            "long stride": {"filters": 5, "kernel_size": 2, "strides": 3},
            "output_padding": {"filters": 5, "kernel_size": 3, "strides": 2, "output_padding": 1},
            "output_padding same": {
                "filters": 5,
                "kernel_size": 3,
                "strides": 2,
                "padding": "same",
                "output_padding": 0,
            },
            "output_padding same 1": {
                "filters": 5,
                "kernel_size": 3,
                "strides": 2,
                "padding": "same",
                "output_padding": 1,
            },
            "hard_sigmoid": {"filters": 5, "kernel_size": 3, "activation": "hard_sigmoid"},
        },
    )
    TABLE.each(
        f"Conv{rank}DTranspose",
        FIRST[rank],
        {
            "first": {"filters": 5, "kernel_size": 3, "strides": 2, **first},
            "first output_padding": {"filters": 5, "kernel_size": 3, "strides": 2, "output_padding": 1, **first},
        },
    )
TABLE.each("Conv1D", FEEDS[1], {"causal": {"filters": 5, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}})
TABLE.each(
    "Conv2D", reals(None, None, 3, lengths=(7, 8)), {"open": {"filters": 5, "kernel_size": 3, "padding": "same"}}
)
for rank in (1, 2):
    name = f"DepthwiseConv{rank}D"
    TABLE.each(
        name,
        FEEDS[rank],
        {
            "valid": {"kernel_size": 3},
            "multiplier": {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"},
            "strides": {"kernel_size": 3, "strides": 2, "padding": "same"},
            "dilated": {"kernel_size": 3, "dilation_rate": 2},
            "hard_sigmoid": {"kernel_size": 3, "activation": "hard_sigmoid"},
        },
    )
    TABLE.each(name, FIRST[rank], {"first": {"kernel_size": 3, "depth_multiplier": 2, **first}})
    name = f"SeparableConv{rank}D"
    TABLE.each(
        name,
        FEEDS[rank],
        {
            "valid": {"filters": 5, "kernel_size": 3},
            "same": {"filters": 5, "kernel_size": 3, "padding": "same", "depth_multiplier": 2},
            "strides": {"filters": 5, "kernel_size": 3, "strides": 2, "padding": "same"},
            "dilated": {"filters": 5, "kernel_size": 3, "dilation_rate": 2},
            "hard_sigmoid": {"filters": 5, "kernel_size": 3, "activation": "hard_sigmoid"},
        },
    )
    TABLE.each(name, FIRST[rank], {"first": {"filters": 5, "kernel_size": 3, **first}})
TABLE.each(
    "SeparableConv1D",
    FEEDS[1],
    {
        "causal": {"filters": 5, "kernel_size": 3, "padding": "causal"},
        "causal dilated": {"filters": 5, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        "causal strides": {"filters": 5, "kernel_size": 3, "padding": "causal", "strides": 2},
    },
)

LOCAL: dict[str, dict[str, Any]] = {
    f"{style} {i}": {"implementation": i, **a}
    for i in (1, 2, 3)
    for style, a in {
        "valid": {},
        "strides": {"strides": 2},
        "no bias": {"use_bias": False, "activation": "relu"},
        "hard_sigmoid": {"activation": "hard_sigmoid"},
        "same": {"padding": "same"},
        "same strides": {"padding": "same", "strides": 2},
    }.items()
    if i > 1 or "same" not in style
}
for rank in (1, 2):
    name = f"LocallyConnected{rank}D"
    TABLE.each(name, FEEDS[rank], {n: {"filters": 5, "kernel_size": 3, **a} for n, a in LOCAL.items()})
    TABLE.each(
        name, FIRST[rank], {f"first {n}": {"filters": 5, "kernel_size": 3, **a, **first} for n, a in LOCAL.items()}
    )
TABLE.each(
    "LocallyConnected2D",
    FEEDS[2],
    {
        "uneven": {"filters": 5, "kernel_size": (3, 2), "strides": (2, 1)},
        "uneven same 2": {
            "filters": 5,
            "kernel_size": (3, 2),
            "strides": (2, 1),
            "padding": "same",
            "implementation": 2,
        },
        "uneven same 3": {
            "filters": 5,
            "kernel_size": (2, 4),
            "strides": (1, 3),
            "padding": "same",
            "implementation": 3,
        },
    },
)
TABLE.each(
    "LocallyConnected1D",
    FEEDS[1],
    {"even same 2": {"filters": 5, "kernel_size": 4, "padding": "same", "implementation": 2}},
)

for rank in (1, 2, 3):
    for kind in ("Max", "Average"):
        TABLE.each(
            f"{kind}Pooling{rank}D",
            FEEDS[rank],
            {
                "default": {},
                "same": {"padding": "same", "pool_size": 3, "strides": 2},
                "overlap": {"pool_size": 3, "strides": 1},
            },
        )
        TABLE.each(
            f"{kind}Pooling{rank}D",
            FIRST[rank],
            {"first": first, "first same": {"padding": "same", "pool_size": 3, "strides": 2, **first}},
        )
        TABLE.each(f"Global{kind}Pooling{rank}D", FEEDS[rank], {"plain": {}, "keepdims": {"keepdims": True}})
        TABLE.each(
            f"Global{kind}Pooling{rank}D", FIRST[rank], {"first": first, "first keepdims": {"keepdims": True, **first}}
        )
TABLE.add(
    "GlobalAveragePooling1D",
    "masked",
    flags(5, 2),
    lambda k, x: k.layers.GlobalAveragePooling1D()(k.layers.Masking(0)(x)),
)
for rank in (1, 2, 3):
    pad: Any = (1, 2) if rank == 1 else tuple((1, 2) for _ in range(rank))
    for layer, key in (("ZeroPadding", "padding"), ("Cropping", "cropping")):
        TABLE.each(f"{layer}{rank}D", FEEDS[rank], {"one": {key: 1}, "sides": {key: pad}})
        if rank > 1:
            TABLE.each(f"{layer}{rank}D", FIRST[rank], {"first": {key: pad, **first}})
TABLE.each("UpSampling1D", FEEDS[1], {"plain": {"size": 3}})
TABLE.each("UpSampling2D", FEEDS[2], {"plain": {}, "uneven": {"size": (2, 3)}})
TABLE.each(
    "UpSampling2D",
    FIRST[2],
    {
        "first": {**first},
        "first bilinear": {"interpolation": "bilinear", "size": (2, 3), **first},
        "first bicubic": {"interpolation": "bicubic", "size": (2, 3), **first},
    },
)
for way in ("bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic", "nearest"):
    TABLE.each("UpSampling2D", FEEDS[2], {way: {"interpolation": way, "size": (2, 3)}})
for way in ("nearest", "bilinear"):
    TABLE.each("UpSampling2D", reals(None, None, 3, lengths=(4, 5)), {f"open {way}": {"interpolation": way}})
TABLE.each("UpSampling3D", FEEDS[3], {"plain": {"size": (1, 2, 3)}})
TABLE.each("UpSampling3D", FIRST[3], {"first": {"size": 2, **first}})
