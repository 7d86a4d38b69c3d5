"""Bidirectional and TimeDistributed."""

from __future__ import annotations

from tests.conformance.layers.table import Table, flags, ids, reals

TABLE = Table()
sequence = reals(5, 4)
masked = flags(5, 2)
frames = reals(3, 6, 7, 2)

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
TABLE.add("Bidirectional", "ConvLSTM", frames, lambda k, x: k.layers.Bidirectional(k.layers.ConvLSTM2D(3, 2))(x))
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
)

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
)
TABLE.add(
    "TimeDistributed",
    "Embedding inside",
    ids(3, 4, high=3),
    lambda k, x: k.layers.TimeDistributed(k.layers.LSTM(3))(
        k.layers.TimeDistributed(k.layers.Embedding(4, 3, mask_zero=True))(x)
    ),
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
for cell in ("LSTM", "GRU", "SimpleRNN"):
    TABLE.add(
        "Bidirectional",
        f"masked unroll {cell}",
        flags(5, 2),
        lambda k, x, cell=cell: k.layers.Bidirectional(getattr(k.layers, cell)(3, return_sequences=True, unroll=True))(
            k.layers.Masking(0)(x)
        ),
        backends=("tensorflow",),
    )
