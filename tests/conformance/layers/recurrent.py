"""Recurrent layers, and cells in RNN."""

from __future__ import annotations

from typing import Any

from tests.conformance.layers.table import Table, flags, reals

TABLE = Table()
sequence = reals(5, 4)
masked = flags(5, 2)

RNN: dict[str, dict[str, Any]] = {
    "plain": {},
    "sequences": {"return_sequences": True},
    "state": {"return_state": True},
    "both": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "unroll": {"unroll": True},
    "time_major": {"time_major": True, "return_sequences": True},
    "time_major state": {"time_major": True, "return_state": True},
    "no bias": {"use_bias": False},
    "relu": {"activation": "relu"},
    "dropout": {"dropout": 0.2},
    "regularized": {"kernel_regularizer": "l2", "recurrent_constraint": "unit_norm"},
}
GATES = {
    "hard gates": {"recurrent_activation": "hard_sigmoid"},
    "tanh gates": {"recurrent_activation": "tanh"},
}
for name in ("SimpleRNN", "GRU", "LSTM"):
    extra = {} if name == "SimpleRNN" else GATES
    TABLE.each(name, sequence, {n: {"units": 3, **a} for n, a in {**RNN, **extra}.items()})
    TABLE.add(name, "stateful", reals(5, 4, batch=2), lambda k, x, n=name: getattr(k.layers, n)(3, stateful=True)(x))
    TABLE.add(
        name,
        "masked",
        masked,
        lambda k, x, n=name: getattr(k.layers, n)(3, return_sequences=True)(k.layers.Masking(0)(x)),
    )
    TABLE.add(
        name,
        "zero_output",
        masked,
        lambda k, x, n=name: getattr(k.layers, n)(3, return_sequences=True, zero_output_for_mask=True)(
            k.layers.Masking(0)(x)
        ),
    )
    TABLE.add(
        name,
        "masked backwards",
        masked,
        lambda k, x, n=name: getattr(k.layers, n)(3, return_sequences=True, go_backwards=True)(k.layers.Masking(0)(x)),
    )
    TABLE.add(
        name,
        "mask argument",
        (sequence, reals(5, dtype="bool")),
        lambda k, x, m, n=name: getattr(k.layers, n)(3)(x, mask=m),
    )
    states = 2 if name == "LSTM" else 1
    TABLE.add(
        name,
        "initial_state",
        (sequence, *(reals(3) for _ in range(states))),
        lambda k, x, *s, n=name: getattr(k.layers, n)(3, return_state=True)(x, initial_state=list(s)),
    )
    TABLE.add(
        name,
        "encoder",
        (sequence, sequence),
        lambda k, x, y, n=name: getattr(k.layers, n)(3, return_sequences=True)(
            y, initial_state=getattr(k.layers, n)(3, return_state=True)(x)[1:]
        ),
    )
TABLE.each(
    "GRU",
    sequence,
    {
        "reset before": {"units": 3, "reset_after": False},
        "reset before hard": {"units": 3, "reset_after": False, "recurrent_activation": "hard_sigmoid"},
    },
)
TABLE.add("LSTM", "open length", reals(None, 4, lengths=(6,)), lambda k, x: k.layers.LSTM(3)(x))

for name in ("SimpleRNNCell", "GRUCell", "LSTMCell"):
    TABLE.add(
        name,
        "RNN",
        sequence,
        lambda k, x, n=name: k.layers.RNN(getattr(k.layers, n)(3), return_sequences=True, return_state=True)(x),
    )
    TABLE.add(
        name,
        "hard",
        sequence,
        lambda k, x, n=name: k.layers.RNN(
            getattr(k.layers, n)(
                3,
                **(
                    {"activation": "hard_sigmoid"} if n == "SimpleRNNCell" else {"recurrent_activation": "hard_sigmoid"}
                ),
            )
        )(x),
    )
TABLE.add(
    "RNN",
    "list",
    sequence,
    lambda k, x: k.layers.RNN([k.layers.LSTMCell(3), k.layers.GRUCell(4)], return_state=True)(x),
)
TABLE.add(
    "StackedRNNCells",
    "three",
    sequence,
    lambda k, x: k.layers.RNN(
        k.layers.StackedRNNCells([k.layers.LSTMCell(3), k.layers.GRUCell(4), k.layers.SimpleRNNCell(2)])
    )(x),
)
TABLE.add(
    "RNN",
    "initial_state",
    (sequence, reals(3), reals(3)),
    lambda k, x, a, b: k.layers.RNN(k.layers.LSTMCell(3))(x, initial_state=[a, b]),
)
TABLE.add(
    "RNN",
    "time_major",
    sequence,
    lambda k, x: k.layers.RNN(k.layers.GRUCell(3), time_major=True, return_sequences=True)(x),
)
TABLE.add(
    "DeviceWrapper",
    "LSTM",
    sequence,
    lambda k, x: k.layers.RNN(wrapper("DeviceWrapper")(k.layers.LSTMCell(3), device="/cpu:0"))(x),
)
TABLE.add(
    "ResidualWrapper",
    "LSTM last",
    sequence,
    lambda k, x: k.layers.RNN(wrapper("ResidualWrapper")(k.layers.LSTMCell(4)))(x),
)
TABLE.add(
    "ResidualWrapper",
    "GRU sequences",
    sequence,
    lambda k, x: k.layers.RNN(
        wrapper("ResidualWrapper")(k.layers.GRUCell(4)), return_sequences=True, return_state=True
    )(x),
)
TABLE.add(
    "ResidualWrapper",
    "backwards",
    sequence,
    lambda k, x: k.layers.RNN(
        wrapper("ResidualWrapper")(k.layers.GRUCell(4)), return_sequences=True, go_backwards=True
    )(x),
)
TABLE.add(
    "ResidualWrapper",
    "backwards last",
    sequence,
    lambda k, x: k.layers.RNN(wrapper("ResidualWrapper")(k.layers.GRUCell(4)), go_backwards=True)(x),
)
TABLE.add(
    "DropoutWrapper",
    "GRU",
    sequence,
    lambda k, x: k.layers.RNN(wrapper("DropoutWrapper")(k.layers.GRUCell(3), input_keep_prob=0.5))(x),
    refused="drops out at inference",
)


def wrapper(name: str) -> Any:
    from tf_keras.src.layers.rnn import cell_wrappers

    return getattr(cell_wrappers, name)


CONV: dict[str, dict[str, Any]] = {
    "plain": {},
    "sigmoid": {"recurrent_activation": "sigmoid", "return_sequences": True},
    "strides": {"strides": 2, "padding": "same"},
    "dilated": {"dilation_rate": 2},
    "state": {"return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
}
FRAMES = {1: reals(3, 7, 2), 2: reals(3, 6, 7, 2), 3: reals(2, 5, 6, 7, 2)}
FIRST = {1: reals(3, 2, 7), 2: reals(3, 2, 6, 7), 3: reals(2, 2, 5, 6, 7)}
for rank in (1, 2, 3):
    TABLE.each(
        f"ConvLSTM{rank}D",
        FRAMES[rank],
        {n: {"filters": 3, "kernel_size": 3, **a} for n, a in CONV.items() if rank < 3 or n != "dilated"},
    )
    TABLE.each(
        f"ConvLSTM{rank}D",
        FIRST[rank],
        {
            f"first {n}": {"filters": 3, "kernel_size": 3, "data_format": "channels_first", **CONV[n]}
            for n in ("plain", "sigmoid", "state")
        },
    )
TABLE.add(
    "ConvLSTM2D",
    "masked",
    reals(4, 5, 5, 1),
    lambda k, x: k.layers.ConvLSTM2D(2, 3, return_sequences=True)(x, mask=None),
)
TABLE.add(
    "ConvLSTM2D",
    "initial_state",
    (FRAMES[2], reals(4, 5, 3), reals(4, 5, 3)),
    lambda k, x, a, b: k.layers.ConvLSTM2D(3, 3)(x, initial_state=[a, b]),
)

TABLE.add(
    "ConvLSTM2D",
    "first initial_state",
    (FIRST[2], reals(3, 4, 5), reals(3, 4, 5)),
    lambda k, x, a, b: k.layers.ConvLSTM2D(3, 3, data_format="channels_first", return_state=True)(
        x, initial_state=[a, b]
    ),
)
