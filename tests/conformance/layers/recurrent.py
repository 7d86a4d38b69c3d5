"""Recurrent layers, cells, wrappers, attention, masks."""

from __future__ import annotations

from typing import Any

from tests.conformance.layers.table import Table, flags, ids, reals

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
LEAKY: dict[str, Any] = {"activation": lambda k: k.layers.LeakyReLU(0.1)}
for name in ("SimpleRNN", "GRU", "LSTM"):
    TABLE.each(name, sequence, {"layer activation": {"units": 3, **LEAKY}}, refused="an activation object inside")
    hard = {"units": 3, "activation": "hard_sigmoid"}
    refused = "no weight can be rescaled" if name == "LSTM" else None
    TABLE.each(name, sequence, {"hard activation": hard}, refused=refused)
    if name != "SimpleRNN":
        TABLE.each(name, sequence, {"hard everything": hard | GATES["hard gates"]}, refused=refused)
    extra = {} if name == "SimpleRNN" else GATES
    TABLE.each(name, sequence, {n: {"units": 3, **a} for n, a in (RNN | extra).items()})
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
    lambda k, x: k.layers.RNN(_wrapper("DeviceWrapper")(k.layers.LSTMCell(3), device="/cpu:0"))(x),
)
TABLE.add(
    "ResidualWrapper",
    "LSTM last",
    sequence,
    lambda k, x: k.layers.RNN(_wrapper("ResidualWrapper")(k.layers.LSTMCell(4)))(x),
)
TABLE.add(
    "ResidualWrapper",
    "GRU sequences",
    sequence,
    lambda k, x: k.layers.RNN(
        _wrapper("ResidualWrapper")(k.layers.GRUCell(4)), return_sequences=True, return_state=True
    )(x),
)
TABLE.add(
    "ResidualWrapper",
    "backwards",
    sequence,
    lambda k, x: k.layers.RNN(
        _wrapper("ResidualWrapper")(k.layers.GRUCell(4)), return_sequences=True, go_backwards=True
    )(x),
)
TABLE.add(
    "ResidualWrapper",
    "backwards last",
    sequence,
    lambda k, x: k.layers.RNN(_wrapper("ResidualWrapper")(k.layers.GRUCell(4)), go_backwards=True)(x),
)
TABLE.add(
    "ResidualWrapper",
    "masked",
    flags(5, 4),
    lambda k, x: k.layers.RNN(_wrapper("ResidualWrapper")(k.layers.GRUCell(4)))(k.layers.Masking(0)(x)),
    refused="masked",
)
TABLE.add(
    "DropoutWrapper",
    "GRU",
    sequence,
    lambda k, x: k.layers.RNN(_wrapper("DropoutWrapper")(k.layers.GRUCell(3), input_keep_prob=0.5))(x),
    refused="drops out at inference",
)


def _wrapper(name: str) -> Any:
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

for mode in ("concat", "sum", "mul", "ave", None):
    TABLE.add(
        "Bidirectional",
        f"{mode}",
        sequence,
        lambda k, x, m=mode: k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True), merge_mode=m)(x),
    )
    TABLE.add(
        "Bidirectional",
        f"{mode} last masked",
        masked,
        lambda k, x, m=mode: k.layers.Bidirectional(k.layers.GRU(3), merge_mode=m)(k.layers.Masking(0)(x)),
    )
TABLE.add(
    "Bidirectional", "state", sequence, lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, return_state=True))(x)
)
TABLE.add(
    "Bidirectional",
    "both state",
    sequence,
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True, return_state=True), merge_mode="sum")(
        x
    ),
)
TABLE.add(
    "Bidirectional",
    "masked",
    masked,
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(k.layers.Masking(0)(x)),
)
TABLE.add(
    "Bidirectional",
    "masked chain",
    masked,
    lambda k, x: k.layers.LSTM(2)(
        k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(k.layers.Masking(0)(x))
    ),
)
TABLE.add(
    "Bidirectional",
    "hard",
    sequence,
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, recurrent_activation="hard_sigmoid"))(x),
)
TABLE.add(
    "Bidirectional",
    "backward_layer",
    sequence,
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3), backward_layer=k.layers.GRU(4, go_backwards=True))(x),
)
TABLE.add("Bidirectional", "RNN", sequence, lambda k, x: k.layers.Bidirectional(k.layers.RNN(k.layers.GRUCell(3)))(x))
TABLE.add("Bidirectional", "ConvLSTM", FRAMES[2], lambda k, x: k.layers.Bidirectional(k.layers.ConvLSTM2D(3, 2))(x))
TABLE.add(
    "Bidirectional",
    "initial_state",
    (sequence, reals(3), reals(3)),
    lambda k, x, a, b: k.layers.Bidirectional(k.layers.GRU(3))(x, initial_state=[a, b]),
)
TABLE.add(
    "Bidirectional",
    "time_major",
    sequence,
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, time_major=True, return_sequences=True))(x),
    refused="has to be rebuilt",
)

frames = reals(3, 6, 7, 2)
TABLE.add("TimeDistributed", "Dense", sequence, lambda k, x: k.layers.TimeDistributed(k.layers.Dense(3))(x))
TABLE.add(
    "TimeDistributed",
    "hard Dense",
    sequence,
    lambda k, x: k.layers.TimeDistributed(k.layers.Dense(3, activation="hard_sigmoid"))(x),
)
TABLE.add("TimeDistributed", "Conv2D", frames, lambda k, x: k.layers.TimeDistributed(k.layers.Conv2D(3, 2))(x))
TABLE.add(
    "TimeDistributed",
    "LocallyConnected2D",
    frames,
    lambda k, x: k.layers.TimeDistributed(k.layers.LocallyConnected2D(3, 2))(x),
)
TABLE.add(
    "TimeDistributed",
    "BatchNormalization",
    frames,
    lambda k, x: k.layers.TimeDistributed(k.layers.BatchNormalization())(x),
)
TABLE.add(
    "TimeDistributed",
    "multi-axis",
    frames,
    lambda k, x: k.layers.TimeDistributed(k.layers.BatchNormalization(axis=[1, 3]))(x),
)
TABLE.add("TimeDistributed", "LSTM", reals(3, 4, 2), lambda k, x: k.layers.TimeDistributed(k.layers.LSTM(3))(x))
TABLE.add(
    "TimeDistributed",
    "Bidirectional",
    reals(3, 4, 2),
    lambda k, x: k.layers.TimeDistributed(k.layers.Bidirectional(k.layers.LSTM(3)))(x),
)
TABLE.add(
    "TimeDistributed",
    "TimeDistributed",
    reals(3, 4, 2),
    lambda k, x: k.layers.TimeDistributed(k.layers.TimeDistributed(k.layers.Dense(3)))(x),
)
TABLE.add(
    "TimeDistributed",
    "model",
    frames,
    lambda k, x: k.layers.TimeDistributed(
        k.Sequential([k.layers.Conv2D(3, 2, input_shape=(6, 7, 2)), k.layers.Flatten(), k.layers.Dense(4)])
    )(x),
)
TABLE.add(
    "TimeDistributed",
    "hard Activation",
    sequence,
    lambda k, x: k.layers.TimeDistributed(k.layers.Activation("hard_sigmoid"))(x),
)
TABLE.add(
    "TimeDistributed",
    "masked",
    masked,
    lambda k, x: k.layers.LSTM(2)(k.layers.TimeDistributed(k.layers.Dense(3))(k.layers.Masking(0)(x))),
)
TABLE.add(
    "TimeDistributed",
    "Masking inside",
    flags(3, 4, 2),
    lambda k, x: k.layers.TimeDistributed(k.layers.LSTM(3))(k.layers.TimeDistributed(k.layers.Masking(0))(x)),
    refused="per time step",
)
TABLE.add(
    "TimeDistributed",
    "Embedding inside",
    ids(3, 4, high=3),
    lambda k, x: k.layers.TimeDistributed(k.layers.LSTM(3))(
        k.layers.TimeDistributed(k.layers.Embedding(4, 3, mask_zero=True))(x)
    ),
    refused="per time step",
)
TABLE.add(
    "TimeDistributed",
    "Embedding plain",
    ids(3, 4, high=3),
    lambda k, x: k.layers.TimeDistributed(k.layers.Embedding(4, 3))(x),
)
TABLE.add(
    "TimeDistributed",
    "GlobalAveragePooling1D",
    ids(3, 4, high=3),
    lambda k, x: k.layers.TimeDistributed(k.layers.GlobalAveragePooling1D())(k.layers.Embedding(4, 3)(x)),
)
TABLE.add(
    "TimeDistributed",
    "masked model",
    ids(3, 4, high=3),
    lambda k, x: k.layers.TimeDistributed(
        k.Sequential([k.layers.Embedding(4, 3, mask_zero=True, input_length=4), k.layers.LSTM(3)])
    )(x),
)
TABLE.add(
    "TimeDistributed", "open", reals(None, 4, lengths=(3,)), lambda k, x: k.layers.TimeDistributed(k.layers.Dense(3))(x)
)

query, value = reals(4, 6), reals(5, 6)
for variant, arguments in {
    "plain": {},
    "scale": {"use_scale": True},
    "concat": {"score_mode": "concat"},
    "concat scale": {"score_mode": "concat", "use_scale": True},
    "dropout": {"dropout": 0.2},
}.items():
    TABLE.add("Attention", variant, (query, value), lambda k, q, v, a=arguments: k.layers.Attention(**a)([q, v]))
TABLE.add("Attention", "key", (query, value, value), lambda k, q, v, w: k.layers.Attention()([q, v, w]))
TABLE.add("Attention", "causal", (value, value), lambda k, q, v: k.layers.Attention()([q, v], use_causal_mask=True))
TABLE.add(
    "Attention", "scores", (query, value), lambda k, q, v: k.layers.Attention()([q, v], return_attention_scores=True)
)
for name in ("Attention", "AdditiveAttention"):
    TABLE.add(
        name,
        "masks",
        (ids(4, high=3), ids(5, high=3)),
        lambda k, q, v, n=name: k.layers.LSTM(2)(
            getattr(k.layers, n)()(
                [k.layers.Embedding(4, 3, mask_zero=True)(q), k.layers.Embedding(4, 3, mask_zero=True)(v)]
            )
        ),
    )
    TABLE.add(
        name,
        "mask list",
        (query, value, reals(4, dtype="bool"), reals(5, dtype="bool")),
        lambda k, q, v, a, b, n=name: getattr(k.layers, n)()([q, v], mask=[a, b]),
    )
TABLE.add("AdditiveAttention", "plain", (query, value), lambda k, q, v: k.layers.AdditiveAttention()([q, v]))
TABLE.add(
    "AdditiveAttention", "no scale", (query, value), lambda k, q, v: k.layers.AdditiveAttention(use_scale=False)([q, v])
)
for variant, arguments in {
    "plain": {"num_heads": 2, "key_dim": 3},
    "value_dim": {"num_heads": 2, "key_dim": 3, "value_dim": 4},
    "small value_dim": {"num_heads": 2, "key_dim": 4, "value_dim": 3},
    "output_shape": {"num_heads": 2, "key_dim": 3, "output_shape": 5},
    "no bias": {"num_heads": 2, "key_dim": 3, "use_bias": False},
}.items():
    TABLE.add(
        "MultiHeadAttention",
        variant,
        (query, value),
        lambda k, q, v, a=arguments: k.layers.MultiHeadAttention(**a)(q, v),
    )
TABLE.add(
    "MultiHeadAttention",
    "key",
    (query, value, reals(5, 3)),
    lambda k, q, v, w: k.layers.MultiHeadAttention(2, 3)(q, v, w),
)
TABLE.add("MultiHeadAttention", "self", query, lambda k, q: k.layers.MultiHeadAttention(2, 3)(q, q))
TABLE.add(
    "MultiHeadAttention", "causal", query, lambda k, q: k.layers.MultiHeadAttention(2, 3)(q, q, use_causal_mask=True)
)
TABLE.add(
    "MultiHeadAttention",
    "scores",
    (query, value),
    lambda k, q, v: k.layers.MultiHeadAttention(2, 3)(q, v, return_attention_scores=True),
)
TABLE.add(
    "MultiHeadAttention",
    "axes",
    reals(3, 4, 6),
    lambda k, q: k.layers.MultiHeadAttention(2, 3, attention_axes=(1, 2))(q, q),
)
TABLE.add(
    "MultiHeadAttention",
    "one axis",
    reals(3, 4, 6),
    lambda k, q: k.layers.MultiHeadAttention(2, 3, attention_axes=(1,))(q, q),
)
TABLE.add(
    "MultiHeadAttention",
    "mask",
    (query, value, reals(4, 5, dtype="bool")),
    lambda k, q, v, m: k.layers.MultiHeadAttention(2, 3)(q, v, attention_mask=m),
)
TABLE.add(
    "MultiHeadAttention",
    "masks",
    (ids(4, high=3), ids(5, high=3)),
    lambda k, q, v: k.layers.MultiHeadAttention(2, 3)(
        k.layers.Embedding(4, 3, mask_zero=True)(q), k.layers.Embedding(4, 3, mask_zero=True)(v)
    ),
)
