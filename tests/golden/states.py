"""Recurrent layers behind a mask that are given their first states: what Keras before 2.3 did otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from golden.options import LEAKY, Json, Sizes, layer, pile, piled

Case = tuple[str, str, str, Json, Sizes]
"""Name, Keras version, backend, model, weights of the layer `it`."""
UNITS = 3
KINDS = (("SimpleRNN", 1, 1), ("GRU", 3, 1), ("LSTM", 4, 2))
STEPS, FRAMES, STATE = (5, 4), (5, 6, 7, 2), (6, 7, 3)


def called(given: Json, inbound: list[str]) -> Json:
    nodes = [[[name, 0, 0, {}] for name in inbound]] if inbound else []
    return {**given, "name": given["config"]["name"], "inbound_nodes": nodes}


def start(name: str, *shape: int | None) -> Json:
    return called(layer("InputLayer", name, batch_input_shape=[None, *shape], dtype="float32"), [])


def model(
    it: Json, shape: tuple[int, ...], states: list[tuple[int, ...]], masked: bool = True, outputs: int = 1
) -> Json:
    """`it` called on a sequence behind a Masking, and on a state of each shape."""
    names = [f"state_{index}" for index in range(len(states))]
    source = [called(layer("Masking", "masking", mask_value=0.0), ["x"])] if masked else []
    first = [start("x", *shape), *source, *(start(name, *size) for name, size in zip(names, states, strict=True))]
    last = called(it, ["masking" if masked else "x", *names])
    ends = {"input_layers": [[name, 0, 0] for name in ["x", *names]]}
    ends["output_layers"] = [["it", 0, index] for index in range(outputs)]
    return {"class_name": "Model", "config": {"name": "model", "layers": [*first, last], **ends}}


def gates(count: int, width: int = 4, prefix: str = "") -> Sizes:
    total = UNITS * count
    return {f"{prefix}kernel": (width, total), f"{prefix}recurrent_kernel": (UNITS, total), f"{prefix}bias": (total,)}


def plain() -> Iterator[Case]:
    for kind, count, held in KINDS:
        states = [(UNITS,)] * held
        for variant, version, backend, config in (
            ("last", "2.2.4", "tensorflow", {}),
            ("sequences", "2.2.4", "tensorflow", {"return_sequences": True}),
            ("backwards", "2.2.4", "tensorflow", {"go_backwards": True, "return_sequences": True}),
            ("all", "2.1.6-tf", "tensorflow", {"return_sequences": True, "return_state": True}),
            ("not by TensorFlow 1.13", "2.2.4-tf", "tensorflow", {"return_sequences": True}),
            ("not by Keras 2.3", "2.3.1", "tensorflow", {"return_sequences": True}),
            ("not on Theano", "2.2.4", "theano", {"return_sequences": True}),
            ("unroll", "2.2.4", "tensorflow", {"return_sequences": True, "unroll": True}),
            ("odd", "2.2.4", "tensorflow", {"return_sequences": True, "activation": LEAKY}),
            ("odd, unroll", "2.2.4", "tensorflow", {"return_sequences": True, "activation": LEAKY, "unroll": True}),
            ("odd, last, backwards", "2.2.4", "tensorflow", {"go_backwards": True, "activation": LEAKY}),
            ("odd, by Keras 2.3", "2.3.1", "tensorflow", {"return_sequences": True, "activation": LEAKY}),
        ):
            it = layer(kind, units=UNITS, **config)
            yield f"{kind} given states, {variant}", version, backend, model(it, STEPS, states), gates(count)


def wrapped() -> Iterator[Case]:
    cells = [layer("LSTMCell", "first", units=UNITS), layer("GRUCell", "second", units=UNITS)]
    stack = {"first/" + name: size for name, size in gates(4).items()}
    stack |= {"second/" + name: size for name, size in gates(3, UNITS).items()}
    two = layer("StackedRNNCells", "cells", cells=cells)
    for version in ("2.2.4", "2.3.1", "2.4.0"):
        for masked in (False, True):
            it = layer("RNN", cell=two, return_state=True)
            given = model(it, STEPS, [(UNITS,)] * 3, masked)
            yield f"stack given states{', masked' * masked} by {version}", version, "tensorflow", given, stack
    for variant, version, kinds, config in (
        ("two", "2.4.0", ("LSTMCell", "GRUCell"), {}),
        ("V1 and V2", "2.4.0", ("LSTMCellV1", "GRUCellV2"), {}),
        ("turned", "2.4.0", ("LSTMCell", "GRUCell"), {"reverse_state_order": True}),
        ("not turned", "2.2.2", ("LSTMCell", "GRUCell"), {"reverse_state_order": False}),
        ("one", "2.4.0", ("LSTMCell",), {"reverse_state_order": True}),
        ("old", "2.2.3", ("LSTMCell", "GRUCell"), {}),
        ("none", "2.4.0", (), {}),
    ):
        it = layer("RNN", cell=pile(*kinds, **config), return_state=True)
        given = model(it, STEPS, [], masked=False, outputs=1 + 2 * len(kinds) - (len(kinds) > 1))
        yield f"stack, {variant}", version, "tensorflow", given, piled(4, 3) if len(kinds) > 1 else piled(4)
    both = {f"{way}_it/{name}": size for way in ("forward", "backward") for name, size in gates(4).items()}
    inner = layer("LSTM", "it", units=UNITS, return_sequences=True, go_backwards=True)
    it = layer("Bidirectional", layer=inner, merge_mode="ave")
    yield "Bidirectional of backwards", "2.4.0", "tensorflow", model(it, STEPS, [], masked=False), both
    for mode in ("concat", "sum", None):
        for version, more in (("2.2.4", {}), ("2.4.0", {}), ("2.2.4", {"activation": LEAKY})):
            for sequences in (False, True):
                inner = layer("LSTM", "it", units=UNITS, return_sequences=sequences, return_state=True, **more)
                it = layer("Bidirectional", layer=inner, merge_mode=mode)
                name = f"Bidirectional {mode}{', odd' * bool(more)}{', sequences' * sequences} by {version}"
                given = model(it, STEPS, [(UNITS,)] * 4, outputs=1 if mode else 2)
                yield f"{name}, given states", version, "tensorflow", given, both


def frames() -> Iterator[Case]:
    sizes: Sizes = {"kernel": (3, 3, 2, 12), "recurrent_kernel": (3, 3, 3, 12), "bias": (12,)}
    settings: Json = {"filters": 3, "kernel_size": [3, 3], "padding": "same", "return_state": True}
    settings["recurrent_activation"] = "hard_sigmoid"
    turned = [(5, 2, 6, 7), [(3, 6, 7)] * 2]
    for variant, version, backend, config in (
        ("last", "2.2.4", "tensorflow", {}),
        ("Theano", "2.2.4", "theano", {"return_sequences": True}),
        ("no bias", "2.4.0", "tensorflow", {"use_bias": False, "bias_initializer": "ones", "dropout": 0.5}),
        ("channels first", "2.4.0", "tensorflow", {"data_format": "channels_first"}),
        ("channels first, sequences", "2.2.4", "tensorflow", {"data_format": "channels_first",
                                                              "return_sequences": True}),
    ):  # fmt: skip
        it = layer("ConvLSTM2D", **settings, **config)
        shape, states = turned if "data_format" in config else (FRAMES, [STATE] * 2)
        weights = {name: size for name, size in sizes.items() if name != "bias" or config.get("use_bias", True)}
        given: Any = model(it, shape, states, masked=False)
        yield f"ConvLSTM2D given states, {variant}", version, backend, given, weights


def of_keras_1() -> Iterator[Case]:
    sizes: Sizes = {
        f"{part}_{gate}": size
        for gate in "icfo"
        for part, size in (("W", (3, 3, 2, 3)), ("U", (3, 3, 3, 3)), ("b", (3,)))
    }
    names = {"nb_filter": 3, "nb_row": 3, "nb_col": 3, "border_mode": "same", "dim_ordering": "tf"}
    more = {"inner_activation": "hard_sigmoid", "activation": "tanh", "consume_less": "cpu", "inner_init": "orthogonal"}
    it = {"class_name": "ConvLSTM2D", "config": {"name": "it", **names, **more}}
    yield "ConvLSTM2D of Keras 1", "1.2.2", "tensorflow", model(it, FRAMES, [], masked=False), sizes
    for kind, per_gate in (("LSTM", "icfo"), ("GRU", "zrh")):
        few: Sizes = {
            f"{part}_{gate}": size
            for gate in per_gate
            for part, size in (("W", (4, UNITS)), ("U", (UNITS, UNITS)), ("b", (UNITS,)))
        }
        total = UNITS * len(per_gate)
        whole: Sizes = {"W": (4, total), "U": (UNITS, total), "b": (total,)}
        for consume, weights in (("cpu", few), ("gpu", whole)):
            words = {"inner_activation": "sigmoid", "activation": "tanh", "dropout_W": 0.25, "dropout_U": 0.125}
            it = {"class_name": kind, "config": {"name": "it", "output_dim": UNITS, "consume_less": consume, **words}}
            yield f"{kind} of Keras 1, {consume}", "1.2.2", "tensorflow", model(it, STEPS, [], masked=False), weights


def cases() -> Iterator[Case]:
    yield from plain()
    yield from wrapped()
    yield from frames()
    yield from of_keras_1()
