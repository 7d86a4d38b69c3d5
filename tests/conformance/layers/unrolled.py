"""Recurrent layers that Keras 3 has no cell for: unrolled over their time steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.layers.recurrent import wrapper
from tests.conformance.layers.table import Table, flags, reals

TABLE = Table()
sequence = reals(5, 4)
masked = flags(5, 2)
if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]


def leaky(k: Any) -> Any:
    return k.layers.LeakyReLU(0.1)


ODD: dict[str, dict[str, Any]] = {
    "layer activation": {"activation": leaky},
    "two layer activations": {"activation": leaky, "recurrent_activation": lambda k: k.layers.ReLU(1.0)},
    "hard activation": {"activation": "hard_sigmoid"},
    "hard everything": {"activation": "hard_sigmoid", "recurrent_activation": "hard_sigmoid"},
    "layer activation, hard gates": {"activation": leaky, "recurrent_activation": "hard_sigmoid"},
}
FLAGS: dict[str, dict[str, Any]] = {
    "last": {},
    "sequences": {"return_sequences": True},
    "both": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "backwards state": {"go_backwards": True, "return_state": True},
    "no bias": {"use_bias": False},
    "dropout": {"dropout": 0.2, "kernel_regularizer": "l2", "recurrent_regularizer": "l1"},
}
for name in ("SimpleRNN", "GRU", "LSTM"):
    simple = name == "SimpleRNN"
    for variant, arguments in ODD.items():
        if not (simple and "recurrent_activation" in arguments):
            TABLE.each(name, sequence, {variant: {"units": 3, **arguments}})
    TABLE.each(name, sequence, {f"odd {n}": {"units": 3, "activation": leaky, **a} for n, a in FLAGS.items()})

    def odd(k: Any, n: str = name, **arguments: Any) -> Any:
        return getattr(k.layers, n)(3, activation=leaky(k), **arguments)

    variants: dict[str, Make] = {
        "masked": lambda k, x, odd=odd: odd(k)(k.layers.Masking(0)(x)),
        "masked both": lambda k, x, odd=odd: odd(k, return_sequences=True, return_state=True)(k.layers.Masking(0)(x)),
        "masked zero": lambda k, x, odd=odd: odd(k, return_sequences=True, zero_output_for_mask=True)(
            k.layers.Masking(0)(x)
        ),
        "masked backwards": lambda k, x, odd=odd: odd(k, return_sequences=True, go_backwards=True)(
            k.layers.Masking(0)(x)
        ),
        "masked chain": lambda k, x, odd=odd: k.layers.LSTM(2)(odd(k, return_sequences=True)(k.layers.Masking(0)(x))),
        "Bidirectional": lambda k, x, odd=odd: k.layers.Bidirectional(odd(k, return_sequences=True))(x),
        "Bidirectional masked": lambda k, x, odd=odd: k.layers.Bidirectional(odd(k, return_sequences=True))(
            k.layers.Masking(0)(x)
        ),
        "Bidirectional masked unroll": lambda k, x, odd=odd: k.layers.Bidirectional(
            odd(k, return_sequences=True, unroll=True)
        )(k.layers.Masking(0)(x)),
        "backwards masked unroll zero": lambda k, x, odd=odd: odd(
            k, return_sequences=True, unroll=True, go_backwards=True, zero_output_for_mask=True
        )(k.layers.Masking(0)(x)),
        "Bidirectional state": lambda k, x, odd=odd: k.layers.Bidirectional(
            odd(k, return_state=True), merge_mode="sum"
        )(x),
        "twice": lambda k, x, odd=odd: (lambda layer: layer(k.layers.Dense(2)(layer(x))))(
            odd(k, return_sequences=True)
        ),
    }
    for variant, build in variants.items():
        TABLE.add(name, f"odd {variant}", masked, build)
    TABLE.add(
        name,
        "odd mask argument",
        (sequence, reals(5, dtype="bool")),
        lambda k, x, m, odd=odd: odd(k, return_sequences=True)(x, mask=m),
    )
    states = 2 if name == "LSTM" else 1
    TABLE.add(
        name,
        "odd initial_state",
        (masked, *(reals(3) for _ in range(states))),
        lambda k, x, *s, odd=odd: odd(k, return_sequences=True)(k.layers.Masking(0)(x), initial_state=list(s)),
    )
    TABLE.add(
        name,
        "odd time_major",
        reals(5, 4, batch=3),
        lambda k, x, odd=odd: odd(k, time_major=True, return_sequences=True)(x),
    )
    TABLE.add(
        name,
        "odd TimeDistributed",
        reals(3, 4, 2),
        lambda k, x, odd=odd: k.layers.TimeDistributed(odd(k))(x),
    )
    TABLE.add(
        name,
        "odd half precision",
        sequence,
        lambda k, x, odd=odd: odd(k, return_sequences=True)(x),
        policy="mixed_float16",
        tolerance=5e-3,
    )
    TABLE.add(
        name, "odd double precision", sequence, lambda k, x, odd=odd: odd(k, return_sequences=True)(x), policy="float64"
    )
    TABLE.add(
        name,
        "odd open length",
        reals(None, 4, lengths=(6,)),
        lambda k, x, odd=odd: odd(k)(x),
        refused="the number of time steps is unknown",
    )
    TABLE.add(
        name,
        "odd stateful",
        reals(5, 4, batch=2),
        lambda k, x, odd=odd: odd(k, stateful=True)(x),
        refused="keeps no state",
    )
TABLE.each(
    "GRU",
    sequence,
    {
        "odd reset before": {"units": 3, "activation": leaky, "reset_after": False},
        "odd reset before no bias": {"units": 3, "activation": leaky, "reset_after": False, "use_bias": False},
    },
)
TABLE.add("LSTM", "odd too long", reals(300, 4), lambda k, x: k.layers.LSTM(3, activation=leaky(k))(x),
          refused="over 300 time steps")  # fmt: skip
TABLE.add("LSTM", "odd long", reals(256, 2), lambda k, x: k.layers.LSTM(2, activation="hard_sigmoid")(x))


def residual(k: Any, width: int) -> Any:
    return wrapper("ResidualWrapper")(k.layers.GRUCell(width))


RESIDUAL: dict[str, Make] = {
    "masked": lambda k, x: k.layers.RNN(residual(k, 4))(k.layers.Masking(0)(x)),
    "masked sequences": lambda k, x: k.layers.RNN(residual(k, 4), return_sequences=True, return_state=True)(
        k.layers.Masking(0)(x)
    ),
    "in a stack": lambda k, x: k.layers.RNN([k.layers.LSTMCell(4), residual(k, 4)], return_state=True)(x),
    "hard in a stack": lambda k, x: k.layers.RNN(
        [k.layers.LSTMCell(4, recurrent_activation="hard_sigmoid"), residual(k, 4)]
    )(x),
    "twice": lambda k, x: k.layers.RNN(wrapper("ResidualWrapper")(residual(k, 4)))(x),
    "around a stack": lambda k, x: k.layers.RNN(
        wrapper("ResidualWrapper")(k.layers.StackedRNNCells([k.layers.LSTMCell(3), k.layers.GRUCell(4)]))
    )(x),
    "odd": lambda k, x: k.layers.RNN(
        wrapper("ResidualWrapper")(k.layers.LSTMCell(4, activation="hard_sigmoid")), return_sequences=True
    )(x),
    "time_major": lambda k, x: k.layers.RNN(residual(k, 4), time_major=True, return_sequences=True)(x),
}
for variant, build in RESIDUAL.items():
    TABLE.add("ResidualWrapper", variant, flags(5, 4), build)
TABLE.add(
    "ResidualWrapper",
    "mask argument",
    (sequence, reals(5, dtype="bool")),
    lambda k, x, m: k.layers.RNN(residual(k, 4), return_sequences=True)(x, mask=m),
)
TABLE.add(
    "StackedRNNCells",
    "reversed states",
    (sequence, reals(3), reals(3)),
    lambda k, x, a, b: k.layers.RNN(
        k.layers.StackedRNNCells([k.layers.GRUCell(3), k.layers.SimpleRNNCell(3)], reverse_state_order=True),
        return_state=True,
    )(x, initial_state=[a, b]),
)
TABLE.add(
    "LSTM",
    "time_major mask argument",
    (reals(5, 4, batch=3), reals(5, dtype="bool", batch=3)),
    lambda k, x, m: k.layers.LSTM(3, time_major=True, return_sequences=True)(x, mask=m),
)
